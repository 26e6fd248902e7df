#!/bin/sh
# Every test, from an installed .venv. usage: tools/test.sh [pytest arguments]
# PostgreSQL comes with the tests (tests/engines.py), Chromium from the path or the system's
# packages. What cannot run says why; with CI=true it fails instead.
set -eu
cd "$(dirname "$0")/.."

has_chromium() {
    [ -n "${BOOKING_TEST_CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser ||
        command -v google-chrome || command -v google-chrome-stable
}

if ! has_chromium >/dev/null; then
    # With a small font that has Chinese: pages are looked at in pictures, too.
    if ! sh tools/system_package.sh chromium fonts-wqy-microhei || ! has_chromium >/dev/null; then
        echo "No Chromium and no right to install it: tests in the browser will not run." >&2
        echo "As root: apt-get install chromium. Or name one in BOOKING_TEST_CHROMIUM." >&2
    fi
fi
sh tools/translations.sh
# A file's tests stay with one worker, so what they share is made once. -rs: say what was skipped.
exec .venv/bin/python -m pytest -n 2 --dist loadfile -rs "$@"

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

# Playwright drives the browser through a program of its own; a minimal Debian lacks its library.
has_driver() {
    .venv/bin/python -m playwright --version
}

if ! has_chromium >/dev/null; then
    # With a small font that has Chinese: pages are looked at in pictures, too.
    sh tools/system_package.sh chromium fonts-wqy-microhei || true
    has_chromium >/dev/null || echo "Tests in the browser cannot run: no Chromium. As root:" \
        "apt-get install chromium. Or name one in BOOKING_TEST_CHROMIUM." >&2
fi
if ! has_driver >/dev/null 2>&1; then
    sh tools/system_package.sh libatomic1 || true
    has_driver >/dev/null || echo "Tests in the browser cannot run: Playwright does not start." \
        "As root: apt-get install libatomic1" >&2
fi
sh tools/translations.sh
# A file's tests stay with one worker, so what they share is made once. -rs: say what was skipped.
exec .venv/bin/python -m pytest -n 2 --dist loadfile -rs "$@"

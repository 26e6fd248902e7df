#!/bin/sh
# Everything that reads the code without running it; all of it, then exit 1 if anything complained.
set -u
cd "$(dirname "$0")/.."
failed=

check() {
    echo "--- $*"
    ".venv/bin/$@" || failed="$failed $1"
}

check ruff check .
check ruff format --check .
check mypy
check djlint templates --lint --quiet
check python -m tools.forbidden
sh tools/translations.sh || failed="$failed translations"
check python tools/i18n.py --check
if [ -n "$failed" ]; then
    echo "Failed:$failed" >&2
    exit 1
fi

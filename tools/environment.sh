#!/bin/sh
# Make .venv hold the packages of a requirements file; quick when it already does.
# usage: tools/environment.sh requirements.txt | requirements-dev.txt
# Exit 2: this machine lacks something, and the text says what.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
stamp=.venv/installed-$wanted

# The first complete Python of the newest kinds. Asking it to run matters: a version manager's
# placeholder is on the path too. Debian's comes without ensurepip, so it is only second choice.
find_python() {
    spare=
    for name in python3.15 python3.14 python3.13 python3.12 python3.11 python3; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        if "$name" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$name"
            return
        fi
        spare=${spare:-$name}
    done
    echo "$spare"
}

python=
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    if [ -z "$python" ]; then
        echo "Python 3.11 or newer is needed (Debian 12: apt-get install python3)." >&2
        exit 2
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        sh tools/system_package.sh python3-venv || true
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$python cannot make virtual environments. As root: apt-get install python3-venv" >&2
            exit 2
        fi
    fi
    echo "Making .venv with $("$python" --version)" >&2
    "$python" -m venv --clear .venv
fi

state=$(cat requirements*.txt | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$state" ]; then
    echo "Installing $wanted (a minute the first time)" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r "$wanted"
    echo "$state" >"$stamp"
    # The developer's file contains the other.
    [ "$wanted" = requirements.txt ] || echo "$state" >.venv/installed-requirements.txt
fi

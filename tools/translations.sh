#!/bin/sh
# Compile the translations if a part is newer than what was compiled last.
set -eu
cd "$(dirname "$0")/.."
compiled=booking/translations/zh_Hans_CN/LC_MESSAGES/messages.mo
parts=booking/translations/parts
if [ ! -f "$compiled" ] || [ -n "$(find "$parts" -newer "$compiled" 2>/dev/null)" ]; then
    .venv/bin/python tools/i18n.py
fi

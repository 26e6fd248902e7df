#!/bin/sh
# From an installed .venv to a served park. usage: tools/run.sh PORT DEMO (1: with the demo park)
set -eu
cd "$(dirname "$0")/.."
port=$1 demo=$2

free='import socket, sys; socket.create_server(("127.0.0.1", int(sys.argv[1])))'
if ! .venv/bin/python -c "$free" "$port" 2>/dev/null; then
    echo "Port $port is not free. Another one: make run PORT=$((port + 1))" >&2
    exit 2
fi
sh tools/translations.sh
set -- serve --port "$port"
if [ "$demo" = 1 ]; then
    set -- demo --if-empty -- "$@"
fi
exec .venv/bin/python -m tools.start db upgrade -- "$@"

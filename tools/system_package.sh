#!/bin/sh
# Install packages of the system where that is allowed: as root, with apt-get. Else exit 1.
# usage: tools/system_package.sh NAME...
set -eu
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    exit 1
fi
echo "Installing $* by apt-get" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2 >&2
apt-get install --quiet=2 --yes --no-install-recommends "$@" >/dev/null </dev/null

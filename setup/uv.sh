# Print the path of a uv that works; fetch the pinned one when the machine has none.
#
# Asked of any python3, also one without pip or without ensurepip, so the ways are tried from the
# cheapest to the dearest, and the last one says in words what is missing.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools/uv

works() { [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }

fetch_with_pip() {  # $1: a python that has pip
    "$1" -m pip --version >/dev/null 2>&1 || return 1
    "$1" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore --upgrade \
        --only-binary=:all: --no-deps --require-hashes --target "$tools" -r "$root/setup/uv.lock" >&2
}

fetch_with_venv() {
    python3 -m venv "$root/.tools/pip" >/dev/null 2>&1 || { rm -rf "$root/.tools/pip"; return 1; }
    fetch_with_pip "$root/.tools/pip/bin/python"
}

fetch_with_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    echo "installing python3-pip, since this python3 has neither pip nor ensurepip" >&2
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-pip; } >&2 || return 1
    fetch_with_pip /usr/bin/python3
}

if works "$tools/bin/uv"; then echo "$tools/bin/uv"; exit 0; fi
if found=$(command -v uv) && works "$found"; then echo "$found"; exit 0; fi
if ! command -v python3 >/dev/null 2>&1; then
    echo "no python3 on this machine: install it (Debian, Ubuntu: apt-get install python3) and try again" >&2
    exit 1
fi
echo "fetching uv, which installs everything else" >&2
fetch_with_pip python3 || fetch_with_venv || fetch_with_apt || {
    echo "could not fetch uv: this python3 has neither pip nor ensurepip, or the package index is out of reach." >&2
    echo "Install python3-pip (Debian, Ubuntu: apt-get install python3-pip) or uv itself, and try again." >&2
    exit 1
}
works "$tools/bin/uv" || { echo "uv was fetched but does not run here: $tools/bin/uv" >&2; exit 1; }
echo "$tools/bin/uv"

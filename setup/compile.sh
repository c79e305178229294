# Write the lock files anew from pyproject.toml and setup/*.in: every package pinned with hashes, no addresses.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
uv=$(sh setup/uv.sh)
compile() { "$uv" pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate \
    --custom-compile-command "make lock" "$@"; }
compile pyproject.toml -o requirements.lock
compile pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
compile setup/uv.in -o setup/uv.lock
compile setup/node.in -o setup/node.lock
npm install --package-lock-only --ignore-scripts

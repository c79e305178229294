# Make or bring up to date everything a run needs: Python packages in .venv and the map's front-end packages
# in node_modules, both exactly as locked.   usage: sh setup/environment.sh serve|test
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
case "${1:-}" in
    serve) lock=requirements.lock ;;
    test) lock=requirements-test.lock ;;
    *) echo "usage: sh setup/environment.sh serve|test" >&2; exit 2 ;;
esac

uv=$(sh setup/uv.sh)
# The caller's own settings must not bend the locked environment.
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PROJECT_ENVIRONMENT 2>/dev/null || true
wanted=$(cat .python-version)
if ! .venv/bin/python -c 'import sys; raise SystemExit(sys.version_info < (3, 12))' 2>/dev/null; then
    echo "making .venv with Python $wanted"
    # On the PATH, else one that pyenv installed, else fetched by uv, else any that is new enough.
    made=""
    for python in here "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$wanted"*/bin/python "$wanted" '>=3.12'; do
        case "$python" in
            here) "$uv" venv --quiet --clear --no-python-downloads --python "$wanted" .venv 2>/dev/null || continue ;;
            /*) [ -x "$python" ] && "$uv" venv --quiet --clear --python "$python" .venv || continue ;;
            *) "$uv" venv --quiet --clear --python "$python" .venv || continue ;;
        esac
        made=yes
        break
    done
    [ -n "$made" ] || { echo "no Python from 3.12 on is here or to be fetched: install one and try again" >&2; exit 1; }
fi
echo "installing Python packages ($lock)"
# Bytecode is written now, once, so that every start is a second faster.
"$uv" pip sync --python .venv/bin/python --require-hashes --only-binary :all: --compile-bytecode "$lock"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --editable .

npm=$(command -v npm || true)
node_major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || node_major=0
if [ -z "$npm" ] || [ "${node_major:-0}" -lt 18 ]; then
    echo "fetching Node.js, since this machine has none that is recent enough"
    "$uv" venv --quiet --clear --python .venv/bin/python .tools/node
    "$uv" pip sync --quiet --python .tools/node/bin/python --require-hashes setup/node.lock
    PATH=$root/.tools/node/bin:$PATH
    export PATH
    npm=$root/.tools/node/bin/npm
fi
# An agency's own certificates hold for Node.js too.
if [ -n "${SSL_CERT_FILE:-}" ]; then NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$SSL_CERT_FILE}; export NODE_EXTRA_CA_CERTS; fi
echo "installing front-end packages (package-lock.json)"
if [ "$1" = test ]; then "$npm" ci --no-progress --loglevel=error; else "$npm" ci --omit=dev --no-progress --loglevel=error; fi

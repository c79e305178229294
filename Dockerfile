# syntax=docker/dockerfile:1
# Two stages: one has make, a compiler-free tool chain and the package caches; the other has Python, the
# environment and the code, runs as nobody in particular, and writes nowhere but to the volume.

FROM debian:trixie-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git make python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/blueprint
# The distribution's own Python is the pinned one, so both stages have it and nothing else is fetched.
ENV UV_PYTHON_PREFERENCE=only-system UV_LINK_MODE=copy
COPY . .
RUN make environment && rm -rf .tools

FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/blueprint --shell /usr/sbin/nologin blueprint \
 && install -d -o blueprint -g blueprint /srv/var
COPY --from=build /srv/blueprint /srv/blueprint
WORKDIR /srv/blueprint
ENV PATH=/srv/blueprint/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    BLUEPRINT_DATA=/srv/var/data \
    BLUEPRINT_PUBLISHED=/srv/var/published \
    BLUEPRINT_CACHE=/srv/var/cache \
    BLUEPRINT_KEY=/srv/var/keys/signing.pem \
    NUMBA_CACHE_DIR=/srv/var/cache/numba \
    TMPDIR=/srv/var
USER blueprint
VOLUME /srv/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/readyz' % os.environ['PORT'], timeout=2)"]
ENTRYPOINT ["blueprint"]
CMD ["serve"]

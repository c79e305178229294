"""Where the peers' programs are: as an environment variable says, built by `make bench-peers`, or on PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bench.dataset import WORK
from bench.services import PeerMissing

#: What `make bench-peers` builds, and where.
BUILT = WORK / "peers" / "bin"
#: A peer's program. Where it is a Python environment's, the peer is what is installed there.
PROGRAMS = {
    "martin": "martin",
    "pg_tileserv": "pg_tileserv",
    "tegola": "tegola",
    "tipg": "uvicorn",
    "pygeoapi": "pygeoapi",
    "pg_featureserv": "pg_featureserv",
    "tippecanoe": "tippecanoe",
}
_VERSIONS = {
    "martin": ("martin", "--version"),
    "pg_tileserv": ("pg_tileserv", "--version"),
    "tegola": ("tegola", "version"),
    "pg_featureserv": ("pg_featureserv", "--version"),
    "tippecanoe": ("tippecanoe", "--version"),
}


def find(peer: str) -> Path:
    """The path of a peer's program; PeerMissing when it is nowhere."""
    program = PROGRAMS[peer]
    found = os.environ.get(peer.upper()) or shutil.which(
        program, path=f"{BUILT}:{os.environ.get('PATH', '')}"
    )
    reason = BUILT.parent / f"{peer}.absent"
    if not found and reason.exists():
        raise PeerMissing(f"it could not be built: {reason.read_text().strip().splitlines()[-1].strip()}")
    if not found:
        raise PeerMissing(
            f"{peer} is not built (`make bench-peers`), nor on PATH, nor named by {peer.upper()}"
        )
    return Path(found)


def version(peer: str) -> str:
    """What a peer says its version is."""
    if peer in _VERSIONS:
        command = [str(find(peer)), *_VERSIONS[peer][1:]]
    else:
        python = find(peer).parent / "python"
        command = [str(python), "-c", f"from importlib.metadata import version; print(version({peer!r}))"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    words = (said.stdout + said.stderr).split()
    return next((word.lstrip("v") for word in words if word.lstrip("v")[:1].isdigit()), "of unknown version")

"""Which program this is: what one has read may mean something else to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
import shapely

ROOT: Final = Path(__file__).parent.parent
_ROOMS: Final = ("config", "tiles", "styles", "releases")


@cache
def digest() -> str:
    """A digest of the files by which releases are made, and of the libraries' versions (10 ms, once)."""
    versions = (np.__version__, pa.__version__, pyogrio.__version__, pyogrio.__gdal_version__)
    libraries = (*versions, pyproj.__proj_version__, shapely.__version__, shapely.geos_version_string)
    return digested((path for room in _ROOMS for path in (ROOT / room).rglob("*.py")), repr(libraries))


def digested(files: Iterable[Path], libraries: str) -> str:
    """A digest of files of the program, by their names and contents, and of what is said of its libraries; 16 hex digits."""
    found = hashlib.blake2b(libraries.encode(), digest_size=8)
    for path in sorted(files):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()

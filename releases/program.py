"""Which program this is: what one has read may mean something else to the next."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
import shapely

_ROOT: Final = Path(__file__).parent.parent
_ROOMS: Final = ("config", "tiles", "styles", "releases")


@cache
def digest() -> str:
    """A digest of the files by which releases are made, and of the libraries' versions (10 ms, once)."""
    versions = (np.__version__, pa.__version__, pyogrio.__version__, pyogrio.__gdal_version__)
    libraries = (*versions, pyproj.__proj_version__, shapely.__version__, shapely.geos_version_string)
    found = hashlib.sha256(repr(libraries).encode())
    for path in sorted(path for room in _ROOMS for path in (_ROOT / room).rglob("*.py")):
        found.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()

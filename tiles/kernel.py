"""How kernels are compiled: once per machine and version of this room, without the interpreter's lock.

Requests are the parallelism, so kernels are `nogil` and never `parallel`. numba's own disk cache looks only at the file a
kernel stands in, not at those it calls, so the cache folder is named after the digest of all files here: a change
anywhere in the room compiles anew, and two versions never share code.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def _digest() -> str:
    room = hashlib.blake2b(digest_size=8)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        room.update(path.read_bytes())
    return room.hexdigest()


_BASE = os.environ.get("NUMBA_CACHE_DIR") or str(Path(tempfile.gettempdir()) / "blueprint-kernels")
numba.config.CACHE_DIR = str(Path(_BASE) / _digest())

_compile = partial(numba.njit, nogil=True, cache=True, error_model="numpy")


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers; NUMBA_DISABLE_JIT=1 leaves it plain Python."""
    return cast(Function, _compile(function))

"""How kernels are compiled: once per machine and version of this room, without the interpreter's lock.

Requests are the parallelism, so kernels are `nogil` and never `parallel`. numba's own disk cache looks only
at the file a kernel stands in, not at those it calls, so the cache folder is named after the digest of all
files here: a change anywhere in the room compiles anew, and two versions never share code.

A `leaf` is a kernel that makes no array: numba then counts no references to those it is given. Counting takes an
atomic step for each array of each call, and columns are sixteen: without it polygons are encoded twice as fast.

Cached code is loaded as blindly as byte code is. Where NUMBA_CACHE_DIR names no folder, it therefore lies
beside the byte code and not in a temporary folder that others can write to.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import numba

_ROOM = Path(__file__).parent


def _digest() -> str:
    room = hashlib.blake2b(digest_size=8)
    for path in sorted(_ROOM.glob("*.py")):
        room.update(path.read_bytes())
    return room.hexdigest()


def _cached() -> bool:
    """Lead numba to this version's cache folder; whether it can be written."""
    base = os.environ.get("NUMBA_CACHE_DIR")
    folder = (Path(base) if base else _ROOM / "__pycache__" / "kernels") / _digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        logging.getLogger(__name__).warning("every start compiles the kernels anew, no cache: %s", fault)
        return False
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    return True


_compile = partial(numba.njit, nogil=True, cache=_cached(), error_model="numpy")


def kernel[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a function of arrays and numbers; NUMBA_DISABLE_JIT=1 leaves it plain Python."""
    return cast(Function, _compile(function))


def leaf[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a function that makes no array and calls nothing but leaves."""
    return cast(Function, _compile(_nrt=False)(function))

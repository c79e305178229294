"""The lakes region as a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def region(lakes: Callable[[Path], Any], tmp_path: Path) -> Any:
    """A fresh copy of the region, nothing published."""
    return lakes(tmp_path / "lakes")

"""What the tests of several rooms of the releases share."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.models import Service


@pytest.fixture(scope="session")
def dirty_demo(demo: Service, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dirty demo: the demo of all tests with some faults of every rule."""
    from releases.demo import dirty

    out = tmp_path_factory.mktemp("dirty") / "demo"
    dirty.build(root / "config" / "service.yml", demo, out, 20352035, zones=2000, faults=160)
    return out

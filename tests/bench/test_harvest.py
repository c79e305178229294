"""The bench of harvests: values of so many features are others afterwards, and its section says what was reached."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas
import shapely

from bench.harvest import report
from bench.harvest.edit import FILE, edit


def test_so_many_features_are_edited_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "data" / FILE.with_suffix(".shp")
    path.parent.mkdir(parents=True)
    count = 500
    frame = geopandas.GeoDataFrame(
        {"BSM": [f"{i:018}" for i in range(count)], "SEED": list(range(count))},
        geometry=shapely.points([(i / 10, 1) for i in range(count)]),
        crs="EPSG:4490",
    )
    frame.to_file(path)
    edit(SimpleNamespace(folder=tmp_path), 20)  # type: ignore[arg-type]
    after = geopandas.read_file(path)
    changed = (after["SEED"] != frame["SEED"]).to_numpy()
    assert changed.sum() == 20 and changed[0] and changed[-1]
    assert (after["SEED"][changed] == frame["SEED"][changed] + 1).all()
    assert (after["BSM"] == frame["BSM"]).all()


def test_the_section_says_what_was_reached_and_what_was_missed() -> None:
    def run(seconds: float, changed: int = 0) -> dict[str, Any]:
        return {"seconds": seconds, "work": seconds - 0.5, "memory": 3e8, "changed": changed, "fetched": 0}

    rows = {
        "GeoPackage": {"whole": run(16), "changes": run(1.5, 1000), "nothing": run(0.6)},
        "GeoParquet": {"whole": run(25), "changes": run(5, 1000), "nothing": run(0.6)},
    }
    about = {"commit": "abc", "at": "2026-01-01T00:00", "load": 0.1}
    figures = {"rows": rows, "features": 1_000_000, "absent": {"PostGIS": "no PostGIS"}, "about": about}
    text = report.text({"1,000,000 zones": figures})
    assert "| GeoPackage | 62,500 | reached | 15.5 | 300 | 1.50 | reached |" in text
    assert "| GeoParquet | 40,000 | **missed** | 24.5 | 300 | 5.00 | **missed** |" in text
    assert "PostGIS is absent" in text

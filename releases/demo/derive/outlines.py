"""Geometry that may be committed: rivers in a plain box, made-up counties in public-domain provinces."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from releases.demo.derive.units import Row

RIVERS = {
    "Tuo": "沱江", "Tongtian": "通天河", "Jinsha (Yangtze)": "金沙江", "Chang Jiang (Yangtze)": "长江",
    "Dadu": "大渡河", "Min": "岷江", "Wu": "乌江", "Jialing": "嘉陵江", "Yalong": "雅砻江", "Huang": "黄河",
}  # fmt: skip
RIVER_BOX = shapely.box(97.3, 26.0, 110.3, 34.4)  # a plain box, so that no boundary shows in the cut


def rivers(source: Path) -> list[tuple[Any, Row]]:
    """Natural Earth's named rivers inside a plain box."""
    path = source / "libmagics++-data/usr/share/magics/10m/ne_10m_rivers_lake_centerlines.shp"
    meta, _, geometry, values = pyogrio.raw.read(path, columns=["name", "scalerank"], encoding="latin1")
    column = dict(zip(meta["fields"], values))
    rows: list[tuple[Any, Row]] = []
    for line, text, level in zip(shapely.from_wkb(geometry), column["name"], column["scalerank"]):
        part = shapely.intersection(line, RIVER_BOX)
        if not part.is_empty:
            row = {"id": len(rows) + 1, "name_en": text, "name_zh": RIVERS.get(text), "rank": int(level)}
            rows.append((part, row))
    return rows


def stand_in(source: Path, table: list[Row]) -> list[tuple[Any, Row]]:
    """A coverage of made-up counties: Voronoi cells of the seats inside Natural Earth's provinces."""
    path = source / "qgis-common/usr/share/qgis/resources/data/world_map.gpkg"
    _, _, geometry, (name,) = pyogrio.raw.read(
        path,
        layer="states_provinces",
        columns=["name"],
        where="adm0_a3='CHN' and name in ('Sichuan','Chongqing')",
    )
    outline = dict(zip(name, shapely.from_wkb(geometry)))
    provinces = {
        "50": outline["Chongqing"],
        "51": shapely.difference(outline["Sichuan"], outline["Chongqing"]),
    }
    cells: list[Any] = []
    codes: list[str] = []
    for prefix, province in provinces.items():
        members = [row for row in table if row["level"] == "county" and row["code"].startswith(prefix)]
        points = seats_inside(members, province.buffer(-0.02))
        parts = shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints(points), extend_to=province.buffer(2))
        )
        of_point = dict(shapely.STRtree(parts).query(points, predicate="within").T)
        cells += [shapely.intersection(parts[of_point[i]], province) for i in range(len(members))]
        codes += [row["code"] for row in members]
    # Node all outlines on one grid, so that neighbours share their vertices.
    lines = shapely.union_all([cell.boundary for cell in cells], grid_size=1e-5)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inside, of_cell = shapely.STRtree(cells).query(shapely.point_on_surface(faces), predicate="within")
    grouped: dict[int, list[Any]] = defaultdict(list)
    for face, cell in zip(inside, of_cell):
        grouped[cell].append(faces[face])
    merged = {codes[cell]: shapely.coverage_union_all(group) for cell, group in grouped.items()}
    return [(merged[code], {"code": code}) for code in sorted(merged)]


def seats_inside(members: list[Row], province: Any) -> NDArray[Any]:
    """The seats of some counties, moved into the coarse outline, and apart where they coincide."""
    taken: set[tuple[float, float]] = set()
    points = []
    for row in members:
        point = shapely.Point(float(row["seat_lon"]), float(row["seat_lat"]))
        if not province.contains(point):
            point = shapely.get_point(shapely.shortest_line(province, point), 0)
        x, y = round(point.x, 5), round(point.y, 5)
        while (x, y) in taken:
            x, y = round(x + 0.013, 5), round(y + 0.007, 5)
        taken.add((x, y))
        points.append(shapely.Point(x, y))
    return np.array(points)

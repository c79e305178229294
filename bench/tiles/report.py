"""The section of bench/RESULTS.md about tiles, from the figures that the parts left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.dataset import LAYER
from bench.tables import about, count, machine, milliseconds, rate, table, times
from bench.tiles import plot

Figures = dict[str, Any]
#: Parts, their headings, and who writes each.
ORDER = ("encode", "http", "publish", "growth")


def text(kept: dict[str, Figures]) -> str:
    """The section, and beside it the plots that it shows; `kept` has each part's figures by its name."""
    lines = [*_head(kept)]
    for part in ORDER:
        for name, figures in sorted(kept.items(), key=lambda item: _size(item[0])):
            if name.split("-")[0] == part:
                lines += ["", *WRITERS[part](name, figures)]
    return "\n".join(lines)


def _head(kept: dict[str, Figures]) -> Iterator[str]:
    yield (
        f"`make bench-peers`, then `python -m bench.tiles`: {machine()}. Layer `{LAYER}` of the demo, polygons with 9 attributes. All contenders "
        "work on this machine, load generator and database included, and take turns within each round; figures are "
        "medians over the rounds, ratios medians of the ratios within a round. ms are milliseconds, bytes decimal."
    )
    found = next((figures for figures in kept.values() if "settings" in figures), None)
    if found:
        settings = ", ".join(f"{name} {value}" for name, value in found["settings"].items())
        yield ""
        yield (
            f"{found['version']}: a table in EPSG:3857 with a GiST index, clustered by it and analysed, in shared "
            f"buffers; {settings}; else PostgreSQL's defaults, parallel workers included (but for encoding, one core)."
        )


def _encode(name: str, figures: Figures) -> Iterator[str]:
    zones = _size(name)
    yield f"### Encoding alone, one thread, {zones:,} zones"
    yield ""
    yield (
        "*exact* is our encoder on the same features and attributes as the table; *as served* is the level that the "
        "server keeps for that zoom, through the server's own function, budget included. ST_AsMVT(ST_AsMVTGeom) is "
        "timed twice: inside the database by its own clock, and by a client on a unix socket around a prepared statement that "
        "answers with the tile's length, so that no tile is sent either way; both on one core, planned beforehand. "
        "Ratios are of the client's time by ours, then of the database's own. mapbox-vector-tile is given the "
        "features found and shapely's clipping. Bytes are of tiles as encoded, not compressed. "
        f"{about(figures)}"
    )
    for kind, title in (("densest", "The densest tile"), ("sample", "Up to 50 random tiles that hold data")):
        rows = [row for row in figures["rows"] if row["kind"] == kind]
        yield ""
        yield f"{title}, ms a tile:"
        yield ""
        yield from table(
            "z|tiles|exact|as served|ST_AsMVT, client|ST_AsMVT, inside|mapbox-vector-tile|ratio, exact|ratio, as served"
            "|inside, exact|inside, as served|bytes, exact|bytes, as served|bytes, ST_AsMVT|exact / ST_AsMVT",
            (_encode_row(row) for row in rows),
        )
    bytes_ = [
        row["bytes"]["ours"] / row["bytes"]["postgis"] for row in figures["rows"] if row["kind"] == "sample"
    ]
    counts = [row for row in figures["rows"] if row.get("found")]
    yield ""
    yield (
        f"Bytes of the exact tile by those of ST_AsMVT's, mean over the zooms of the samples: {sum(bytes_) / len(bytes_):.3f}. "
        "Features in the densest tiles, ours and ST_AsMVT's: "
        + ", ".join(f"z{row['zoom']} {row['found'][0]:,} and {row['found'][1]:,}" for row in counts)
        + "."
    )
    file = f"tiles-{zones}.svg"
    plot.write(Path(__file__).parent.parent / file, plot.encoding(figures["rows"], zones))
    yield ""
    yield f"![Milliseconds of a tile by zoom, {zones:,} zones]({file})"


def _encode_row(row: Figures) -> list[str]:
    seconds, size = row["seconds"], row["bytes"]
    return [
        str(row["zoom"]),
        str(row["tiles"]),
        *(milliseconds(seconds.get(name)) for name in ("ours", "level", "client", "postgis")),
        milliseconds(row["library"]),
        *(
            times(row.get(f"{other} / {name}"))
            for other in ("client", "postgis")
            for name in ("ours", "level")
        ),
        *(count(size.get(name)) for name in ("ours", "level", "postgis")),
        f"{size['ours'] / size['postgis']:.3f}",
    ]


def _http(name: str, figures: Figures) -> Iterator[str]:
    yield f"### Over HTTP, {_size(name):,} zones"
    yield ""
    versions = ", ".join(f"{peer} {version}" for peer, version in figures["versions"].items())
    yield (
        f"Tiles of z{figures['zooms'][0]}-z{figures['zooms'][-1]}, an equal share of each zoom as far as it has so many, "
        f"gzip accepted; load by wrk, one thread. Peers: {versions}. "
        "Two workers each; buffer 64 units, but pygeoapi's, fixed at 256; Granian runs ours (with its threads), the "
        "constant (4) and pygeoapi (1 each: its connections are not shared between threads). "
        f"{about(figures)}"
    )
    exact = f"z{figures['exact'][0]}-z{figures['exact'][-1]}"
    for case, title in (
        (
            "cold",
            f"Cold: {figures['addresses']['cold']:,} addresses, each asked once; ours started anew, no cache anywhere",
        ),
        ("cold alike", f"Cold, {exact}, where ours holds the same features and attributes as theirs"),
        (
            "hot",
            f"Hot: the same {figures['addresses']['hot']} addresses again and again; caches as each server comes",
        ),
        ("hot alike", f"Hot, {exact}"),
        (
            "plain",
            f"Hot, {exact}, no compression accepted (Martin keeps tiles plain and compresses each answer)",
        ),
    ):
        yield ""
        yield f"{title}:"
        yield ""
        yield from table(
            "server|connections|answers/s|ours / this|median ms|99 % ms|bytes|refused",
            (_http_row(row, figures[case]) for row in figures[case]),
        )
    yield ""
    for peer, why in figures["absent"].items():
        yield f"- {peer} is absent: {why.splitlines()[0]}"
    memory = max(figures["memory"], default=0) / 1e6
    yield f"- Resident memory of our largest worker after it all: {memory:.0f} MB, mapped files included."


def _http_row(row: Figures, rows: Sequence[Figures]) -> list[str]:
    ours = next(
        (one for one in rows if one["server"] == "ours" and one["connections"] == row["connections"]), None
    )
    ratio = ours["per_second"] / row["per_second"] if ours and row["server"] != "ours" else None
    return [
        {"limit": "a constant", "ours": "**ours**"}.get(row["server"], str(row["server"])),
        f"{row['connections']:.0f}",
        rate(row["per_second"]),
        f"{ratio:.2f}x" if ratio is not None and ratio < 10 else times(ratio),
        milliseconds(row["median"]),
        milliseconds(row["slowest"]),
        count(row["size"]),
        f"{row['refused']:.1%}" if row["refused"] else "",
    ]


def _publish(name: str, figures: Figures) -> Iterator[str]:
    yield f"### Publishing and seeding, {_size(name):,} zones"
    yield ""
    yield (
        f"{figures['features']:,} features; publishing is of all 18 layers of the demo, from deliveries to the sealed "
        f"release, checks included; seeding and exporting make and compress every tile of `{LAYER}`, each from nothing; tippecanoe "
        f"{figures['version'] or ''} makes the same zooms of the layer's GeoJSON. {about(figures)}"
    )
    yield ""
    yield from table(
        "what|seconds|memory, MB|MB on disk|tiles|largest, kB",
        (
            [
                row["what"],
                f"{row['seconds']:.1f}",
                f"{row['memory'] / 1e6:,.0f}" if row.get("memory") else "",
                f"{row['bytes'] / 1e6:,.1f}",
                count(row.get("tiles")),
                f"{row['largest'] / 1e3:,.0f}" if row.get("largest") else "",
            ]
            for row in figures["rows"]
        ),
    )
    yield ""
    yield from table(
        "level|zooms|geometry|features|attributes|rows|vertices",
        (
            [
                str(level["index"]),
                f"{level['zoom_min']}-{level['zoom_max']}",
                level["rule"],
                level["reduction"],
                str(len(level["fields"])),
                f"{level['rows']:,}",
                f"{level['vertices']:,}",
            ]
            for level in figures["levels"]
        ),
    )
    yield ""
    yield f"Columns of the layer: {figures['columns'] / 1e6:,.1f} MB."
    for peer, why in figures["absent"].items():
        yield f"- {peer}: {why.splitlines()[0]}"


def _growth(name: str, figures: Figures) -> Iterator[str]:
    yield f"### Growth: {figures['tiles']} tiles of z{figures['zoom']}, the same at each size"
    yield ""
    yield f"As served, encoding alone, one thread; ratios to the smallest. {about(figures)}"
    yield ""
    rows = figures["rows"]
    yield from table(
        "zones|features in all|in a tile|bytes a tile|search, µs a tile|ms a tile|ratio|µs a feature|ratio",
        (
            [
                f"{row['zones']:,}",
                f"{row['total']:,}",
                f"{row['features']:.1f}",
                count(row["bytes"]),
                f"{row['search'] * 1e6:.1f}",
                milliseconds(row["tile"]),
                f"{row['tile'] / rows[0]['tile']:.2f}",
                f"{row['feature'] * 1e6:.2f}",
                f"{row['feature'] / rows[0]['feature']:.2f}",
            ]
            for row in rows
        ),
    )


WRITERS = {"encode": _encode, "http": _http, "publish": _publish, "growth": _growth}


def _size(name: str) -> int:
    tail = name.rsplit("-", 1)[-1]
    return int(tail) if tail.isdigit() else 0

"""The section of bench/RESULTS.md about items, from the figures that the parts left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.cluster import SETTINGS
from bench.dataset import LAYER
from bench.items import contest, harvest, plot
from bench.items.cases import HOT
from bench.items.figures import MEGABYTE, figures
from bench.items.servers import SERVERS, THREADS
from bench.tables import about, count, machine, milliseconds, rate, table, times

PEERS = [name for name in SERVERS if name != "ours"]
Parts = Mapping[str, Any]


def text(sizes: Mapping[int, Parts]) -> str:
    """The section; `sizes` has the parts of each number of zones by their names."""
    lines = [*_head(sizes), "", *_reached(sizes)]
    for zones, parts in sorted(sizes.items()):
        lines += ["", *_size(zones, parts)]
    return "\n".join(lines)


def draw(sizes: Mapping[int, Parts], folder: Path) -> None:
    """Write the plots that the section shows."""
    for zones, parts in sizes.items():
        if "cases" in parts:
            (folder / f"items-{zones}.svg").write_text(plot.drawn(parts["cases"]["rows"], zones))


def _head(sizes: Mapping[int, Parts]) -> Iterator[str]:
    told = next((parts["cases"] for parts in sizes.values() if "cases" in parts), None)
    yield f"`make bench-peers`, then `make bench`: {machine()}. Layer `{LAYER}` of the demo, polygons with 9 attributes."
    yield ""
    if told:
        versions = ", ".join(f"{peer} {version}" for peer, version in told["versions"].items())
        settings = ", ".join(f"{name} {value}" for name, value in SETTINGS.items())
        yield (
            f"Peers: {versions}, all on {told['database']}, which holds the same rows in degrees: primary key, GiST, a "
            "B-tree for each field that is filtered or sorted by, trigrams for LIKE, in the key's order, analysed, in "
            f"shared buffers; {settings}."
        )
    yield ""
    yield (
        f"Each server has one worker process: ours and pygeoapi under Granian with {THREADS} threads, tipg under uvicorn; "
        "pg_featureserv is one process on all cores, and so is PostgreSQL's share of each peer's work. Load by wrk, one "
        f"thread, {contest.CONNECTIONS} connections; where fewer than {contest.FEW} answers would come, by "
        f"{contest.WAITING} connections that wait for whole ones. All run on this machine and take turns within each round; "
        "figures are medians over the rounds, ratios medians of the ratios within a round. Peers page by `offset`, ours by "
        "cursor. pg_featureserv does not count what matches; ours, tipg and pygeoapi say `numberMatched` in every answer. "
        f"*Hot* are {HOT} filters in turn, again and again, which ours answers from memory; *cold* is another one in each "
        "request. pygeoapi's CSV has no geometry of polygons, and tipg is harvested in the form that is its fastest, GeoJSON."
    )


def _reached(sizes: Mapping[int, Parts]) -> Iterator[str]:
    columns = {zones: figures(parts) for zones, parts in sorted(sizes.items())}
    heads = "|".join(f"{zones:,} zones" for zones in columns)
    yield from table(
        f"figures to reach|to reach|{heads}",
        ([row[0].title, row[0].wanted, *(one.verdict for one in row)] for row in zip(*columns.values())),
    )


def _size(zones: int, parts: Parts) -> Iterator[str]:
    for name, write in (
        ("cases", _cases),
        ("harvest", _harvest),
        ("forms", _forms),
        ("first", _first),
        ("memory", _memory),
    ):
        if name in parts:
            yield from write(zones, parts[name])
            yield ""


def _cases(zones: int, part: Parts) -> Iterator[str]:
    yield f"### Pages and filters, {zones:,} zones"
    yield ""
    yield f"{part['features']:,} features, {part['rounds']} rounds. {about(dict(part))}"
    yield ""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in part["rows"]:
        rows.setdefault((row["case"], row["temper"]), {})[row["server"]] = row
    # A form that no peer has stands in the table all the same: the gaps say so.
    heads = "|".join(f"{peer}/s" for peer in PEERS), "|".join(f"ours by {peer}" for peer in PEERS)
    yield from table(
        f"case|matched|bytes|ours/s|{heads[0]}|ours, ms|{heads[1]}", (_case(row) for row in rows.values())
    )
    yield ""
    yield f"![Answers a second, {zones:,} zones](items-{zones}.svg)"
    yield ""
    yield from (f"- {line}" for line in [*_differing(rows), *_refused(part), *_left_out(part)])


def _case(servers: Mapping[str, Any]) -> list[str]:
    any_row = next(iter(servers.values()))
    ours = servers.get("ours", {})
    title = f"{any_row['title']}, {any_row['temper']}" if any_row["temper"] else any_row["title"]
    return [
        title,
        count(ours.get("matched")),
        count(ours.get("size")),
        rate(ours.get("per_second")),
        *(rate(servers.get(peer, {}).get("per_second")) for peer in PEERS),
        milliseconds(ours.get("median")),
        *(times(servers.get(peer, {}).get("ratio")) for peer in PEERS),
    ]


def _differing(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> Iterator[str]:
    """Cases in which a peer found another number of features: then the ratio compares different work."""
    for (_, temper), servers in rows.items():
        mine = servers.get("ours", {}).get("matched")
        for peer in PEERS:
            theirs = servers.get(peer, {}).get("matched")
            if temper != "cold" and None not in (mine, theirs) and mine != theirs:
                yield f"{servers[peer]['title']}: ours matches {mine:,}, {peer} {theirs:,}"


def _refused(part: Parts) -> Iterator[str]:
    """Servers that answered some requests of a measurement with an error; those count as no answers."""
    for row in part["rows"]:
        if row["refused"]:
            title = f"{row['title']} {row['temper']}".strip()
            yield f"{title}: {row['server']} refused {row['refused']:.1%} of the requests"


def _left_out(part: Parts) -> Iterator[str]:
    yield from (f"left out: {line}" for line in part["left out"])
    yield from (f"{peer} is absent: {why.splitlines()[0]}" for peer, why in part["absent"].items())


def _harvest(zones: int, part: Parts) -> Iterator[str]:
    yield f"### The whole layer, {zones:,} zones"
    yield ""
    yield (
        f"One client, one connection, no compression. Ours to the end; of the peers pages of {harvest.PAGE:,}, the most "
        f"that they give, at equal distances over the layer, for {harvest.SPAN:.0f} s in each round. {about(dict(part))}"
    )
    yield ""
    ways = list(harvest.WAYS)
    yield from table(
        f"what|features/s|MB/s|features read|answers|{'|'.join(f'ours by this, {way}' for way in ways)}",
        (
            [
                row["what"],
                count(row["per_second"]),
                count(row["bytes"] / row["features"] * row["per_second"] / MEGABYTE),
                count(row["features"]),
                count(row["answers"]),
                *("-" if row["what"].startswith("ours") else times(row["ratios"][way]) for way in ways),
            ]
            for row in part["rows"]
        ),
    )


def _forms(zones: int, part: Parts) -> Iterator[str]:
    yield f"Ours in each form, {zones:,} zones, {harvest.MANY:,} features in one answer or as many as there are:"
    yield ""
    yield from table(
        "form|features|features/s|MB|MB/s|seconds|first byte, ms|first 64 KiB, ms",
        (
            [
                row["form"],
                count(row["features"]),
                count(row["per_second"]),
                f"{row['bytes'] / MEGABYTE:,.1f}",
                count(row["bytes"] / row["seconds"] / MEGABYTE),
                f"{row['seconds']:.1f}",
                milliseconds(row["first"]),
                milliseconds(row["some"]),
            ]
            for row in part["rows"]
        ),
    )


def _first(zones: int, part: Parts) -> Iterator[str]:
    yield (
        f"An answer of the whole layer begins after {milliseconds(part['first'])} ms; its first 64 KiB are there after "
        f"{milliseconds(part['some'])} ms."
    )


def _memory(zones: int, part: Parts) -> Iterator[str]:
    yield (
        f"{harvest.CROWD} clients that harvest at once for {part['seconds']:.0f} s, half by pages and half in one answer, get "
        f"{part['bytes'] / part['seconds'] / MEGABYTE:,.0f} MB/s together. The worker has "
        f"{part['before'] / MEGABYTE:,.0f} MB resident before and at most {part['resident'] / MEGABYTE:,.0f} MB meanwhile, "
        f"{part['own'] / MEGABYTE:,.0f} MB without mapped files."
    )

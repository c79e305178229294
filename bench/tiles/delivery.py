"""Tiles over HTTP: ours against every peer that runs, cold and hot, at several numbers of connections.

cold   every address is asked once, and no server has anything kept: ours is started anew for each measurement
hot    the same 64 addresses again and again, after each was asked once
limit  HTTP alone: the same server as ours sending one body of the mean size of those 64, from memory
alike  both once more at the zooms where ours is exact too, so that all send the same features and attributes
plain  hot, without compression

The load generator runs on the same machine, in one thread. The servers take turns within a round.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from bench import load, programs, services
from bench.dataset import Dataset
from bench.load import Answers
from bench.services import PeerMissing
from bench.tiles import servers
from bench.tiles.addresses import Address, mixed
from bench.tiles.postgis import Database
from bench.tiles.servers import Server, Start

PEERS: dict[str, Start] = {
    "martin": servers.martin,
    "pg_tileserv": servers.pg_tileserv,
    "tegola": servers.tegola,
    "tipg": servers.tipg,
    "pygeoapi": servers.pygeoapi,
}
CONNECTIONS = (1, 8, 64)
#: Connections of the cases that are measured at one number only.
SOME = 8
#: Zooms of the addresses, as far as the layer has them: as many of each, where a zoom has so many tiles.
ZOOMS = range(6, 15)
COLD, HOT = 4500, 64
SECONDS = 4.0

#: Measurements of the rounds by server and number of connections.
Taken = dict[tuple[str, int], list[Answers]]


class Lists(NamedTuple):
    """Addresses to ask for: of all zooms, and of those where ours is exact."""

    every: list[Address]
    exact: list[Address]


def measure(data: Dataset, database: Database, rounds: int) -> dict[str, Any]:
    """The rows of each case, and why a peer has none."""
    zooms = [zoom for zoom in ZOOMS if data.layer.level(zoom) is not None]
    exact = [zoom for zoom in zooms if (level := data.layer.level(zoom)) and not level.generalised]
    columns = data.columns(len(data.layer.levels) - 1)
    cold = Lists(*(mixed(columns, chosen, COLD, seed=1) for chosen in (zooms, exact)))
    hot = Lists(*(mixed(columns, chosen, HOT, seed=2) for chosen in (zooms, exact)))
    absent = _present()
    found: dict[str, Any] = {}
    for keeps, case, lists in ((False, _cold, cold), (True, _hot, hot)):
        with ExitStack() as stack:
            running = {}
            for name, start in PEERS.items():
                if name not in absent:
                    try:
                        running[name] = stack.enter_context(start(data, database, keeps))
                        _try(running[name], hot.exact)
                    except (PeerMissing, RuntimeError) as fault:
                        running.pop(name, None)
                        absent[name] = str(fault)
            found |= case(data, database, running, lists, rounds)
    return {
        "zooms": zooms,
        "exact": exact,
        "addresses": {"cold": len(cold.every), "hot": len(hot.every)},
        "absent": absent,
        "versions": {name: programs.version(name) for name in PEERS if name not in absent},
        **found,
    }


def _present() -> dict[str, str]:
    """Why peers are absent, of those that are."""
    absent = {}
    for name in PEERS:
        try:
            programs.find(name)
        except PeerMissing as fault:
            absent[name] = str(fault)
    return absent


def _try(server: Server, tiles: Sequence[Address]) -> None:
    """Ask for a few tiles, so that what is opened on first use is open; RuntimeError when they do not come."""
    load.measure(server.address, map(server.path, tiles), connections=4, seconds=20, once=True)


def _cold(
    data: Dataset, database: Database, peers: dict[str, Server], lists: Lists, rounds: int
) -> dict[str, Any]:
    every: Taken = {}
    alike: Taken = {}
    cases = [(every, lists.every, connections) for connections in CONNECTIONS] + [(alike, lists.exact, SOME)]
    for _ in range(rounds):
        for taken, tiles, connections in cases:
            shutil.rmtree(data.folder / "cache" / "tiles", ignore_errors=True)
            with servers.ours(data, database, False) as ours:
                _try(ours, _others(tiles))
                _take(taken, "ours", ours, tiles, connections, once=True)
            for name, server in peers.items():
                _take(taken, name, server, tiles, connections, once=True)
    return {"cold": list(_rows(every)), "cold alike": list(_rows(alike))}


def _others(tiles: Sequence[Address]) -> list[Address]:
    """Tiles that are in no list, near those that are: what a server does only at first is done on them."""
    last = max(tile.zoom for tile in tiles)
    near = [Address(last, 2 * row, 2 * col) for zoom, row, col in tiles if zoom == last - 1][:HOT]
    return sorted(set(near) - set(tiles))


def _hot(
    data: Dataset, database: Database, peers: dict[str, Server], lists: Lists, rounds: int
) -> dict[str, Any]:
    taken: dict[str, Taken] = {"hot": {}, "hot alike": {}, "plain": {}}
    with servers.ours(data, database, True) as ours:
        for tiles in lists:
            _try(ours, tiles)
        mean = load.measure(ours.address, map(ours.path, lists.every), SOME, SECONDS, once=False).size
        with servers.constant(data, _body(data.folder, int(mean))) as limit:
            for _ in range(rounds):
                for connections in CONNECTIONS:
                    for name, server in {"ours": ours, "limit": limit, **peers}.items():
                        _take(taken["hot"], name, server, lists.every, connections, once=False)
                for name, server in {"ours": ours, **peers}.items():
                    _take(taken["hot alike"], name, server, lists.exact, SOME, once=False)
                    _take(taken["plain"], name, server, lists.exact, SOME, once=False, coding="identity")
        memory = [services.memory(ours.process).resident]
    return {**{case: list(_rows(rows)) for case, rows in taken.items()}, "memory": memory}


def _take(
    taken: Taken,
    name: str,
    server: Server,
    tiles: Sequence[Address],
    connections: int,
    once: bool,
    coding: str = "gzip",
) -> None:
    """Measure and note; of a server that is unable to answer nothing is noted, and the table has a gap."""
    try:
        answers = load.measure(server.address, map(server.path, tiles), connections, SECONDS, once, coding)
    except load.Unable as fault:
        print(f"{name} at {connections} connections: {fault}", flush=True)
        return
    taken.setdefault((name, connections), []).append(answers)
    print(f"{'cold' if once else 'hot'} {name} {connections} {coding}: {answers}", flush=True)


def _rows(taken: Taken) -> Iterator[dict[str, Any]]:
    for (name, connections), answers in taken.items():
        middle = (statistics.median(column) for column in zip(*answers))
        yield {"server": name, "connections": connections, **dict(zip(Answers._fields, middle))}


def _body(folder: Path, mean: int) -> Path:
    """A file of as many bytes as a tile has without the header of its answer, which takes some 400."""
    file = folder / "constant"
    file.write_bytes(bytes(max(1, mean - 400)))
    return file

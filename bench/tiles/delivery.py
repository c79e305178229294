"""Tiles over HTTP: ours against every peer that runs, cold and hot, at several numbers of connections.

cold   every address is asked once, and no server has anything kept: ours is started anew for each measurement
hot    the same 64 addresses again and again, after each was asked once
limit  HTTP alone: the same server as ours sending one body of the mean size of those 64, from memory

The load generator runs on the same machine, in one thread. The servers take turns within a round.
"""

from __future__ import annotations

import gzip
import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.services import PeerMissing
from bench.tiles import load, programs, servers, stock
from bench.tiles.addresses import Address, mixed
from bench.tiles.dataset import Dataset
from bench.tiles.load import Answers
from bench.tiles.postgis import Database
from bench.tiles.servers import Server, Start

PEERS: dict[str, Start] = {
    "martin": servers.martin,
    "pg_tileserv": servers.pg_tileserv,
    "tegola": servers.tegola,
    "tipg": servers.tipg,
    "pygeoapi": stock.pygeoapi,
}
CONNECTIONS = (1, 8, 64)
#: Zooms of the addresses, as far as the layer has them: as many of each, where a zoom has so many tiles.
ZOOMS = range(6, 15)
COLD, HOT = 4500, 64
SECONDS = 4.0

#: Measurements of the rounds by server and number of connections.
Taken = dict[tuple[str, int], list[Answers]]


def measure(data: Dataset, database: Database, rounds: int) -> dict[str, Any]:
    """The figures of each server in each case, and why a peer has none."""
    exact = data.columns(len(data.layer.levels) - 1)
    zooms = [zoom for zoom in ZOOMS if data.layer.level(zoom) is not None]
    cold, hot = mixed(exact, zooms, COLD, seed=1), mixed(exact, zooms, HOT, seed=2)
    absent, found = _present(), {}
    for keeps in (False, True):
        with ExitStack() as stack:
            running = {}
            for name, start in PEERS.items():
                if name not in absent:
                    try:
                        running[name] = stack.enter_context(start(data, database, keeps))
                        _try(running[name], hot)
                    except (PeerMissing, RuntimeError) as fault:
                        running.pop(name, None)
                        absent[name] = str(fault)
            if keeps:
                found["hot"], found["plain"] = _hot(data, database, running, hot, rounds, stack)
            else:
                found["cold"] = _cold(data, database, running, cold, rounds)
    return {
        "zooms": zooms,
        "addresses": {"cold": len(cold), "hot": len(hot)},
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
    data: Dataset, database: Database, peers: dict[str, Server], tiles: Sequence[Address], rounds: int
) -> list[dict[str, Any]]:
    taken: Taken = {}
    # Tiles that are in no list: what any server does only at first is done on them.
    first = [Address(zoom + 1, 2 * row, 2 * col) for zoom, row, col in tiles[:HOT] if zoom == ZOOMS[-2]]
    for _ in range(rounds):
        for connections in CONNECTIONS:
            shutil.rmtree(data.folder / "cache" / "tiles", ignore_errors=True)
            with servers.ours(data, database, False) as ours:
                _try(ours, [tile for tile in first if tile not in tiles] or first)
                _take(taken, "ours", ours, tiles, connections, once=True)
            for name, server in peers.items():
                _take(taken, name, server, tiles, connections, once=True)
    return list(_rows(taken))


def _hot(
    data: Dataset,
    database: Database,
    peers: dict[str, Server],
    tiles: Sequence[Address],
    rounds: int,
    stack: ExitStack,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    taken: Taken = {}
    plain: Taken = {}
    ours = stack.enter_context(servers.ours(data, database, True))
    _try(ours, tiles)
    mean = load.measure(ours.address, map(ours.path, tiles), 8, SECONDS, once=False).size
    limit = stack.enter_context(servers.constant(data, _body(data.folder, int(mean))))
    for _ in range(rounds):
        for connections in CONNECTIONS:
            for name, server in {"ours": ours, "limit": limit, **peers}.items():
                _take(taken, name, server, tiles, connections, once=False)
        for name, server in {"ours": ours, **peers}.items():
            _take(plain, name, server, tiles, 8, once=False, coding="identity")
    memory = _memory(ours.process)
    return [{**row, "memory": memory if row["server"] == "ours" else None} for row in _rows(taken)], list(
        _rows(plain)
    )


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
    """A file of about that many bytes less the header's, gzip throughout, as a tile is."""
    file = folder / "constant.gz"
    file.write_bytes(
        gzip.compress(bytes(range(256)) * 16, 0)[: max(1, mean - 400)].ljust(max(1, mean - 400), b"\0")
    )
    return file


def _memory(process: int) -> list[int]:
    """Bytes resident of a server's workers: its child processes that hold the application."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    sizes = [int(Path(f"/proc/{child}/statm").read_text().split()[1]) * 4096 for child in children]
    # One that has ended and was not waited for yet, the announcer's, has none.
    return [size for size in sizes if size]

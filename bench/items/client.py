"""The client that harvests, a process of its own so that it never waits for the bench: `python -m bench.items.client`.

It reads bytes and looks at no feature. Its orders come as JSON on standard input, and what it found goes as JSON to
standard output.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from bench.items.dialects import whole
from bench.load import PATIENCE
from bench.services import ROOT

BUFFER = 1 << 20
#: Bytes of an answer in which some features have come whatever its form.
SOME = 1 << 16
_RETURNED = re.compile(rb'"numberReturned":\s*(\d+)')
_NEXT = re.compile(r'<([^>]*)>; rel="next"')


class Read(NamedTuple):
    """One answer read: features it says it returns, bytes, seconds to its first byte and to its first SOME of them."""

    features: int
    bytes: int
    first: float
    some: float
    following: str | None


class Order(NamedTuple):
    """What to harvest.

    Parameters
    ----------
    address : of the server
    paths : asked for one after the other
    walk : whether each is followed by `next` to the end
    seconds : after which nothing more is asked for or, with `cut`, read
    crowd : how many harvest at the same time; with more than one all that they do is counted together
    first : end each answer behind its first bytes
    """

    address: str
    paths: list[str]
    walk: bool = False
    seconds: float = 600.0
    cut: bool = False
    crowd: int = 1
    first: bool = False


class Harvest(NamedTuple):
    """What was harvested, all answers together; `first` and `some` have the seconds of each answer."""

    seconds: float
    answers: int
    features: int
    bytes: int
    first: list[float]
    some: list[float]


def harvest(order: Order) -> Harvest:
    """Harvest in a process of its own, to the end."""
    with started(order) as program:
        return ended(program)


def started(order: Order) -> subprocess.Popen[bytes]:
    """Start to harvest."""
    program = subprocess.Popen(
        [sys.executable, "-m", "bench.items.client"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert program.stdin is not None
    program.stdin.write(orjson.dumps(order._asdict()))
    program.stdin.close()
    program.stdin = None
    return program


def ended(program: subprocess.Popen[bytes]) -> Harvest:
    """Wait for a harvest; RuntimeError when it failed."""
    said, _ = program.communicate()
    if program.returncode:
        raise RuntimeError("the harvest failed, see above")
    return Harvest(**orjson.loads(said))


def main() -> None:
    """Do as ordered."""
    order = Order(**orjson.loads(sys.stdin.buffer.read()))
    end = time.perf_counter() + order.seconds
    began = time.perf_counter()
    with ThreadPoolExecutor(order.crowd) as pool:
        # Each begins with another path, so that a crowd harvests in all the ways there are at the same time.
        starts = [order.paths[one % len(order.paths) :] for one in range(order.crowd)]
        found = [
            read for reads in pool.map(lambda paths: _reads(order, paths, end), starts) for read in reads
        ]
    sys.stdout.buffer.write(orjson.dumps(_summed(found, time.perf_counter() - began)._asdict()))


def _summed(found: list[Read], seconds: float) -> Harvest:
    return Harvest(
        seconds,
        len(found),
        sum(read.features for read in found),
        sum(read.bytes for read in found),
        [read.first for read in found],
        [read.some for read in found],
    )


def _reads(order: Order, paths: list[str], end: float) -> list[Read]:
    found: list[Read] = []
    connection = http.client.HTTPConnection(urlsplit(order.address).netloc, timeout=PATIENCE)
    for path in paths:
        following: str | None = path
        while following and (time.perf_counter() < end or not found):
            found.append(_read(connection, following, order, end))
            following = found[-1].following if order.walk else None
            if order.first:
                connection.close()
    connection.close()
    return found


def _read(connection: http.client.HTTPConnection, path: str, order: Order, end: float) -> Read:
    began = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "identity"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}: {answer.read(300)!r}")
    head = answer.read(1)
    first = time.perf_counter() - began
    head += answer.read(SOME - 1)
    some = time.perf_counter() - began
    size, tail = len(head), head
    buffer = memoryview(bytearray(BUFFER))
    while not order.first and (count := answer.readinto(buffer)):
        size += count
        tail = bytes(buffer[max(0, count - 4096) : count])
        if order.cut and time.perf_counter() > end:
            connection.close()
            break
    returned = _RETURNED.search(head) or _RETURNED.search(tail)
    link = _NEXT.search(answer.getheader("Link") or "")
    return Read(int(returned[1]) if returned else 0, size, first, some, whole(link[1]) if link else None)


if __name__ == "__main__":
    main()

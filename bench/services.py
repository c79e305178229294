"""Servers that are measured, each a process of its own: how one is started, awaited and ended."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
#: Seconds that a server may need to its first answer: ours compiles its kernels at the very first start.
READY = 300.0


class PeerMissing(RuntimeError):
    """A peer cannot run on this machine; the text says what to install."""


@contextmanager
def running(command: list[str], variables: dict[str, str], log: Path, ready: str) -> Iterator[int]:
    """Run a server until the block ends; yields its process id once the address `ready` answers."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **variables}, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _await(process, ready, log)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def _await(process: subprocess.Popen[bytes], ready: str, log: Path, seconds: float = READY) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(ready, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{ready} never answered:\n{log.read_text()[-2000:]}")


class Memory(NamedTuple):
    """Bytes of a server's largest worker: resident in all, mapped files included, and those that are its own."""

    resident: int
    own: int


def memory(process: int) -> Memory:
    """What a server's workers take: its child processes, which hold the application."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    found = [_status(Path(f"/proc/{child}/status")) for child in children]
    sizes = [Memory(lines.get("VmRSS", 0), lines.get("RssAnon", 0)) for lines in found]
    return max(sizes, default=Memory(0, 0))


def _status(file: Path) -> dict[str, int]:
    """Sizes of a process in bytes; one that has ended and was not waited for yet has none."""
    lines = (line.split() for line in file.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if words[-1:] == ["kB"]}


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

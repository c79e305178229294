"""Programs that are run to their end and measured: seconds, and the largest memory that the program took."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.services import ROOT


class Cost(NamedTuple):
    """Seconds by the clock, and the bytes of memory that the program's largest process had resident."""

    seconds: float
    memory: int


class Failed(RuntimeError):
    """A program ended with an error or took too long; the text says which, and the end of what it printed."""


def run(
    command: Sequence[str], variables: Mapping[str, str], log: Path, timeout: float | None = None
) -> Cost:
    """Run a program to its end with what it prints in `log`; Failed when it fails or outlasts the time-out."""
    started = time.monotonic()
    with log.open("wb") as output:
        program = subprocess.Popen(
            command,
            env={**os.environ, **variables},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while True:
            ended, status, usage = os.wait4(program.pid, os.WNOHANG)
            seconds = time.monotonic() - started
            if ended:
                break
            if timeout is not None and seconds > timeout:
                program.kill()
                os.wait4(program.pid, 0)
                program.returncode = -9
                raise Failed(f"{command[0]} had not ended after {timeout:.0f} s")
            time.sleep(0.05)
    # The process is reaped already: subprocess must not wait for it again.
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise Failed(
            f"{command[0]} ended with {program.returncode}:\n{log.read_text(errors='replace')[-2000:]}"
        )
    return Cost(seconds, usage.ru_maxrss * 1024)


def size(folder: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if folder.is_file():
        return folder.stat().st_size
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

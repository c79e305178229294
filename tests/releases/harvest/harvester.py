"""Harvests in processes of their own, that die where a test wants them to.

Read from stdin, a line each: [url, target, schema or null, number, file,
cache folder] in JSON. NUMBER is the call of the progress, or of
what happens between two of them, at which the process kills itself; with 0 the harvest runs to its end. What it passes
is written to FILE, a line each, and errors too; its end is printed as waitpid has it. Each is a fork of this process,
which has imported everything, so that hundreds are a matter of a minute.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from releases.harvest import database, folder, package, spool  # noqa: F401  (imported before the forks)
from releases.harvest import harvest as harvests
from releases.harvest.ledger import Ledger
from releases.harvest.service import Service
from releases.harvest.target import target


def run(url: str, address: str, schema: str | None, number: int) -> None:
    passed = 0

    def here(name: str, *_: Any) -> None:
        nonlocal passed
        passed += 1
        print(name, flush=True)
        if passed == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(owner: Any, name: str) -> None:
        """Have a place before and one behind each call."""
        plain = getattr(owner, name)

        def call(*args: Any, **named: Any) -> Any:
            here(f"before {name}")
            found = plain(*args, **named)
            here(f"behind {name}")
            return found

        setattr(owner, name, call)

    watched(spool, "press")
    watched(Ledger, "append")
    watched(Ledger, "apply")
    watched(os, "replace")
    outcome = harvests.harvest(Service(url, pauses=(0.0,)), target(address, schema), progress=here)
    print(f"{outcome.status} {outcome.release}", flush=True)


def main() -> None:
    for line in sys.stdin:
        *words, file, cache = json.loads(line)
        child = os.fork()
        if not child:
            output = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.environ["XDG_CACHE_HOME"] = cache
            run(*words)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()

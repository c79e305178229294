"""A process that has everything loaded and, for each order, forks a child that acts on releases and may be killed.

    python killed.py SERVICE.YML        orders on stdin, an answer for each on stdout, both JSON a line

An order is {"act": name, ...arguments, "at": event, "after": seconds}. With `at`, the child kills itself before its
so-manieth change of the published folder; with `after`, its parent kills it then. The answer is {"returncode",
"events"}: -9 for one that was killed, and of one that was not, how many changes it made.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final

import config
from config.models import Service
from releases import geometrytext, keeping, positions, pruning
from releases.publication import Order, publish
from tiles.warm import warm

#: What Python tells of a program's acts that changes a file system (PEP 578).
CHANGES: Final = frozenset(
    (
        "open",
        "os.mkdir",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.chmod",
        "os.link",
        "os.truncate",
        "shutil.rmtree",
    )
)


class Changes:
    """Counts the changes of a folder, and ends the process before one of them."""

    def __init__(self, folder: Path, last: int | None) -> None:
        self._folder = str(folder)
        self._last = last
        self.seen = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of an event."""
        if event not in CHANGES or not self._within(event, arguments):
            return
        self.seen += 1
        if self.seen == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _within(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open" and not (
            isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            return False
        # A descriptor is of a file that was opened there before.
        return isinstance(arguments[0], int) or str(arguments[0]).startswith(self._folder)


def act(service: Service, order: dict[str, Any]) -> None:
    """Do what an order says; what is refused was done before."""
    published, name = service.published, order["act"]
    try:
        match name:
            case "publish" | "draft":
                outcome = publish(service, order=Order(by="a test", draft=name == "draft"))
                assert outcome.release_id, [str(finding) for finding in outcome.findings]
            case "rollback":
                keeping.rollback(published, order["release"])
            case "promote":
                keeping.promote(published, order["release"])
            case "tag":
                keeping.tag(published, order["tag"], order["release"])
            case "untag":
                keeping.untag(published, order["tag"])
            case "prune":
                pruning.prune(published, pruning.Policy(order["keep"], order["drafts"]))
    except keeping.ActRefused as refused:
        print(refused, file=sys.stderr)


def run(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order in a child."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            service = config.load(path, os.environ)
            changes = Changes(service.published, order.get("at"))
            sys.addaudithook(changes)
            act(service, order)
            os.write(write, str(changes.seen).encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write)
    if "after" in order:
        time.sleep(order["after"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    events = os.read(read, 64)
    os.close(read)
    return {"returncode": os.waitstatus_to_exitcode(status), "events": int(events or 0)}


def main(path: Path) -> None:
    """Load the kernels, which starts no thread that a child would miss, and obey."""
    warm()
    positions.warm()
    geometrytext.warm()
    for line in sys.stdin:
        print(json.dumps(run(path, json.loads(line))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

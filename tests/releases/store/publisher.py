"""A publish in a process of its own, that dies or waits where a test wants it to.

    python publisher.py SERVICE.YML [--kill STAGE | --wait STAGE]

STAGE is the beginning of what the progress reports, or `before-history`, `after-history`. `--wait` prints
"waiting" there and goes on after a line of input. The outcome is printed as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import config
from releases import history, publication
from releases.failure import PublishFailed
from releases.lock import Busy


def stop(act: str) -> None:
    if act == "--kill":
        os.kill(os.getpid(), signal.SIGKILL)
    print("waiting", flush=True)
    sys.stdin.readline()


def main(service: str, act: str = "", stage: str = "") -> int:
    def progress(said: str, done: int, total: int) -> None:
        if stage and said.startswith(stage):
            stop(act)

    write = history.write

    def watched(*args: Any) -> None:
        if stage == "before-history":
            stop(act)
        write(*args)
        if stage == "after-history":
            stop(act)

    history.write = watched
    try:
        outcome = publication.publish(config.load(Path(service)), progress)
    except (Busy, PublishFailed) as fault:
        print(json.dumps({"status": type(fault).__name__, "message": fault.message.en}), flush=True)
        return 3
    findings = [str(finding) for finding in outcome.findings]
    print(json.dumps({"status": outcome.status, "id": outcome.release_id, "findings": findings}), flush=True)
    return 0 if outcome.status != "refused" else 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

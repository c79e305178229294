"""Where the reports of candidates lie that were refused or held: `<published>/refused/<UTC time>-<digest>/`.

The latest few are kept, and of equal candidates only the last, so that a publisher that tries every minute does not push out
what others have to read. A report stands there as a whole or not at all.
"""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from releases import staging
from releases.report import files
from releases.report.examined import Examined

FOLDER: Final = "refused"
#: How many reports are kept.
KEPT: Final = 20
#: Digits of the digest in a folder's name.
_SHORT: Final = 8


def keep(published: Path, examined: Examined) -> Path:
    """Write the report of a candidate that is not published, and let the oldest go; its folder. The caller holds the lock."""
    digest = hashlib.sha256(examined.report).hexdigest()[:_SHORT]
    place = published / FOLDER / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{digest}"
    place.parent.mkdir(exist_ok=True)
    with staging.staged(published, f"report-{digest}") as folder:
        files.write(folder, examined)
        for old in _superseded(place.parent, digest):
            shutil.rmtree(old)
        folder.rename(place)
    return place


def _superseded(shelf: Path, digest: str) -> list[Path]:
    """The reports that give way to a new one of this digest."""
    known = sorted(path for path in shelf.iterdir() if path.is_dir())
    equal = [path for path in known if path.name.endswith(f"-{digest}")]
    others = [path for path in known if path not in equal]
    return equal + others[: max(0, len(others) + 1 - KEPT)]

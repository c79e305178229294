"""What there is to say of a release without opening it, from its manifest alone: also of one that was removed.

Read as plain JSON and not as `Manifest`, because a release that another version of this program published should still
be told of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from releases import manifest
from releases.history import ASIDE, FOLDER, Entry
from releases.store import ReleaseDamaged, ReleaseGone


class Summary(NamedTuple):
    """Some of a manifest: see `Manifest`.

    Parameters
    ----------
    root : of the tree over the release; "" where a former version has none
    parent : the id and root of the release that led when it was made
    layers : layer -> how many features it has
    sources : the files that were read, each with layer, authority, path, sha256 and more
    report : how many findings of each severity
    waivers : the warnings that somebody took upon himself
    bytes : of all files together
    """

    root: str
    parent: Mapping[str, str] | None
    layers: Mapping[str, int]
    sources: tuple[Mapping[str, Any], ...]
    report: Mapping[str, int]
    waivers: tuple[Mapping[str, str], ...]
    bytes: int


def read(published: Path, entry: Entry) -> Summary:
    """The summary of a release; ReleaseGone or ReleaseDamaged when its manifest is not there or not the one sealed."""
    return _of(orjson.loads(sealed(published, entry)))


def sealed(published: Path, entry: Entry) -> bytes:
    """The manifest of a release as it was sealed, also of one that was removed; errors as those of `read`."""
    for folder in (published / FOLDER / entry.id, published / ASIDE / entry.id):
        try:
            text = (folder / manifest.NAME).read_bytes()
        except FileNotFoundError:
            continue
        if hashlib.sha256(text).hexdigest() != entry.manifest:
            raise ReleaseDamaged(folder, f"{manifest.NAME} is not the one that was published")
        return text
    raise ReleaseGone(published / FOLDER / entry.id)


def _of(said: Mapping[str, Any]) -> Summary:
    return Summary(
        said.get("root", ""),
        said.get("parent"),
        {layer["layer"]["id"]: layer["count"] for layer in said["layers"]},
        tuple(said["sources"]),
        {name: said.get("report", {}).get(name, 0) for name in ("refuse", "warn", "note")},
        tuple(said.get("waivers", ())),
        sum(file["size"] for file in said["files"].values()),
    )

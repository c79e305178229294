"""The tile matrix sets of a release: those of the program by name, an operator's own by their documents.

A document is published with the release, so that a tile's address means the same place for ever, whatever
becomes of the operator's file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.models import Box, Service, Text
from releases.findings import Finding
from tiles import grid, sets
from tiles.grid import TileMatrixSet
from tiles.sets import UnusableError


class TileMatrixSets:
    """The sets that tiles are offered in, in their order; each is made when it is asked for first."""

    def __init__(self, names: Sequence[str], own: Sequence[Mapping[str, Any]], domain: Box) -> None:
        self._own = {str(document["id"]): document for document in own}
        self.names = (*names, *self._own)
        self._domain = domain
        self._made: dict[str, TileMatrixSet] = {}

    def __iter__(self) -> Iterator[TileMatrixSet]:
        return map(self.get, self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def get(self, name: str) -> TileMatrixSet:
        """The set of that id; KeyError when tiles are not offered in it."""
        found = self._made.get(name)
        if found is None:
            if name not in self.names:
                raise KeyError(name)
            # Two threads may both make it: what they make is equal.
            own = self._own.get(name)
            found = grid.build(own, self._domain) if own else grid.get(name, self._domain)
            self._made[name] = found
        return found


def documents(service: Service) -> tuple[dict[str, Any], ...]:
    """The operator's own definitions, read from their files: `inspect` says whether they are sound."""
    return tuple(_read(path) for path in service.own_tile_matrix_sets)


def inspect(service: Service) -> tuple[Finding, ...]:
    """What keeps tiles from being made in the sets that a service names; nothing is published then."""
    findings = []
    taken: set[str] = set(sets.NAMES)
    for path in service.own_tile_matrix_sets:
        try:
            found = grid.build(_read(path), service.region.bbox)
        except UnusableError as fault:
            findings.append(_refused(path, str(fault)))
            continue
        if found.id in taken:
            findings.append(_refused(path, f"the id {found.id} is taken, expected one of its own"))
        taken.add(found.id)
    return tuple(findings)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise UnusableError(f"it cannot be read as JSON: {fault}") from fault
    if not isinstance(document, dict):
        raise UnusableError("it holds no JSON object, expected a tile matrix set of TMS 2.0")
    return document


def _refused(path: Path, why: str) -> Finding:
    text = Text(zh=f"{path} 不能用作瓦片矩阵集：{why}", en=f"{path} is no usable tile matrix set: {why}")
    return Finding("tile-matrix-set", text)

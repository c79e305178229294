"""The contract of a target, and which of the three an address means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from releases.harvest.delta import Delta
from releases.harvest.failure import WrongTarget
from releases.harvest.form import Form
from releases.harvest.state import State
from releases.manifest import Manifest, PublishedLayer
from releases.proof.merkle import Digests
from releases.table import Table

#: Features with their digests, page by page, in the order of ids.
Tables = Iterator[tuple[Table, Digests]]
#: How the addresses of PostgreSQL begin.
DATABASES: Final = ("postgresql://", "postgres://")
#: The schema of tables in PostgreSQL, unless another is asked for.
SCHEMA: Final = "blueprint"


class Update(Protocol):
    """A next state in the making, which nobody sees before `commit`."""

    def keep(self, layer: PublishedLayer) -> None:
        """Have a layer as it is."""
        ...

    def drop(self, layer: str) -> None:
        """Have a layer no more."""
        ...

    def whole(self, layer: PublishedLayer, form: Form, tables: Tables) -> None:
        """Have a layer of these features, in place of what there is of it."""
        ...

    def change(self, layer: PublishedLayer, form: Form, delta: Delta) -> str:
        """Have a layer with these changes; the root that it has then, in hex. Astray when they do not fit."""
        ...

    def commit(self, state: State) -> None:
        """Have it seen, all at once."""
        ...


class Target(Protocol):
    """A place for a copy. `where` names it for people; `state` and `update` are for whoever holds it."""

    where: str

    def held(self) -> AbstractContextManager[Path]:
        """Hold the target alone: a folder for what is fetched. TargetFailed when another harvest has it.

        The folder goes when the block ends well, and stays for the next run when it does not.
        """
        ...

    def state(self) -> State | None:
        """What it holds; None for one that is not there yet. WrongTarget when it is something else."""
        ...

    def update(self, manifest: Manifest, before: State | None) -> AbstractContextManager[Update]:
        """Begin a next state; without `commit` the block leaves the target as it was."""
        ...


def target(address: str, schema: str | None = None) -> Target:
    """The target of an address: postgresql://..., a file x.gpkg, or a folder. WrongTarget for anything else."""
    if address.startswith(DATABASES):
        from releases.harvest.database import Database

        return Database(address, schema or SCHEMA)
    if schema is not None:
        raise WrongTarget("--schema 只用于 PostgreSQL", "--schema is for PostgreSQL alone")
    path = Path(address)
    if path.suffix.lower() == ".gpkg":
        from releases.harvest.package import Package

        return Package(path)
    if "://" in address or path.is_file() or path.suffix:
        raise WrongTarget(
            f"{address} 不是目标：应为 .gpkg 文件、文件夹或 postgresql:// 地址",
            f"{address} is no target: expected a file x.gpkg, a folder or postgresql://...",
        )
    from releases.harvest.folder import Folder

    return Folder(path)

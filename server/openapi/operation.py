"""One operation of the API definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from config.models import Text


class Operation(NamedTuple):
    """A GET.

    Parameters
    ----------
    tag, name, title : where it is listed, its id, what it gives
    parameters : names of the shared ones that it takes beside f and lang
    content : media type -> schema of its answer
    f : the shared parameter that lists its forms; a tile alone has no language beside it
    more : statuses of its own beside those that every operation may answer with
    """

    tag: str
    name: str
    title: Text
    parameters: tuple[str, ...]
    content: Mapping[str, str | None]
    f: str = "f"
    lang: bool = True
    more: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all its shared parameters."""
        return (*self.parameters, self.f, *(("lang",) if self.lang else ()))

"""One operation of the API definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from config.models import Text


class Operation(NamedTuple):
    """A GET: its tag, id and title, its parameters beside f and lang, and media type -> schema of its answer."""

    tag: str
    name: str
    title: Text
    parameters: tuple[str, ...]
    content: Mapping[str, str | None]
    plain: bool = False  # a file: it has neither f nor lang

"""What an answer in some form is about: everything that stands round its features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from config.models import Field, Lang
from releases.manifest import PublishedLayer
from releases.rendition import PLAIN, Rendition

#: Profiles of GeoJSON (OGC 21-045r1, 14).
Profile = Literal["rfc7946", "jsonfg", "jsonfg-plus"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the heads and tails of answers need; each form takes what it has a place for.

    Parameters
    ----------
    layer : whose features they are
    release : id of the release
    lang : of titles
    rendition : how the features are shown
    matched : how many features match on all pages together
    returned : how many of them are in this answer
    links : of the answer, as they are written in JSON
    schema : address of the JSON Schema of the layer's features
    profile : of GeoJSON
    bom : whether CSV is for a spreadsheet program (see `csv`)
    whole : the layer's GeoParquet file, whose columns a selection has as well
    scratch : folder for what has to be whole before it is sent
    """

    layer: PublishedLayer
    release: str
    lang: Lang = "zh"
    rendition: Rendition = PLAIN
    matched: int = 0
    returned: int = 0
    links: tuple[Mapping[str, Any], ...] = ()
    schema: str = ""
    profile: Profile = "rfc7946"
    bom: bool = False
    whole: Path | None = None
    scratch: Path | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns of a table of the features: the fields asked for, and always the one that identifies them.

        A row has no place for an id beside its columns (OGC 24-019 permits what the media type needs).
        """
        shown, said = self.rendition.fields, self.layer.layer
        if shown is None:
            return said.fields
        return tuple(field for field in said.fields if field.name in shown or field == said.id_field)

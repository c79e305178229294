"""The forms that features come in: `f` -> media type, title, and what writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from config.models import Text
from server.links import GEOJSON, HTML


class Form(NamedTuple):
    """A form: its media type, and what people call it."""

    media: str
    title: Text


#: The first is what a client gets that asks for nothing; "json" is another name for it, which links do not use.
FORMS: Final[Mapping[str, Form]] = {
    "geojson": Form(GEOJSON, Text(zh="GeoJSON", en="GeoJSON")),
    "html": Form(HTML, Text(zh="网页", en="As a page")),
}
MEDIA: Final[Mapping[str, str]] = {
    "geojson": GEOJSON,
    "json": GEOJSON,
    **{name: form.media for name, form in FORMS.items()},
}

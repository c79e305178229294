"""The forms that features come in: `f` -> media type, title, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from config.models import Text
from releases.formats import csv, flatgeobuf, geojson, geoparquet, jsonfg, sequence
from releases.formats.subject import Subject
from server.links import CSV, FLATGEOBUF, GEOJSON, GEOPACKAGE, GEOPARQUET, HTML, SEQUENCE

#: Published texts of features in lists, read as they are asked for, to the bytes of an answer.
Writer = Callable[[Iterator[list[bytes]], Subject], Iterator[bytes]]


class Form(NamedTuple):
    """A form.

    media : its media type
    title : what people call it
    write : what writes it; None for what is made of a template
    ending : of the name of a file that a browser keeps it in; None for what it shows
    """

    media: str
    title: Text
    write: Writer | None = None
    ending: str | None = None


#: The first is what a client gets that asks for nothing; "json" is another name for it, which links do not use.
FORMS: Final[Mapping[str, Form]] = {
    "geojson": Form(GEOJSON, Text(zh="GeoJSON", en="GeoJSON"), geojson.write),
    "html": Form(HTML, Text(zh="网页", en="As a page")),
    "jsonfg": Form(GEOJSON, Text(zh="JSON-FG", en="JSON-FG"), jsonfg.write),
    "geojsonseq": Form(
        SEQUENCE, Text(zh="GeoJSON 文本序列", en="GeoJSON text sequence"), sequence.write, "geojsons"
    ),
    "csv": Form(CSV, Text(zh="CSV 表格", en="CSV"), csv.write, "csv"),
    "flatgeobuf": Form(FLATGEOBUF, Text(zh="FlatGeobuf", en="FlatGeobuf"), flatgeobuf.write, "fgb"),
    "geoparquet": Form(GEOPARQUET, Text(zh="GeoParquet", en="GeoParquet"), geoparquet.write, "parquet"),
}
MEDIA: Final[Mapping[str, str]] = {
    "geojson": GEOJSON,
    "json": GEOJSON,
    **{name: form.media for name, form in FORMS.items()},
    # A whole layer and nothing less, so it is no form of a page.
    "gpkg": GEOPACKAGE,
}
#: Ending of the names of files, where a form is one.
ENDINGS: Final[Mapping[str, str]] = {
    **{name: form.ending for name, form in FORMS.items() if form.ending},
    "gpkg": "gpkg",
}


def own_name(asked: str) -> str:
    """The name that links use of a form that is asked for."""
    return "geojson" if asked == "json" else asked

"""A small layer of every type, for filters that are read and checked and not asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.models import Layer
from releases import cql2


def text(name: str) -> dict[str, str]:
    return {"zh": name, "en": name}


LAYER = Layer.model_validate(
    {
        "id": "parcels",
        "title": text("Parcels"),
        "description": text("Parcels"),
        "group": "base",
        "geometry": "Geometry",
        "fields": [
            {"name": "CODE", "type": "string", "title": text("code"), "role": "id"},
            {"name": "NAME", "type": "string", "title": text("name")},
            {"name": "KIND", "type": "string", "title": text("kind"), "codelist": "kinds"},
            {"name": "FLOORS", "type": "integer", "title": text("floors")},
            {"name": "AREA", "type": "number", "title": text("area")},
            {"name": "LISTED", "type": "boolean", "title": text("listed")},
            {"name": "SINCE", "type": "date", "title": text("since")},
            {"name": "UNTIL", "type": "date", "title": text("until")},
            {"name": "TAGS", "type": "array", "title": text("tags")},
        ],
        "sources": [{"authority": "north", "path": "parcels.geojson"}],
        "zoom": {"min": 0, "max": 12},
        "licence": {"title": text("Open")},
        "attribution": text("The surveyors"),
        "nature": "synthetic",
    }
)


@pytest.fixture(scope="session")
def layer() -> Layer:
    """A layer of every type."""
    return LAYER


@pytest.fixture(scope="session")
def checked() -> Callable[..., cql2.Filter]:
    """Read a filter and check it against the layer."""

    def checked(filter: str, lang: cql2.FilterLang = "cql2-text", crs: str = "OGC:CRS84") -> cql2.Filter:
        return cql2.check(cql2.parse(filter, lang), LAYER, crs)

    return checked


@pytest.fixture(scope="session")
def told(checked: Callable[..., cql2.Filter]) -> Callable[..., list[tuple[str, str]]]:
    """What is wrong with a filter and what is expected, in English; each in Chinese too."""

    def told(filter: str, *args: str) -> list[tuple[str, str]]:
        with pytest.raises(cql2.FilterError) as raised:
            checked(filter, *args)
        for fault in raised.value.faults:
            assert fault.message.zh != fault.message.en and fault.expected.zh
        return [(fault.message.en, fault.expected.en) for fault in raised.value.faults]

    return told

"""What a feature is called: the value of its layer's title field, for an English reader of that field's twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.models import Field, Lang, Layer


def title_field(layer: Layer, lang: Lang) -> Field | None:
    """The field that names a feature in a language. The English twin of XZQMC is XZQMC_EN, where a layer has it."""
    title = layer.title_field
    twin = layer.field(f"{title.name}_EN") if title and lang == "en" else None
    return twin or title


def named(layer: Layer, lang: Lang, properties: Mapping[str, Any]) -> str:
    """The name of a feature; its id when it has none."""
    fields = (title_field(layer, lang), layer.title_field, layer.id_field)
    return next(
        str(properties[field.name]) for field in fields if field and properties.get(field.name) is not None
    )

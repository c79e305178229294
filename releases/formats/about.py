"""What a file says about itself, since it is handed on without the server that it came from."""

from __future__ import annotations

from collections.abc import Mapping

from config.models import Text
from releases.manifest import PublishedLayer


def about(layer: PublishedLayer, release: str) -> Mapping[str, str]:
    """Release, layer, how real it is, whom to name and under which terms: name -> text, in both languages."""
    texts = {
        "title": layer.layer.title,
        "description": layer.layer.description,
        "attribution": layer.attribution,
        "licence": layer.licence.title,
    }
    if layer.notices:
        texts["notices"] = Text(
            zh="；".join(one.zh for one in layer.notices), en="; ".join(one.en for one in layer.notices)
        )
    said = {"release": release, "collection": layer.id, "nature": layer.nature}
    if layer.licence.id:
        said["licence_id"] = layer.licence.id
    if layer.licence.url:
        said["licence_url"] = layer.licence.url
    for name, text in texts.items():
        said |= {name: text.zh, f"{name}_en": text.en}
    return said

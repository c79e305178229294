"""What a file says about itself, since it is handed on without the server that it came from."""

from __future__ import annotations

from collections.abc import Mapping

from config.models import Text
from releases.manifest import PublishedLayer


def about(layer: PublishedLayer, release: str | None) -> Mapping[str, str]:
    """Which layer, how real it is, whom to name and under which terms: name -> text, in both languages.

    `content` is the digest by which every manifest knows the layer. A selection names its `release`; the file of a whole
    layer does not, so that it stays the same file in every release in which the layer is the same.
    """
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
    said = {"collection": layer.id, "content": f"sha256:{layer.digest}", "nature": layer.nature}
    if release is not None:
        said["release"] = release
    if layer.licence.id:
        said["licence_id"] = layer.licence.id
    if layer.licence.url:
        said["licence_url"] = layer.licence.url
    for name, text in texts.items():
        said |= {name: text.zh, f"{name}_en": text.en}
    return said

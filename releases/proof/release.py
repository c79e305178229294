"""The root of a release: one digest over everything that it consists of.

    entry = JCS({"name": …, "digest": …})

The entries, sorted by name, are `layer/<id>` (the layer's root), `configuration` (of what the manifest says of the
service and of each layer's configuration), `style`, `report`, and `parent` (the root of the release before) unless it
is the first. They are the leaves of a tree like a layer's.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785
from pydantic import ValidationError

from config.models import Text
from releases.manifest import Manifest
from releases.proof import merkle


class ManifestUnusable(Exception):
    """A manifest that is none, or that does not agree with itself; `message` says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh=zh, en=en)
        super().__init__(en)


def parts(manifest: Manifest) -> Mapping[str, str]:
    """What a release consists of: name -> digest in hex, sorted by name."""
    configuration: dict[str, Any] = {
        "service": manifest.service.model_dump(mode="json"),
        "layers": [layer.layer.model_dump(mode="json") for layer in manifest.layers],
    }
    found = {
        "configuration": sha256(rfc8785.dumps(configuration)).hexdigest(),
        "report": manifest.report.digest,
        "style": sha256(rfc8785.dumps(manifest.style.model_dump(mode="json"))).hexdigest(),
        **{f"layer/{layer.id}": layer.root for layer in manifest.layers},
    }
    if manifest.parent is not None:
        found["parent"] = manifest.parent.root
    return dict(sorted(found.items()))


def root(manifest: Manifest) -> str:
    """The root over all parts, in hex."""
    entries = [rfc8785.dumps({"name": name, "digest": digest}) for name, digest in parts(manifest).items()]
    return merkle.root(merkle.digests(map(merkle.leaf, entries))).hex()


def read(text: bytes, where: str) -> Manifest:
    """The manifest in a text; ManifestUnusable when it is none, or its id or root are not those of its content."""
    try:
        said = Manifest.model_validate_json(text)
    except ValidationError as fault:
        why = fault.errors()[0]["msg"]
        raise ManifestUnusable(f"{where} 不是清单：{why}", f"{where} is no manifest: {why}") from fault
    for name, found in (("id", said.identity()), ("root", root(said))):
        if getattr(said, name) != found:
            raise ManifestUnusable(
                f"清单 {where} 已被改动：{name} 应为 {found}",
                f"the manifest {where} was altered: by its content its {name} is {found}",
            )
    return said

"""What a target says about itself: whose copy it is, of which release, and what each layer in it is."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from config.models import Frozen
from releases.harvest.form import Form
from releases.manifest import PublishedLayer, canonical
from releases.proof.keys import KeyRing


class Held(Frozen):
    """A layer in a target.

    root : of the tree over its features
    count : how many there are
    schema_digest, about_digest : of its columns, and of all else that the target says about it
    form : what its values are like
    """

    root: str
    count: int
    schema_digest: str
    about_digest: str
    form: Form

    @classmethod
    def of(cls, layer: PublishedLayer, form: Form) -> Held:
        """A layer as a release has it."""
        return cls(
            root=layer.root,
            count=layer.count,
            schema_digest=schema_digest(layer),
            about_digest=about_digest(layer),
            form=form,
        )


class State(Frozen):
    """What a target holds.

    Parameters
    ----------
    format : of this document
    service : the id of the service whose copy it is
    url : where it was harvested from
    release, root : the release that it is equal to
    keys : the public keys that its manifests are signed with, trusted since they were first seen; none: unsigned
    chosen : the layers asked for; None: all of the release's
    harvested : when, RFC 3339 in UTC
    layers : by their ids
    """

    format: Literal[1] = 1
    service: str
    url: str
    release: str
    root: str
    keys: KeyRing
    chosen: tuple[str, ...] | None
    harvested: str
    layers: dict[str, Held]


def schema_digest(layer: PublishedLayer) -> str:
    """The digest of what decides about a table's columns."""
    said = layer.layer
    fields = [(field.name, field.type, field.role) for field in said.fields]
    return _digest([fields, said.geometry])


def about_digest(layer: PublishedLayer) -> str:
    """The digest of titles, terms and whatever else is told of a layer."""
    kept = {"title", "description", "fields", "licence"}
    said = layer.layer.model_dump(mode="json", include=kept)
    notices = [notice.model_dump() for notice in layer.notices]
    return _digest([said, layer.attribution.model_dump(), layer.nature, notices])


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()

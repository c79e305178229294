"""What proves that data are the published ones: a feature's way to the release's root, the signature, and the keys."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from flask import Response

from releases.proof import inclusion, keys, signature
from releases.proof import release as root
from server import freshness
from server.alternates import alternates
from server.answer import answer, whole
from server.ask import Ask, Route, current
from server.links import JSON, PROOF, link
from server.problems import Missing

#: A JWK Set (RFC 7517 8.5).
JWKS: Final = "application/jwk-set+json"


def proof(layer_id: str, feature_id: str) -> Response:
    """The inclusion proof of a feature, with all that leads from its bytes to the signed manifest."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    found = inclusion.inclusion(ask.release.store, layer, feature_id)
    text, shape = found.entry[: len(found.entry) - found.shape], found.entry[len(found.entry) - found.shape :]
    document = {
        "title": ask.say("要素的包含证明", "Inclusion proof of a feature"),
        "collection": layer_id,
        "id": feature_id,
        "entry": {
            "json": text.decode(),
            "geometry": {"bytes": len(shape), "sha256": hashlib.sha256(shape).hexdigest()},
        },
        "leaf": found.leaf.hex(),
        "index": found.index,
        "size": found.size,
        "path": [digest.hex() for digest in found.path],
        "root": layer.root,
        "release": {
            "id": ask.release.id,
            "root": ask.manifest.root,
            "parts": [{"name": name, "digest": digest} for name, digest in root.parts(ask.manifest).items()],
        },
        "signature": signed(ask),
        "links": _links(ask, layer_id, feature_id),
    }
    return answer(ask, document, "proof.html", {"layer": layer})


def signed(ask: Ask) -> dict[str, Any] | None:
    """What the release's signature says; None where it is not signed."""
    said = signature.said(ask.release.path)
    return None if said is None else said.model_dump(mode="json")


def manifest_signature() -> Response:
    """The signature on the manifest, byte for byte. Missing where the release is not signed."""
    ask = current()
    text = signature.read(ask.release.path)
    if text is None:
        raise Missing("signature", ask.release.id)
    return whole(ask, text, JSON)


def well_known_keys() -> Response:
    """The public keys, those that were retired too; an empty set where nothing was ever signed."""
    ask = current()
    text = keys.read(ask.catalogue.published).to_bytes()
    # Keys change without a release: a tag of its own, and no coding, since it is a few hundred bytes.
    tag = f'"{hashlib.sha256(text).hexdigest()[:24]}"'
    response = whole(ask, text, JWKS)
    if freshness.named(ask.incoming.header("IF_NONE_MATCH") or "", [tag]):
        response = Response(status=304)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = freshness.REVALIDATE
    return response


def _links(ask: Ask, layer_id: str, feature_id: str) -> list[dict[str, Any]]:
    links, say = ask.links, ask.say
    title = say("包含证明", "Inclusion proof")
    return [
        *alternates(ask, lambda **query: links.proof(layer_id, feature_id, **query), title),
        link("up", links.item(layer_id, feature_id), title=say("要素", "The feature")),
        link("describedby", links.manifest(f="json"), JSON, say("版次清单", "The manifest of the release")),
        *signature_links(ask),
    ]


def signature_links(ask: Ask) -> list[dict[str, Any]]:
    """The links to the release's signature and the keys; none where it is not signed."""
    if signed(ask) is None:
        return []
    return [
        link(PROOF, ask.links.signature(), JSON, ask.say("清单的签名", "The signature on the manifest")),
        link("related", ask.links.keys(), JWKS, ask.say("公钥", "The public keys")),
    ]


ROUTES = (
    Route("/collections/<layer_id>/items/<path:feature_id>/proof", proof),
    Route("/manifest.sig", manifest_signature, {"json": JSON}),
    Route("/.well-known/blueprint-keys", well_known_keys, {"json": JWKS}, pinned=False),
)

"""Proofs, signatures and keys in the API definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.models import Text
from releases.proof import signature
from server.ask import Ask
from server.links import HTML, JSON
from server.openapi.fragments import listed, text
from server.openapi.operation import Operation
from server.proof import JWKS

#: There is none where releases are not signed.
SIGNATURE_PATH: Final = "/manifest.sig"
#: What hangs in both trees.
PATHS: Final[Mapping[str, Operation]] = {
    "/collections/{collectionId}/items/{featureId}/proof": Operation(
        "releases",
        "getProof",
        Text(zh="要素的包含证明", en="The proof that a feature is in the release"),
        ("collectionId", "featureId"),
        {JSON: "proof", HTML: None},
    ),
    SIGNATURE_PATH: Operation(
        "releases",
        "getSignature",
        Text(zh="清单的签名", en="The signature on the manifest"),
        (),
        {JSON: "signature"},
        f="f-json",
        more=("404",),
    ),
}
#: What belongs to no release.
KEYS_PATH: Final = "/.well-known/blueprint-keys"
KEYS_OPERATION: Final = Operation(
    "releases",
    "getKeys",
    Text(zh="验证签名的公钥", en="The public keys that verify signatures"),
    (),
    {JWKS: "keys"},
    f="f-json",
)
FORMS: Final = {"f-json": ("json",)}


def is_signed(ask: Ask) -> bool:
    """Whether the release that is described has a signature."""
    return (ask.release.path / signature.NAME).exists()


def schemas(links: dict[str, Any]) -> dict[str, Any]:
    """The schemas by name; `links` is that of a list of links."""
    string, count = text(), {"type": "integer", "minimum": 0}
    digest = text(pattern="^[0-9a-f]{64}$")
    part = _object({"name": string, "digest": digest})
    signature = _object({"algorithm": text(enum=["Ed25519"]), "kid": string, "signature": string})
    key = _object(dict.fromkeys(("kty", "crv", "x", "kid"), string))
    key["properties"] |= dict.fromkeys(("use", "alg", "created", "retired"), string)
    return {
        "signature": signature,
        "keys": _object({"keys": listed(key)}),
        "proof": _object(
            {
                "collection": string,
                "id": string,
                "entry": _object({"json": string, "geometry": _object({"bytes": count, "sha256": digest})}),
                "leaf": digest,
                "index": count,
                "size": count,
                "path": listed(digest),
                "root": digest,
                "release": _object({"id": string, "root": digest, "parts": listed(part)}),
                "signature": {**signature, "nullable": True},
                "links": links,
            }
        ),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object whose members are all there."""
    return {"type": "object", "required": list(properties), "properties": properties}

"""Proofs, signatures and keys over HTTP: what is answered leads, by no means of ours, from a feature to the key."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import shapely
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import config
from config.models import Service
from releases.proof import keys
from releases.publication import publish
from server.application import create_application

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def signed(lakes: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The lakes region, signed."""
    folder = tmp_path_factory.mktemp("signed")
    region = lakes(folder / "lakes")
    variables = {"BLUEPRINT_KEY": str(folder / "signing.pem"), "BLUEPRINT_CACHE": str(region.service.cache)}
    service = config.load(folder / "lakes" / "service.yml", region.variables | variables)
    keys.make(folder / "signing.pem", "2026-01-01T00:00:00Z")
    assert publish(service).status == "published"
    return service


@pytest.fixture(scope="module")
def get(signed: Service, asker: Callable[..., Ask]) -> Ask:
    return asker(create_application(signed))


def climbed(leaf: bytes, index: int, size: int, path: list[str]) -> bytes:
    """RFC 9162 2.1.3.2, written once more."""
    last = size - 1
    for one in path:
        other = bytes.fromhex(one)
        if index % 2 or index == last:
            leaf = hashlib.sha256(b"\1" + other + leaf).digest()
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            leaf = hashlib.sha256(b"\1" + leaf + other).digest()
        index, last = index // 2, last // 2
    assert last == 0
    return leaf


def leaf_of(feature: Mapping[str, Any]) -> bytes:
    said = {"id": feature["id"], "properties": feature["properties"]}
    shape = b""
    if feature["geometry"] is not None:
        shape = shapely.to_wkb(shapely.from_geojson(json.dumps(feature["geometry"])), byte_order=1)
    return hashlib.sha256(b"\0" + rfc8785.dumps(said) + shape).digest()


def test_each_feature_leads_to_the_signed_root(get: Ask) -> None:
    manifest = get("/manifest", accept="application/json")
    said = manifest.json
    for layer in said["layers"]:
        name = layer["layer"]["id"]
        features = get(f"/collections/{name}/items?f=json&limit=1000").json["features"]
        assert len(features) == layer["count"]
        for feature in features:
            proof = get(f"/collections/{name}/items/{feature['id']}/proof").json
            assert proof["leaf"] == leaf_of(feature).hex()
            path = climbed(bytes.fromhex(proof["leaf"]), proof["index"], proof["size"], proof["path"])
            assert path.hex() == proof["root"] == layer["root"]
            assert {"name": f"layer/{name}", "digest": proof["root"]} in proof["release"]["parts"]
    level = [hashlib.sha256(b"\0" + rfc8785.dumps(part)).digest() for part in proof["release"]["parts"]]
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\1" + b"".join(two)).digest() if len(two) == 2 else two[0] for two in pairs]
    assert level[0].hex() == proof["release"]["root"] == said["root"]


def test_the_signature_is_that_of_the_manifest_s_bytes_by_a_key_that_is_shown(get: Ask) -> None:
    manifest = get("/manifest", accept="application/json")
    pinned = f"/releases/{manifest.json['id']}"
    signature = get(f"{pinned}/manifest.sig")
    assert signature.headers["Content-Type"] == "application/json"
    assert signature.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get("/manifest.sig").body == signature.body
    ring = get("/.well-known/blueprint-keys")
    assert ring.headers["Content-Type"] == "application/jwk-set+json"
    key = next(one for one in ring.json["keys"] if one["kid"] == signature.json["kid"])
    assert (key["kty"], key["crv"], "d" in key) == ("OKP", "Ed25519", False)
    bits = urlsafe_b64decode(signature.json["signature"] + "==")
    Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(key["x"] + "==")).verify(bits, manifest.body)


def test_a_proof_hangs_in_both_trees_and_is_led_to(get: Ask) -> None:
    first = get("/collections/lakes/items?f=json").json["features"][0]["id"]
    item = get(f"/collections/lakes/items/{first}?f=json")
    address = item.link("urn:ietf:rfc:9162")
    assert address and address.endswith(f"/collections/lakes/items/{first}/proof?f=json")
    current = get(address)
    release = current.json["release"]["id"]
    pinned = get(f"/releases/{release}/collections/lakes/items/{first}/proof?f=json")
    for part in ("entry", "leaf", "path", "root", "release", "signature"):
        assert pinned.json[part] == current.json[part]
    assert "immutable" in pinned.headers["Cache-Control"]
    assert "/releases/" in (pinned.link("up") or "")
    landing = get("/", accept="application/json")
    assert landing.json["release"]["signature"]["kid"] == current.json["signature"]["kid"]
    assert get(landing.link("urn:ietf:rfc:9162")).json == current.json["signature"]
    assert "urn:ietf:rfc:9162" in get("/manifest", accept="application/json").headers["Link"]


@pytest.mark.parametrize("lang, words", [("zh", "规范字节"), ("en", "canonical bytes")])
def test_a_page_explains_a_proof(get: Ask, lang: str, words: str) -> None:
    first = get("/collections/lakes/items?f=json").json["features"][0]["id"]
    proof = get(f"/collections/lakes/items/{first}/proof?f=json").json
    page = get(f"/collections/lakes/items/{first}/proof?f=html&lang={lang}").body.decode()
    assert words in page
    for digest in (
        proof["leaf"],
        *proof["path"],
        proof["root"],
        proof["release"]["root"],
        proof["signature"]["kid"],
    ):
        assert digest in page


@pytest.mark.parametrize(
    "path",
    [
        "/collections/lakes/items/none/proof",
        "/collections/nothing/items/1/proof",
        "/releases/0123456789abcdef/manifest.sig",
        "/releases/0123456789abcdef/collections/lakes/items/1/proof",
    ],
)
def test_what_is_not_in_the_release_has_no_proof(get: Ask, told: Ask, path: str) -> None:
    answer = get(path)
    assert answer.status == 404
    assert told(answer)["code"] == "not-found"


def test_an_unknown_parameter_is_a_fault(get: Ask, told: Ask) -> None:
    answer = get("/collections/lakes/items/1/proof?entry=true")
    assert answer.status == 400 and "entry" in told(answer)["detail"]


def test_keys_change_without_a_release_and_so_does_their_tag(
    lakes: Callable[[Path], Any], tmp_path: Path, asker: Callable[..., Ask]
) -> None:
    service = lakes(tmp_path / "lakes").service
    assert publish(service).status == "published"
    ask = asker(create_application(service))
    empty = ask("/.well-known/blueprint-keys")
    assert (empty.json, empty.headers["Cache-Control"]) == ({"keys": []}, "public, no-cache")
    tag = empty.headers["ETag"]
    assert ask("/.well-known/blueprint-keys", if_none_match=tag).status == 304
    keys.listed(
        service.published, keys.make(tmp_path / "key.pem", "2099-01-01T00:00:00Z"), "2099-01-01T00:00:00Z"
    )
    fresh = ask("/.well-known/blueprint-keys", if_none_match=tag)
    assert fresh.status == 200 and len(fresh.json["keys"]) == 1


def test_an_unsigned_service_says_so(
    lakes: Callable[[Path], Any], tmp_path: Path, asker: Callable[..., Ask], told: Ask
) -> None:
    service = lakes(tmp_path / "lakes").service
    assert publish(service).status == "published"
    ask = asker(create_application(service))
    answer = ask("/manifest.sig")
    assert answer.status == 404 and "signature" in told(answer)["i18n"]["en"]["detail"]
    assert ask("/", accept="application/json").json["release"]["signature"] is None
    assert "unsigned" in ask("/?f=html&lang=en").body.decode()
    assert "未签名" in ask("/manifest?f=html&lang=zh").body.decode()
    first = ask("/collections/lakes/items?f=json").json["features"][0]["id"]
    proof = ask(f"/collections/lakes/items/{first}/proof?f=json")
    assert proof.json["signature"] is None and proof.link("urn:ietf:rfc:9162") is None
    assert "has not signed" in ask(f"/collections/lakes/items/{first}/proof?f=html&lang=en").body.decode()


def test_a_damaged_tree_proves_nothing(
    lakes: Callable[[Path], Any], tmp_path: Path, asker: Callable[..., Ask], told: Ask
) -> None:
    service = lakes(tmp_path / "lakes").service
    assert publish(service).status == "published"
    [tree] = service.published.glob("releases/*/features/lakes.tree")
    body = bytearray(tree.read_bytes())
    body[40] ^= 1
    tree.chmod(0o644)
    tree.write_bytes(body)
    ask = asker(create_application(service))
    first = ask("/collections/lakes/items?f=json").json["features"][0]["id"]
    answer = ask(f"/collections/lakes/items/{first}/proof")
    assert answer.status == 500 and told(answer)["code"] == "damaged"
    assert str(tmp_path) not in answer.body.decode()

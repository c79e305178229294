"""The test vectors of docs/proof.md, computed by the package and, another way, by the libraries that it rests on."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import shapely
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.models import Layer
from releases.proof import keys, merkle, signature
from releases.proof.copies import geojson
from releases.proof.copies.rows import entries
from releases.proof.keys import PublicKey, SigningKey


@pytest.fixture(scope="module")
def vectors(root: Path) -> Any:
    return json.loads((root / "docs" / "proof-vectors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def layer(vectors: Any) -> Layer:
    title = {"zh": "一", "en": "One"}
    fields = [
        {"name": name, "type": kind, "title": title}
        | ({"role": "id", "mandatory": True} if name == vectors["id"] else {})
        for name, kind in vectors["fields"].items()
    ]
    said = {
        "id": "things",
        "group": "one",
        "geometry": "Geometry",
        "geometry_required": False,
        "fields": fields,
        "sources": [{"authority": "one", "path": "things.geojson"}],
        "zoom": {"min": 0, "max": 1},
        "licence": {"title": title},
        "nature": "synthetic",
    }
    return Layer.model_validate(said | dict.fromkeys(("title", "description", "attribution"), title))


def test_the_package_computes_them(vectors: Any, layer: Layer) -> None:
    rows = geojson.rows([one["feature"] for one in vectors["features"]], layer)
    _, texts = entries(layer, rows)
    for text, shape, one in zip(texts, rows.shapes, vectors["features"], strict=True):
        assert text == one["json"].encode() + bytes.fromhex(one["wkb"])
        assert shape.hex() == one["wkb"]
    leaves = merkle.digests(map(merkle.leaf, texts))
    assert [leaf.tobytes().hex() for leaf in leaves] == [one["leaf"] for one in vectors["features"]]
    assert merkle.root(leaves).hex() == vectors["root"]
    for index, path in enumerate(vectors["paths"]):
        found = merkle.climb(
            leaves[index].tobytes(), index, len(leaves), [bytes.fromhex(one) for one in path]
        )
        assert found.hex() == vectors["root"]


def test_the_libraries_agree(vectors: Any) -> None:
    for one in vectors["features"]:
        said = one["feature"]
        whole = {name: abs(value) if value == 0 else value for name, value in said["properties"].items()}
        large = whole["FLOORS"] is not None and abs(whole["FLOORS"]) > 2**53
        if not large:  # which the library leaves to others
            assert one["json"].encode() == rfc8785.dumps({"id": said["id"], "properties": whole})
        shape = said["geometry"] and shapely.from_geojson(json.dumps(said["geometry"]))
        if shape is not None:  # which has the sign of a zero
            shape = shapely.transform(shape, lambda places: places + 0.0)
        assert one["wkb"] == (shapely.to_wkb(shape, hex=True, byte_order=1).lower() if shape else "")
        entry = one["json"].encode() + bytes.fromhex(one["wkb"])
        assert one["leaf"] == hashlib.sha256(b"\0" + entry).hexdigest()


def test_the_release_s_root_is_that_of_its_parts(vectors: Any) -> None:
    leaves = []
    for part in vectors["release"]["parts"]:
        entry = rfc8785.dumps({"name": part["name"], "digest": part["digest"]})
        leaves.append(hashlib.sha256(b"\0" + entry).digest())
        assert leaves[-1].hex() == part["leaf"]
    names = [part["name"] for part in vectors["release"]["parts"]]
    assert all(one < other for one, other in pairwise(names))
    left, right = (hashlib.sha256(b"\1" + one + other).digest() for one, other in (leaves[:2], leaves[2:]))
    assert hashlib.sha256(b"\1" + left + right).hexdigest() == vectors["release"]["root"]


def test_the_signature_is_that_of_the_rfc_s_key(vectors: Any) -> None:
    said = vectors["signature"]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["private"]))
    public = PublicKey.of(private.public_key())
    assert (public.x, public.kid) == (said["x"], said["kid"])
    found = signature.sign(SigningKey(private, public), said["text"].encode())
    assert json.loads(found) == {
        "algorithm": "Ed25519",
        "kid": said["kid"],
        "signature": said["signature"],
    }
    private.public_key().verify(keys.decoded(said["signature"]), said["text"].encode())


def test_the_page_shows_what_the_file_has(vectors: Any, root: Path) -> None:
    page = (root / "docs" / "proof.md").read_text(encoding="utf-8")
    shown = [one["leaf"] for one in vectors["features"]]
    shown += [vectors["root"], vectors["release"]["root"], vectors["signature"]["signature"]]
    assert [one for one in shown if f"`{one}`" not in page] == []


def test_the_verifier_is_short_and_knows_nothing_of_the_package(root: Path, tmp_path: Path) -> None:
    program = root / "docs" / "verifier.py"
    assert len(program.read_text(encoding="utf-8").splitlines()) <= 100
    # Isolated and elsewhere, it would not find the package: it stops at its arguments, and not at an import.
    run = subprocess.run(
        [sys.executable, "-I", str(program)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "not enough values to unpack" in run.stderr
    imported = {
        line.split()[1] for line in program.read_text().splitlines() if line.startswith(("import ", "from "))
    }
    rooms = {"config", "tiles", "styles", "releases", "server"}
    assert not {name.partition(".")[0] for name in imported} & rooms

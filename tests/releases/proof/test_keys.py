"""Keys and signatures, made by us and verified by other means: openssl's own text forms, the RFCs' examples."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from releases.proof import keys, signature
from releases.proof.keys import KeyRing, KeyUnusable, SigningKey

NOW, LATER = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
TEXT = b'{"a manifest": 1}\n'


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return keys.make(tmp_path / "keys" / "signing.pem", NOW)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    (tmp_path / "published").mkdir()
    return tmp_path / "published"


def pem(key: SigningKey) -> bytes:
    return key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_the_private_key_is_pkcs8_and_for_its_owner_alone(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "keys" / "signing.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    loaded = keys.load(path)
    assert loaded is not None
    assert loaded.public.kid == key.public.kid
    assert os.listdir(path.parent) == ["signing.pem"]


def test_another_program_verifies_what_is_signed(tmp_path: Path, key: SigningKey) -> None:
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "public.pem").write_bytes(pem(key))
    said = json.loads(signature.sign(key, TEXT))
    (tmp_path / "bits").write_bytes(urlsafe_b64decode(said["signature"] + "=="))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin"]
    done = subprocess.run(
        [*command, "-in", "text", "-sigfile", "bits"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Verified Successfully" in done.stdout


def test_a_key_is_named_as_the_rfc_names_it() -> None:
    # RFC 8037, appendix A.1 and A.3.
    assert (
        keys.thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


def test_signing_twice_gives_the_same_bytes(key: SigningKey) -> None:
    assert signature.sign(key, TEXT) == signature.sign(key, TEXT)


def test_public_keys_are_read_from_a_set_a_single_one_and_pem(key: SigningKey) -> None:
    alone = KeyRing(keys=(key.public,))
    assert keys.ring(alone.to_bytes(), "set") == alone
    assert keys.ring(key.public.model_dump_json().encode(), "one") == alone
    assert keys.ring(pem(key), "pem").keys[0].kid == key.public.kid


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1",
        b'"keys"',
        b"{",
        b'{"keys": 1}',
        b'{"keys": [{}]}',
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b'{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "1"}]}',
    ],
)
def test_what_is_no_set_of_keys_is_told_and_not_taken(text: bytes) -> None:
    with pytest.raises(KeyUnusable, match=r"somewhere holds no usable keys"):
        keys.ring(text, "somewhere")


def test_a_key_under_the_name_of_another_is_not_taken(key: SigningKey) -> None:
    other = keys.PublicKey.of(Ed25519PrivateKey.generate().public_key())
    false = other.model_copy(update={"kid": key.public.kid})
    with pytest.raises(KeyUnusable, match="name"):
        keys.ring(KeyRing(keys=(false,)).to_bytes(), "keys.json")


def test_a_private_key_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(generate_private_key(SECP256R1()).private_bytes(*form))
    with pytest.raises(KeyUnusable, match="no Ed25519 key"):
        keys.load(path)
    path.write_bytes(b"nothing")
    with pytest.raises(KeyUnusable, match="can be used"):
        keys.load(path)


def test_without_a_key_nothing_is_signed(published: Path) -> None:
    assert keys.signer(None, published) is None
    assert keys.signer(published.parent / "no.pem", published) is None


def test_a_key_that_is_used_first_becomes_known(tmp_path: Path, published: Path, key: SigningKey) -> None:
    signer = keys.signer(tmp_path / "keys" / "signing.pem", published)
    assert signer is not None
    keys.listed(published, signer, NOW)
    known = keys.read(published)
    assert known.signing is not None
    assert (known.signing.kid, known.signing.created, known.signing.retired) == (key.public.kid, NOW, None)
    before = (published / keys.NAME).read_bytes()
    keys.listed(published, signer, LATER)
    assert (published / keys.NAME).read_bytes() == before


def test_where_releases_are_signed_nobody_publishes_without_the_key(
    tmp_path: Path, published: Path, key: SigningKey
) -> None:
    path = tmp_path / "keys" / "signing.pem"
    keys.listed(published, key, NOW)
    path.unlink()
    for there in (path, None):
        with pytest.raises(KeyUnusable, match="no private key"):
            keys.signer(there, published)
    keys.make(path, LATER)
    with pytest.raises(KeyUnusable, match="not the key that signs here"):
        keys.signer(path, published)


def test_a_key_that_was_retired_signs_no_more_and_what_it_signed_stays_signed(
    tmp_path: Path, published: Path, key: SigningKey
) -> None:
    keys.listed(published, key, NOW)
    old = signature.sign(key, TEXT)
    fresh = keys.make(tmp_path / "fresh.pem", LATER)
    keys.write(published, keys.read(published).and_then(fresh.public))
    known = keys.read(published)
    assert [(one.kid, one.retired) for one in known.keys] == [
        (key.public.kid, LATER),
        (fresh.public.kid, None),
    ]
    with pytest.raises(KeyUnusable, match="rotate"):
        keys.signer(tmp_path / "keys" / "signing.pem", published)
    assert signature.check(TEXT, old, known).state == "signed"
    assert signature.check(TEXT, signature.sign(fresh, TEXT), known).state == "signed"


def test_how_it_stands_with_a_signature_is_told(key: SigningKey) -> None:
    known, text = KeyRing(keys=(key.public,)), signature.sign(key, TEXT)
    assert signature.check(TEXT, None, known).state == "unsigned"
    assert signature.check(TEXT, text, KeyRing()).state == "unknown"
    assert signature.check(TEXT + b" ", text, known).state == "wrong"
    found = signature.check(TEXT, text, known)
    assert (found.state, found.kid, found.key) == ("signed", key.public.kid, key.public)


def test_no_byte_of_a_signature_can_be_changed(key: SigningKey) -> None:
    known, text = KeyRing(keys=(key.public,)), signature.sign(key, TEXT)
    for place in range(len(text)):
        for bit in (1, 32, 128):
            altered = bytearray(text)
            altered[place] ^= bit
            assert signature.check(TEXT, bytes(altered), known).state in ("wrong", "unknown")
    for other in (b"", b"{}", text[:-1], text + b"\n", b"\xff"):
        assert signature.check(TEXT, other, known).state == "wrong"

"""The keys that manifests are signed with: Ed25519 (RFC 8032).

    ../keys/signing.pem     the private one, PKCS #8, for its owner alone; outside of what is published
    published/keys.json     the public ones, a JWK Set (RFC 7517, RFC 8037); those that were retired stay, since what
                            they signed is still theirs

A key is named by its thumbprint (RFC 7638), so that nobody can put another in its place under the same name.
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from config.models import Frozen, Text
from releases.history import sync_folder

NAME = "keys.json"


class KeyUnusable(Exception):
    """A key, or a file of keys, that cannot do what is asked of it; `message` says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh=zh, en=en)
        super().__init__(en)


class PublicKey(Frozen):
    """A public key as a JWK (RFC 8037 2), with two members of ours.

    created, retired : when, RFC 3339 in UTC; `retired` is None for the one that signs
    """

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    x: str
    kid: str
    use: Literal["sig"] = "sig"
    alg: Literal["EdDSA"] = "EdDSA"
    created: str | None = None
    retired: str | None = None

    @classmethod
    def of(cls, key: Ed25519PublicKey, created: str | None = None) -> Self:
        """The JWK of a key."""
        x = encoded(key.public_bytes_raw())
        return cls(x=x, kid=thumbprint(x), created=created)

    def pem(self) -> str:
        """The key as PEM (RFC 7468), which other programs read."""
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return Ed25519PublicKey.from_public_bytes(decoded(self.x)).public_bytes(*form).decode()

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether it signed a text."""
        try:
            Ed25519PublicKey.from_public_bytes(decoded(self.x)).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


class KeyRing(Frozen):
    """The public keys of a service, oldest first."""

    keys: tuple[PublicKey, ...] = ()

    def key(self, kid: str) -> PublicKey | None:
        """The key of that name."""
        return next((key for key in self.keys if key.kid == kid), None)

    @property
    def signing(self) -> PublicKey | None:
        """The one that signs now."""
        return next((key for key in reversed(self.keys) if key.retired is None), None)

    def and_then(self, fresh: PublicKey) -> KeyRing:
        """With one more key, which signs from now on: those before are retired."""
        retired = [key.model_copy(update={"retired": key.retired or fresh.created}) for key in self.keys]
        return KeyRing(keys=(*retired, fresh))

    def to_bytes(self) -> bytes:
        """The text of keys.json."""
        said = self.model_dump(mode="json", exclude_none=True)
        return orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that can be used, and its public name."""

    private: Ed25519PrivateKey
    public: PublicKey

    def sign(self, text: bytes) -> bytes:
        """The signature (64 bytes) on a text, always the same."""
        return self.private.sign(text)


def encoded(found: bytes) -> str:
    """Base64url without padding, as all of JOSE has it (RFC 7515 2)."""
    return urlsafe_b64encode(found).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64url without padding; ValueError for any other text of the same bytes."""
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encoded(found) != text:
        raise ValueError(f"{text!r} is no base64url")
    return found


def thumbprint(x: str) -> str:
    """The name of the key with that public value (RFC 7638 3, RFC 8037 appendix A.3)."""
    members = b'{"crv":"Ed25519","kty":"OKP","x":"%b"}' % x.encode()
    return encoded(hashlib.sha256(members).digest())


def ring(text: bytes, where: str) -> KeyRing:
    """The keys in a JWK Set, a single JWK or a public key in PEM; KeyUnusable naming `where` when there are none."""
    try:
        if text.lstrip().startswith(b"-----"):
            return KeyRing(keys=(PublicKey.of(_public(text)),))
        said = orjson.loads(text)
        members = said.get("keys", [said])
        found = KeyRing(keys=tuple(PublicKey.model_validate(member) for member in members))
        for key in found.keys:
            if len(decoded(key.x)) != 32 or key.kid != thumbprint(key.x):
                raise ValueError(f"the key {key.kid} has not the name that it must have")
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm, ValidationError) as fault:
        raise KeyUnusable(
            f"{where} 不是可用的公钥：{_told(fault)}", f"{where} holds no usable keys: {_told(fault)}"
        ) from fault
    return found


def read(published: Path) -> KeyRing:
    """The keys of a published folder, none when there is no file; KeyUnusable when the file is damaged."""
    path = published / NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return KeyRing()
    return ring(text, str(path))


def write(published: Path, keys: KeyRing) -> None:
    """Replace the keys of a published folder; they are on the disk when this returns."""
    _replace(published / NAME, keys.to_bytes(), 0o644)


def make(path: Path, created: str) -> SigningKey:
    """A new private key in place of what is there, readable for its owner alone."""
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(path, text, 0o600)
    return SigningKey(private, PublicKey.of(private.public_key(), created))


def load(path: Path) -> SigningKey | None:
    """The private key in a file, None without one; KeyUnusable when it is none."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        private = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise KeyUnusable(
            f"{path} 不是可用的私钥", f"{path} holds no private key that can be used"
        ) from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} 不是 Ed25519 私钥", f"{path} holds no Ed25519 key")
    return SigningKey(private, PublicKey.of(private.public_key()))


def signer(path: Path | None, published: Path) -> SigningKey | None:
    """The key that signs a publish, None where releases are not signed.

    KeyUnusable when there should be one: releases are signed here and the key is another, retired or gone. So nobody
    publishes unsigned, or by a key that readers do not know, without having meant it.
    """
    expected = read(published)
    found = load(path) if path else None
    current = expected.signing
    if found is None:
        if current is None:
            return None
        raise KeyUnusable(
            f"此处版次由密钥 {current.kid} 签名，但没有私钥 {path or ''}；如已遗失，请运行 blueprint key rotate",
            f"releases are signed here by the key {current.kid}, but there is no private key {path or ''}; if it is lost, run"
            " `blueprint key rotate`",
        )
    known = expected.key(found.public.kid)
    if (known is not None and known.retired) or (known is None and current is not None):
        raise KeyUnusable(
            f"{path} 不是此处现行的签名密钥；如要更换，请运行 blueprint key rotate",
            f"{path} is not the key that signs here now; to change keys, run `blueprint key rotate`",
        )
    return found


def listed(published: Path, key: SigningKey, now: str) -> None:
    """See that the public key that signs is known to readers."""
    known = read(published)
    if known.key(key.public.kid) is None:
        write(published, known.and_then(key.public.model_copy(update={"created": now})))


def _public(text: bytes) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(text)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("it is no Ed25519 key")
    return key


def _replace(path: Path, text: bytes, mode: int) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    sync_folder(path.parent)


def _told(fault: Exception) -> str:
    return str(fault.errors()[0]["msg"]) if isinstance(fault, ValidationError) else str(fault)

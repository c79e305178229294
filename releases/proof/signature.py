"""The signature on a release: `manifest.sig` beside the manifest, over that file's very bytes.

    {"algorithm": "Ed25519", "kid": "…", "signature": "…"}

The manifest has the digest of every file of the release and the root of all that it consists of, so that whoever trusts
the key can trust any byte and any feature of the release.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson
from pydantic import ValidationError

from config.models import Frozen
from releases import manifest
from releases.proof import keys
from releases.proof.keys import KeyRing, PublicKey, SigningKey, decoded, encoded
from releases.store import ReleaseDamaged

NAME = "manifest.sig"

#: "signed": by a key that is known; "unsigned": there is no signature; "unknown": by a key that is not known;
#: "wrong": there is one, and it is none of this manifest.
State = Literal["signed", "unsigned", "unknown", "wrong"]


class Signature(Frozen):
    """What manifest.sig says; `signature` is base64url without padding, `kid` the name of the key."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    kid: str
    signature: str

    def to_bytes(self) -> bytes:
        """The text of manifest.sig."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n"


@dataclass(frozen=True, slots=True)
class Checked:
    """How it stands with a signature; `kid` is the key that it names, `key` that key when it is known."""

    state: State
    kid: str | None = None
    key: PublicKey | None = None


def sign(key: SigningKey, text: bytes) -> bytes:
    """The text of manifest.sig for the text of a manifest."""
    return Signature(kid=key.public.kid, signature=encoded(key.sign(text))).to_bytes()


def check(text: bytes, signature: bytes | None, known: KeyRing) -> Checked:
    """Whether a manifest's text was signed by a known key. A signature with a changed byte is wrong, wherever it is."""
    if signature is None:
        return Checked("unsigned")
    try:
        said = Signature.model_validate_json(signature)
        bits = decoded(said.signature)
    except (ValidationError, ValueError):
        return Checked("wrong")
    key = known.key(said.kid)
    if key is None:
        return Checked("unknown", said.kid)
    sound = said.to_bytes() == signature and key.verifies(bits, text)
    return Checked("signed" if sound else "wrong", said.kid, key)


def said(release: Path) -> Signature | None:
    """What a release's signature says, None when it has none; ReleaseDamaged when it is none."""
    text = read(release)
    try:
        return None if text is None else Signature.model_validate_json(text)
    except ValidationError as fault:
        raise ReleaseDamaged(release / NAME, "it is no signature") from fault


def read(release: Path) -> bytes | None:
    """The text of a release's signature, None when it has none."""
    try:
        return (release / NAME).read_bytes()
    except FileNotFoundError:
        return None


def of(release: Path) -> Checked:
    """How it stands with the signature of a release in its place in the published folder."""
    text = (release / manifest.NAME).read_bytes()
    return check(text, read(release), keys.read(release.parent.parent))

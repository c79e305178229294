"""Whether a manifest is what somebody trusted has signed, and says what it must.

The key that signed the first manifest is trusted from then on, as the target remembers; one that was had by another way
can be named before. Another key is never taken silently: who changes keys tells his clients, who name the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pydantic import ValidationError

from releases.harvest.failure import NotTrusted
from releases.manifest import Manifest
from releases.proof import keys, release, signature
from releases.proof.keys import KeyRing, KeyUnusable


class Trusted(NamedTuple):
    """A manifest that may be used, and the keys to remember; `news` is what a person should know of it."""

    manifest: Manifest
    keys: KeyRing
    news: str | None = None


def manifest(text: bytes) -> Manifest:
    """A manifest of whose parts its id and its root are; NotTrusted otherwise."""
    try:
        said = Manifest.model_validate_json(text)
    except ValidationError as fault:
        why = fault.errors()[0]["msg"]
        raise NotTrusted(
            f"清单无法由本版程序解读：{why}", f"the manifest cannot be read by this version: {why}"
        ) from fault
    if said.identity() != said.id or release.root(said) != said.root:
        raise NotTrusted(
            f"版次 {said.id} 的清单与其编号或根摘要不符",
            f"the manifest of release {said.id} is not what its id or its root says",
        )
    return said


def judged(
    text: bytes, signed: bytes | None, offered: Callable[[], bytes | None], pinned: KeyRing | None
) -> Trusted:
    """Judge a manifest by its signature.

    Parameters
    ----------
    signed : the text of manifest.sig, None where there is none
    offered : asks for the keys that the server itself names
    pinned : the keys that are trusted; none in it: an unsigned service until now; None: nothing is known yet
    """
    said = manifest(text)
    if pinned is not None and pinned.keys:
        found = signature.check(text, signed, pinned)
        if found.state == "signed":
            return Trusted(said, pinned)
        if found.state == "unknown":
            raise NotTrusted(
                f"版次 {said.id} 由未信任的密钥 {found.kid} 签名；如对方已公告更换密钥，请以 --key 指明新公钥",
                f"release {said.id} is signed by the key {found.kid}, which is not trusted; if its owner has announced a new "
                "key, name it by --key",
            )
        raise _unsound(said.id, found.state)
    if signed is None:
        return Trusted(said, KeyRing(), "unsigned")
    ring = _ring(offered())
    found = signature.check(text, signed, ring)
    if found.state != "signed" or found.key is None:
        raise _unsound(said.id, found.state)
    return Trusted(said, KeyRing(keys=(found.key,)), f"trusting {found.key.kid}")


def _ring(text: bytes | None) -> KeyRing:
    if text is None:
        return KeyRing()
    try:
        return keys.ring(text, "/.well-known/blueprint-keys")
    except KeyUnusable as fault:
        raise NotTrusted(fault.message.zh, fault.message.en) from fault


def _unsound(name: str, state: str) -> NotTrusted:
    why = {
        "unsigned": ("没有签名，而此前是有签名的", "is not signed, and should be"),
        "unknown": ("由服务未公布的密钥签名", "is signed by a key that the service does not name"),
        "wrong": ("的签名不符", "has a signature that is not of it"),
    }[state]
    return NotTrusted(f"版次 {name} {why[0]}", f"release {name} {why[1]}")

"""A copy is only of what is signed by the key that was trusted first, or by one that was named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from releases.harvest.failure import NotTrusted
from releases.harvest.harvest import Order, harvest
from releases.harvest.service import Service
from releases.harvest.target import Target, target
from releases.proof import keys, signature
from releases.proof.keys import KeyRing


@pytest.fixture
def copy(tmp_path: Path) -> Target:
    """A GeoPackage that is not there yet."""
    return target(str(tmp_path / "plan.gpkg"))


@pytest.fixture
def other(tmp_path: Path) -> keys.SigningKey:
    """Somebody else's key."""
    return keys.make(tmp_path / "other.pem", "2026-01-01T00:00:00Z")


def answering(part: str, body: Callable[[bytes], bytes | None]) -> Any:
    """Have another body where a path has a part; with none, there is no such resource."""

    def meddle(path: str, environ: dict[str, Any], start: Any, application: Any) -> Any:
        if part not in path:
            return application(environ, start)
        said = body(b"".join(application(environ, lambda status, headers, *rest: None)))
        start("404 Not Found" if said is None else "200 OK", [("Content-Length", str(len(said or b"")))])
        return [said or b""]

    return meddle


def test_the_first_key_is_told_and_trusted_from_then_on(world: Any, service: Service, copy: Target) -> None:
    world.show(0)
    assert harvest(service, copy).news == f"trusting {world.key.kid}"
    world.show(1)
    assert harvest(service, copy).news is None
    with copy.held():
        state = copy.state()
    assert state is not None and [key.kid for key in state.keys.keys] == [world.key.kid]


@pytest.mark.parametrize(
    "change, why",
    [
        (lambda text: None, "is not signed, and should be"),
        (lambda text: text.replace(b'"signature": "', b'"signature": "A'), "signature that is not of it"),
        (lambda text: b"nothing", "signature that is not of it"),
    ],
)
def test_a_signature_that_is_gone_or_altered_leaves_the_copy(
    world: Any, live: Any, service: Service, copy: Target, change: Any, why: str
) -> None:
    world.show(0)
    harvest(service, copy)
    world.show(1)
    live.meddle = answering("manifest.sig", change)
    with pytest.raises(NotTrusted, match=why):
        harvest(service, copy)
    live.meddle = None
    assert harvest(service, copy).release == world.ids[1]


def test_another_key_is_refused_until_it_is_named(
    world: Any, live: Any, service: Service, copy: Target, other: keys.SigningKey
) -> None:
    world.show(0)
    harvest(service, copy)
    world.show(1)
    text = service.manifest()
    live.meddle = answering("manifest.sig", lambda _: signature.sign(other, text))
    with pytest.raises(NotTrusted, match="name it by --key"):
        harvest(service, copy)
    named = Order(keys=KeyRing(keys=(other.public,)))
    assert harvest(service, copy, named).release == world.ids[1]


def test_a_first_harvest_takes_no_signature_by_a_key_that_the_service_does_not_name(
    world: Any, live: Any, service: Service, copy: Target, other: keys.SigningKey
) -> None:
    world.show(0)
    text = service.manifest()
    live.meddle = answering("manifest.sig", lambda _: signature.sign(other, text))
    with pytest.raises(NotTrusted, match="does not name"):
        harvest(service, copy)
    live.meddle = answering("blueprint-keys", lambda _: b'{"keys": [{"kty": "none"}]}')
    with pytest.raises(NotTrusted, match="no usable keys"):
        harvest(service, copy)
    with pytest.raises(NotTrusted, match="not trusted"):
        harvest(service, copy, Order(keys=KeyRing(keys=(other.public,))))


def test_an_unsigned_service_is_taken_and_said_to_be_one_until_it_signs(
    world: Any, live: Any, service: Service, copy: Target
) -> None:
    world.show(0)
    live.meddle = answering("manifest.sig", lambda _: None)
    assert harvest(service, copy).news == "unsigned"
    live.meddle = None
    world.show(1)
    assert harvest(service, copy).news == f"trusting {world.key.kid}"

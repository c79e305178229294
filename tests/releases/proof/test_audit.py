"""A release that was published and then touched: whatever was touched is found."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.models import Service
from releases import history, manifest
from releases.proof import keys, signature
from releases.proof.keys import KeyUnusable
from releases.publication import publish
from releases.release import Catalogue, verify
from releases.store import ReleaseDamaged

LATER = "2099-01-01T00:00:00Z"


def faults(service: Service) -> tuple[str, ...]:
    """What is wrong with the current release, also when it cannot even be opened."""
    try:
        return verify(Catalogue(service.published).current())
    except ReleaseDamaged as fault:
        return (str(fault),)


def place(service: Service) -> Path:
    """The folder of the one release."""
    [folder] = (service.published / "releases").iterdir()
    return folder


@contextmanager
def changed(path: Path, body: bytes) -> Iterator[None]:
    """A file with other content for a while."""
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(body)
    try:
        yield
    finally:
        path.write_bytes(whole)


def test_one_altered_byte_anywhere_in_a_release_is_found(signed: Service) -> None:
    assert faults(signed) == ()
    files = sorted(path for path in place(signed).rglob("*") if path.is_file())
    assert {path.suffix for path in files} >= {
        ".json",
        ".sig",
        ".tree",
        ".geojsonl",
        ".gpkg",
        ".parquet",
        ".png",
    }
    dice = random.Random(6)
    # A hundred places: each file at least once, and the rest by chance.
    chosen = [*files, *dice.choices(files, k=max(0, 100 - len(files)))]
    unseen = []
    for path in chosen:
        body = bytearray(path.read_bytes())
        if not body:
            continue
        at = dice.randrange(len(body))
        body[at] ^= 1 << dice.randrange(8)
        with changed(path, bytes(body)):
            if not faults(signed):
                unseen.append((path.name, at))
    assert unseen == []
    assert len(chosen) >= 100
    assert faults(signed) == ()


def test_every_byte_of_a_signature_counts(signed: Service) -> None:
    path = place(signed) / signature.NAME
    whole = path.read_bytes()
    for at in range(0, len(whole), 3):
        body = bytearray(whole)
        body[at] ^= 4
        with changed(path, bytes(body)):
            [found] = faults(signed)
            assert found.startswith("manifest.sig: ")


def test_who_alters_data_and_all_digests_is_found_by_the_signature(signed: Service) -> None:
    """The forger writes a sound release of his own and lists it; only the key he has not."""
    folder = place(signed)
    text = (folder / manifest.NAME).read_bytes()
    said = manifest.Manifest.model_validate_json(text)
    forged = said.model_copy(update={"waivers": (manifest.Waiver(rule="gap", reason="none", by="nobody"),)})
    with changed(folder / manifest.NAME, forged.to_bytes()):
        past = history.read(signed.published)
        seal = hashlib.sha256(forged.to_bytes()).hexdigest()
        entry = past.releases[0].model_copy(update={"manifest": seal})
        with changed(
            signed.published / history.NAME, history.History(releases=(entry,)).model_dump_json().encode()
        ):
            assert faults(signed) == ("manifest.sig: it is not the signature of this manifest",)


def test_a_missing_signature_is_a_fault_where_releases_were_signed(signed: Service) -> None:
    (place(signed) / signature.NAME).unlink()
    [found] = faults(signed)
    assert found == "manifest.sig: missing, though releases were signed when it was published"


def test_what_was_published_before_there_was_a_key_needs_no_signature(
    lakes: Callable[[Path], Any], tmp_path: Path
) -> None:
    service = lakes(tmp_path / "lakes").service
    assert publish(service).status == "published"
    assert faults(service) == ()
    keys.listed(service.published, keys.make(tmp_path / "own.pem", LATER), LATER)
    assert faults(service) == ()


def test_a_signature_of_a_key_that_nobody_knows_is_a_fault(signed: Service) -> None:
    other = keys.make(signed.published.parent / "other.pem", LATER)
    keys.write(signed.published, keys.KeyRing(keys=(other.public,)))
    [found] = faults(signed)
    assert found.startswith("manifest.sig: nobody knows the key ")
    (signed.published / keys.NAME).write_text("{")
    [found] = faults(signed)
    assert found.startswith("keys.json: ")


def test_after_a_change_of_keys_both_releases_are_sound(signed: Service) -> None:
    edited(signed)
    path = signed.signing_key
    assert path is not None
    with pytest.raises(KeyUnusable, match="rotate"):
        keys.make(path, LATER)
        publish(signed)
    fresh = keys.make(path, LATER)
    keys.write(signed.published, keys.read(signed.published).and_then(fresh.public))
    assert publish(signed).status == "published"
    catalogue = Catalogue(signed.published)
    newer, older = (catalogue.get(entry.id) for entry in catalogue.list())
    assert [verify(newer), verify(older)] == [(), ()]
    assert signature.of(newer.path).kid == fresh.public.kid != signature.of(older.path).kid
    assert [key.retired for key in keys.read(signed.published).keys] == [LATER, None]


def test_the_chain_to_the_release_before_is_looked_at(signed: Service) -> None:
    first = place(signed)
    edited(signed)
    assert publish(signed).status == "published"
    assert faults(signed) == ()
    path = first / manifest.NAME
    with changed(path, path.read_bytes().replace(b"Lakes", b"Ponds")):
        [found] = faults(signed)
        assert found.startswith(f"parent {first.name}: ")
    shutil.move(first, first.with_name("elsewhere"))
    assert faults(signed) == (f"parent {first.name}: it is not there",)


def test_an_altered_history_is_found(signed: Service) -> None:
    edited(signed)
    assert publish(signed).status == "published"
    path = signed.published / history.NAME
    said = json.loads(path.read_bytes())
    said["releases"][0]["note"] = "another"
    path.write_text(json.dumps(said))
    assert faults(signed) == ("history.json: entry 2 does not follow from the one before",)


def edited(service: Service) -> None:
    """Change a name in the sources."""
    path = next(iter(sorted(service.data.rglob("lakes.geojson"))))
    said = json.loads(path.read_text("utf-8"))
    name = next(key for key in ("name", "naam") if key in said["features"][0]["properties"])
    said["features"][0]["properties"][name] = "Another"
    path.write_text(json.dumps(said, ensure_ascii=False), "utf-8")

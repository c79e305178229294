"""Reading what is published: a publish is seen at once, a walk ends where it began, damage is named."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from releases.publication import publish
from releases.query import Query, Where
from releases.release import Catalogue, NothingPublished, verify
from releases.store import NotFound, ReleaseDamaged, ReleaseGone

RegionOf = Callable[..., Path]


@pytest.fixture
def service(region: RegionOf) -> Path:
    publish(config.load(region()))
    return region()


def test_before_the_first_publish_there_is_no_release(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "published")
    assert catalogue.list() == ()
    with pytest.raises(NothingPublished):
        catalogue.current()
    with pytest.raises(NotFound):
        catalogue.get("0123456789abcdef")


def test_every_catalogue_sees_a_publish_at_its_next_call(service: Path, region: RegionOf) -> None:
    catalogues = [Catalogue(service.parent / "published") for _ in range(2)]
    before = {catalogue.current().id for catalogue in catalogues}
    outcome = publish(config.load(region(edition=1)))
    assert {catalogue.current().id for catalogue in catalogues} == {outcome.release_id} != before


def test_a_walk_begun_before_a_publish_ends_on_its_release(service: Path, region: RegionOf) -> None:
    catalogue = Catalogue(service.parent / "published")
    release = catalogue.current()
    names: list[str] = []
    while len(names) < 50:
        page = release.store.page("posts", Query(10, len(names)))
        names += [json.loads(one)["properties"]["NAME"] for one in page.features()]
        if len(names) == 20:
            publish(config.load(region(edition=1)))
    assert names == [f"post {i} of 0" for i in range(50)]
    assert catalogue.get(release.id) is release
    new = catalogue.current().store.item("posts", "0")
    assert json.loads(new.json)["properties"]["NAME"] == "post 0 of 1"


def test_only_what_the_history_lists_is_a_release(service: Path) -> None:
    published = service.parent / "published"
    current = Catalogue(published).current()
    shutil.copytree(current.path, published / "releases" / "0123456789abcdef")
    for wrong in ("0123456789abcdef", "", "..", "../releases/" + current.id, "current"):
        with pytest.raises(NotFound):
            Catalogue(published).get(wrong)


def test_a_release_beyond_the_kept_ones_is_opened_again(service: Path, region: RegionOf) -> None:
    published = service.parent / "published"
    catalogue = Catalogue(published, kept=1)
    first = catalogue.current()
    publish(config.load(region(edition=1)))
    catalogue.current()
    again = catalogue.get(first.id)
    assert again is not first and again.manifest == first.manifest
    assert len(first.store.page("posts", Query(50)).features()) == 50, "whoever holds it can still read"


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files in /proc")
def test_letting_go_of_releases_closes_their_files(service: Path) -> None:
    import gc

    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    gc.collect()
    before = opened()
    for _ in range(3):
        catalogue = Catalogue(service.parent / "published")
        store = catalogue.current().store
        store.page("posts", Query(5, where=Where(boxes=((0, 0, 1, 1),))))
        store.window("parcels", 0, (0, 0, 1, 1))
        assert opened() > before
        del catalogue, store
        gc.collect()
        assert opened() == before


def change(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def test_damage_is_found_when_a_release_is_opened(service: Path) -> None:
    published = service.parent / "published"
    place = Catalogue(published).current().path
    text = place / "features" / "posts.geojsonl"
    whole = text.read_bytes()
    change(text, whole[:-10])
    with pytest.raises(ReleaseDamaged, match=r"posts\.geojsonl has \d+ bytes, expected \d+"):
        Catalogue(published).current()
    text.unlink()
    with pytest.raises(ReleaseDamaged, match=r"posts\.geojsonl is missing"):
        Catalogue(published).current()
    text.write_bytes(whole)
    manifest = place / "manifest.json"
    change(manifest, manifest.read_bytes().replace(b"Posts", b"Ghost"))
    with pytest.raises(ReleaseDamaged, match="not the one that was published"):
        Catalogue(published).current()
    shutil.rmtree(place)
    with pytest.raises(ReleaseGone, match="gone"):
        Catalogue(published).current()


def test_a_changed_byte_is_found_by_comparing_digests(service: Path) -> None:
    release = Catalogue(service.parent / "published").current()
    text = release.path / "features" / "posts.geojsonl"
    change(text, text.read_bytes().replace(b"post 3", b"post 4"))
    (release.path / "stranger.txt").write_text("?")
    faults = verify(release)
    assert len(faults) == 3
    assert faults[0].startswith("features/posts.geojsonl: sha256 is")
    assert faults[1] == "stranger.txt: not in the manifest"
    assert faults[2].startswith("features/posts.tree: 11 digests are not those of the features")


def test_a_manifest_whose_content_is_not_its_id_is_refused(service: Path) -> None:
    import hashlib

    published = service.parent / "published"
    path = Catalogue(published).current().path / "manifest.json"
    change(path, path.read_bytes().replace(b"Posts", b"Ghost"))
    history = json.loads((published / "history.json").read_text())
    history["releases"][0]["manifest"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (published / "history.json").write_text(json.dumps(history))
    with pytest.raises(ReleaseDamaged, match="its content has the id"):
        Catalogue(published).current()


def test_readers_in_many_threads_see_whole_releases_while_others_are_published(
    service: Path, region: RegionOf
) -> None:
    catalogue = Catalogue(service.parent / "published")
    mixed: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            release = catalogue.current()
            names = {
                json.loads(one)["properties"]["NAME"].rpartition(" ")[2]
                for one in release.store.page("posts", Query(50)).features()
            }
            first = json.loads(release.store.item("posts", "0").json)["properties"]["NAME"].rpartition(" ")[2]
            if names != {first}:
                mixed.append((names, first))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for edition in range(1, 4):
            publish(config.load(region(edition=edition)))
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert not mixed


def test_a_damaged_column_file_is_a_damaged_release(service: Path) -> None:
    release = Catalogue(service.parent / "published").current()
    path = release.path / release.manifest.layer("posts").levels[0].file
    change(path, b"?" * path.stat().st_size)
    with pytest.raises(ReleaseDamaged, match="sha256"):
        release.store.window("posts", 0, (0, 0, 1, 1))

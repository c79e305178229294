"""Publishing as a whole: ids from content, all or nothing, one at a time, and nobody notices a death."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import config
from releases import history
from releases.lock import Busy, publishing
from releases.publication import Order, check, publish
from releases.release import Catalogue, verify

RegionOf = Callable[..., Path]
STAGES = ("parcels (south)", "ids are unique", "digest: posts", "write: parcels", "seal:", "before-history")


@pytest.fixture
def run(root: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Publish in another process."""

    def run(service: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(root, service, *args),
            env=surroundings(root, **environment),
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def command(root: Path, service: Path, *args: str) -> list[str]:
    return [sys.executable, str(root / "tests/releases/store/publisher.py"), str(service), *args]


def surroundings(root: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root), **more}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def published_files(service: Path) -> dict[str, bytes]:
    """What readers could see of a published folder: not what the next publish compares the sources with."""
    return {
        name: data
        for name, data in contents(service.parent / "published").items()
        if name != "publish.lock" and not name.startswith(("refused/", "sources/"))
    }


def test_what_was_published_is_current_complete_and_read_only(region: RegionOf) -> None:
    service = config.load(region())
    outcome = publish(service, order=Order(note="the first"))
    assert outcome.status == "published", [str(finding) for finding in outcome.findings]
    catalogue = Catalogue(service.published)
    release = catalogue.current()
    assert release.id == outcome.release_id
    assert re.fullmatch("[0-9a-f]{16}", release.id)
    assert verify(release) == ()
    assert [(entry.id, entry.note) for entry in catalogue.list()] == [(release.id, "the first")]
    assert {layer.id: layer.count for layer in release.manifest.layers} == {"parcels": 600, "posts": 50}
    modes = {path.stat().st_mode & 0o777 for path in release.path.rglob("*") if path.is_file()}
    assert modes == {0o444}
    assert not list((service.published / "staging").iterdir())


def test_a_layer_that_has_not_changed_keeps_its_files_from_release_to_release(region: RegionOf) -> None:
    service = region()
    publish(config.load(service))
    posts = (service.parent / "data" / "posts.geojson").read_bytes()
    region(edition=1)
    (service.parent / "data" / "posts.geojson").write_bytes(posts)
    publish(config.load(service))
    catalogue = Catalogue(config.load(service).published)
    one, other = (catalogue.get(entry.id).manifest for entry in catalogue.list())
    for form in ("flatgeobuf", "geoparquet", "gpkg"):
        names = {layer.id: layer.downloads[form] for layer in one.layers}
        assert one.files[names["posts"]] == other.files[names["posts"]]
        assert one.files[names["parcels"]] != other.files[names["parcels"]]


def test_the_manifest_says_what_was_published(region: RegionOf) -> None:
    service = config.load(region())
    publish(service)
    manifest = Catalogue(service.published).current().manifest
    parcels, posts = manifest.layers
    assert parcels.extent == (0.0, -5.0, 5.0, 3.75)
    assert parcels.values == {"KIND": ("01", "02")}
    assert [(part.authority, part.count) for part in parcels.parts] == [("north", 300), ("south", 300)]
    assert (posts.null_geometries, posts.temporal, parcels.temporal) == (
        1,
        ("2020-01-01", "2020-01-01"),
        None,
    )
    for layer in manifest.layers:
        assert [layer.level(zoom) is not None for zoom in range(12)] == [True] * 11 + [False]
        assert manifest.files[layer.file].sha256 == layer.digest
    assert [(source.layer, source.authority, source.path, source.count) for source in manifest.sources] == [
        ("parcels", "north", "north.geojson", 300),
        ("parcels", "south", "south.geojson", 300),
        ("posts", "north", "posts.geojson", 50),
    ]
    text = manifest.to_bytes().decode()
    assert str(service.published.parent) not in text
    assert "127.0.0.1" not in text


def test_publishing_again_says_unchanged_and_changes_nothing(region: RegionOf) -> None:
    service = region()
    first = publish(config.load(service))
    before = published_files(service)
    again = publish(config.load(service))
    assert (again.status, again.release_id) == ("unchanged", first.release_id)
    assert published_files(service) == before


def test_the_same_sources_on_two_paths_in_two_processes_give_the_same_bytes(
    region: RegionOf, run: Any
) -> None:
    one, other = region("one"), region("another place/deeper")
    outcomes = [
        json.loads(run(one, PYTHONHASHSEED="1", TZ="UTC").stdout),
        json.loads(run(other, PYTHONHASHSEED="2", TZ="Asia/Shanghai", LC_ALL="C").stdout),
    ]
    assert outcomes[0]["id"] == outcomes[1]["id"]
    files = [contents(service.parent / "published" / "releases") for service in (one, other)]
    assert files[0] == files[1]
    assert len(files[0]) > 8


def test_the_order_of_rows_does_not_matter(region: RegionOf) -> None:
    service = region()
    first = publish(config.load(service))
    region(seed=1)
    assert publish(config.load(service)).status == "unchanged"
    other = publish(config.load(region("other", seed=2)))
    assert other.release_id == first.release_id


def test_paths_and_addresses_are_not_content_and_titles_and_values_are(region: RegionOf) -> None:
    first = publish(config.load(region())).release_id
    here = config.load(
        region("moved"), {"HOST": "0.0.0.0", "PORT": "1", "BLUEPRINT_URL": "https://example.org"}
    )
    assert publish(here).release_id == first
    changed = region("changed")
    layers = changed.parent / "layers.yml"
    layers.write_text(layers.read_text().replace("en: Posts", "en: Boundary posts"))
    assert publish(config.load(changed)).release_id != first
    assert publish(config.load(region("edited", edition=1))).release_id != first


def test_a_refused_candidate_leaves_everything_as_it_was(region: RegionOf) -> None:
    service = region()
    publish(config.load(service))
    before = published_files(service)
    data = service.parent / "data" / "north.geojson"
    data.write_text(data.read_text().replace("north-0003", "north-0004"))
    refused = publish(config.load(service))
    assert (refused.status, refused.release_id) == ("refused", None)
    (finding,) = (one for one in refused.findings if one.severity == "refuse")
    assert (finding.rule, finding.authority, finding.layer) == ("duplicate-id", "north", "parcels")
    assert published_files(service) == before
    assert check(config.load(service)) == refused.findings


def test_checking_writes_nothing(region: RegionOf) -> None:
    service = config.load(region())
    assert not [finding for finding in check(service) if finding.severity == "refuse"]
    assert not service.published.exists()


def test_an_older_state_published_again_is_the_same_release_and_current(region: RegionOf) -> None:
    service = region()
    first = publish(config.load(service))
    region(edition=1)
    second = publish(config.load(service))
    region(edition=0)
    third = publish(config.load(service))
    assert [first.status, second.status, third.status] == ["published"] * 3
    assert first.release_id == third.release_id != second.release_id
    catalogue = Catalogue(service.parent / "published")
    assert [entry.id for entry in catalogue.list()] == [third.release_id, second.release_id, first.release_id]
    assert catalogue.current().published_at == catalogue.list()[-1].published


def test_a_current_release_that_was_damaged_is_built_anew(region: RegionOf) -> None:
    service = region()
    first = publish(config.load(service))
    place = service.parent / "published" / "releases" / str(first.release_id)
    (place / "features" / "posts.geojsonl").unlink()
    again = publish(config.load(service))
    assert (again.status, again.release_id) == ("published", first.release_id)
    assert verify(Catalogue(service.parent / "published").current()) == ()


@pytest.mark.parametrize("stage", STAGES)
def test_a_publish_killed_at_any_moment_is_never_seen(region: RegionOf, run: Any, stage: str) -> None:
    service = region()
    published = service.parent / "published"
    first = publish(config.load(service))
    before = published_files(service)
    region(edition=1)
    assert run(service, "--kill", stage).returncode == -9
    kept = published_files(service)
    assert {name: kept[name] for name in before} == before
    catalogue = Catalogue(published)
    assert catalogue.current().id == first.release_id
    assert [entry.id for entry in catalogue.list()] == [first.release_id]
    # The next run, of something else, starts clean and leaves nothing of the killed one.
    region(edition=2)
    outcome = publish(config.load(service))
    assert outcome.status == "published"
    assert {path.name for path in (published / "releases").iterdir()} == {
        first.release_id,
        outcome.release_id,
    }
    assert not list((published / "staging").iterdir())
    assert verify(catalogue.current()) == ()


def test_a_publish_killed_behind_the_last_step_was_published(region: RegionOf, run: Any) -> None:
    service = region()
    assert run(service, "--kill", "after-history").returncode == -9
    published = service.parent / "published"
    assert verify(Catalogue(published).current()) == ()
    assert publish(config.load(service)).status == "unchanged"
    assert not list((published / "staging").iterdir())


def test_of_two_publishers_one_is_told_who_the_other_is(region: RegionOf, run: Any, root: Path) -> None:
    service = region()
    with subprocess.Popen(
        command(root, service, "--wait", "digest: posts"),
        env=surroundings(root),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdin and first.stdout
        assert first.stdout.readline() == "waiting\n"
        second = run(service)
        said = json.loads(second.stdout)
        assert (second.returncode, said["status"]) == (3, "Busy")
        assert f"pid {first.pid}" in said["message"]
        first.stdin.write("\n")
        first.stdin.flush()
        assert json.loads(first.stdout.readline())["status"] == "published"
    assert publish(config.load(service)).status == "unchanged"


def test_a_child_left_by_a_dead_publisher_does_not_keep_the_lock(tmp_path: Path, root: Path) -> None:
    program = (
        "import os, signal, sys, time; from pathlib import Path; from releases.lock import publishing\n"
        "with publishing(Path(sys.argv[1])):\n"
        "    child = os.fork()\n"
        "    if child == 0: time.sleep(60)\n"
        "    print(child, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(run, env=surroundings(root), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert parent.wait() == -9
        try:
            with publishing(tmp_path):
                os.kill(child, 0)  # it lives, and we hold the lock
            with pytest.raises(Busy, match="pid"), publishing(tmp_path), publishing(tmp_path):
                raise AssertionError("two of us hold the lock")
        finally:
            os.kill(child, 9)


def test_a_history_that_is_none_stops_everything_and_deletes_nothing(region: RegionOf) -> None:
    service = region()
    publish(config.load(service))
    path = service.parent / "published" / "history.json"
    path.write_text("{")
    before = published_files(service)
    region(edition=1)
    with pytest.raises(history.HistoryDamaged, match=r"history\.json"):
        publish(config.load(service))
    assert published_files(service) == before

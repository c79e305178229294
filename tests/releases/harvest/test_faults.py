"""Whatever goes wrong at the server, on the way or in the target: a copy stays what it was, and somebody is told why."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pytest

from releases.harvest import page
from releases.harvest.failure import HarvestFailed, NotTrusted, ServerFailed, TargetFailed, WrongTarget
from releases.harvest.harvest import ALL, Order, harvest
from releases.harvest.service import Service
from releases.harvest.target import target


def unchanged_by(fault: type[HarvestFailed], service: Service, place: Any, before: Any) -> str:
    """A harvest ends with the fault and leaves the copy; what it says."""
    with pytest.raises(fault) as told:
        harvest(service, place.target())
    assert place.read() == before
    assert told.value.message.zh and told.value.message.en
    return str(told.value.message.en)


@pytest.fixture
def held(world: Any, place: Any, service: Service) -> Any:
    """A copy of edition 0, while the server has gone on to edition 3; what the copy holds."""
    world.show(0)
    harvest(service, place.target())
    world.show(3)
    return place.read()


def bodies(change: Callable[[bytes], bytes], *parts: str) -> Any:
    """Have the answers whose path has one of some parts changed; their length is said to be what it was."""

    def meddle(path: str, environ: dict[str, Any], start: Any, application: Any) -> Any:
        answer = application(environ, start)
        if not any(part in path for part in parts):
            return answer
        body = b"".join(answer)
        return [change(body)]

    return meddle


def test_a_connection_that_breaks_off_leaves_the_copy(
    live: Any, service: Service, place: Any, held: Any
) -> None:
    live.meddle = bodies(lambda body: body[: len(body) // 2], "/items", "/changes")
    assert "does not answer" in unchanged_by(ServerFailed, service, place, held)


def test_a_server_in_trouble_leaves_the_copy_and_one_that_recovers_is_asked_again(
    live: Any, world: Any, service: Service, place: Any, held: Any, expected: Callable[[int], Any]
) -> None:
    troubles = 10**9

    def meddle(path: str, environ: dict[str, Any], start: Any, application: Any) -> Any:
        nonlocal troubles
        if "/items" in path and troubles:
            troubles -= 1
            start("500 Internal Server Error", [("Content-Length", "0")])
            return []
        return application(environ, start)

    live.meddle = meddle
    assert "500" in unchanged_by(ServerFailed, service, place, held)
    troubles = 2
    harvest(service, place.target())
    assert troubles == 0 and place.read() == expected(3)


def test_a_server_that_is_gone_is_told(tmp_path: Path, free_port: Callable[[], int]) -> None:
    service = Service(f"http://127.0.0.1:{free_port()}", pauses=())
    with pytest.raises(ServerFailed, match="does not answer"):
        harvest(service, target(str(tmp_path / "plan.gpkg")))
    assert not (tmp_path / "plan.gpkg").exists()


def test_an_altered_digit_of_a_feature_is_never_taken(
    live: Any, service: Service, place: Any, held: Any
) -> None:
    chance = random.Random(20352035)

    def alter(body: bytes) -> bytes:
        at = chance.choice([found.end() for found in re.finditer(rb'coordinates":\[+-?', body)])
        return body[:at] + (b"8" if body[at : at + 1] != b"8" else b"1") + body[at + 1 :]

    live.meddle = bodies(alter, "/items", "/changes")
    for _ in range(8):
        unchanged_by(NotTrusted, service, place, held)


def test_changes_that_lie_have_their_layer_fetched_whole(
    live: Any, service: Service, place: Any, held: Any, expected: Callable[[int], Any]
) -> None:
    live.meddle = bodies(lambda body: body.replace(b"changed in", b"CHANGED in"), "/changes")
    assert harvest(service, place.target()).acts["parcels"] == "whole"
    assert place.read() == expected(3)


def test_changes_of_what_is_not_there_have_their_layer_fetched_whole(
    live: Any, service: Service, place: Any, held: Any, expected: Callable[[int], Any]
) -> None:
    live.meddle = bodies(lambda body: body.replace(b'"changed"', b'"added"  '), "/changes")
    assert harvest(service, place.target()).acts["parcels"] == "whole"
    assert place.read() == expected(3)


def test_a_manifest_that_was_altered_is_not_taken(live: Any, service: Service, place: Any, held: Any) -> None:
    for old, new in ((b'"root": "', b'"root": "0'), (b"{", b"["), (b'"format": 4', b'"format": 9')):
        live.meddle = bodies(lambda body, old=old, new=new: body.replace(old, new)[: len(body)], "/manifest")
        unchanged_by(NotTrusted, service, place, held)


def test_a_release_that_is_removed_meanwhile_gives_way_to_the_current_one(
    live: Any, world: Any, service: Service, place: Any, expected: Callable[[int], Any]
) -> None:
    world.show(0)

    def meddle(path: str, environ: dict[str, Any], start: Any, application: Any) -> Any:
        if "/posts/items" in path and world.ids[0] in path:
            world.keep((1,))
            # A server that has the release open looks at the history again after a moment.
            time.sleep(0.2)
        return application(environ, start)

    live.meddle = meddle
    assert harvest(service, place.target()).release == world.ids[1]
    assert place.read() == expected(1) and place.left() == []


def test_two_harvests_do_not_write_one_target(world: Any, service: Service, place: Any, held: Any) -> None:
    with place.target().held():
        assert "another harvest" in unchanged_by(TargetFailed, service, place, held)


def test_a_copy_of_another_service_is_left_alone(
    world: Any, live: Any, service: Service, place: Any, held: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from releases.harvest.state import State

    read = State.model_validate_json
    monkeypatch.setattr(
        State, "model_validate_json", lambda text: read(text).model_copy(update={"service": "other"})
    )
    with pytest.raises(WrongTarget, match="another service"):
        harvest(service, place.target())


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 400, None])
def test_a_file_that_no_harvest_made_is_left_alone(
    world: Any, service: Service, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "mine.gpkg"
    if content is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE mine (a)")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(WrongTarget):
        harvest(service, target(str(path)))
    assert path.read_bytes() == before


def test_a_folder_and_a_schema_that_no_harvest_made_are_left_alone(
    world: Any, service: Service, tmp_path: Path, postgis: str
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(WrongTarget, match=r"letter\.txt"):
        harvest(service, target(str(tmp_path / "mine")))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    with pytest.raises(WrongTarget, match="other tables"):
        harvest(service, target(postgis, "public"))
    with pytest.raises(WrongTarget, match="no target"):
        target(str(tmp_path / "mine" / "letter.txt"))


def test_a_database_that_is_gone_is_told(service: Service, free_port: Callable[[], int]) -> None:
    with pytest.raises(TargetFailed, match="refused"):
        harvest(service, target(f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posts SET HEIGHT = 99 WHERE NUMBER = 0",
        "DELETE FROM posts WHERE NUMBER = 3",
        "INSERT INTO posts (NUMBER) VALUES (7)",
        # As every editor of GeoPackages does (OGC 12-128r17, 1.1.3.1.1).
        "UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00.000Z' WHERE table_name = 'posts'",
    ],
)
def test_a_layer_that_somebody_edited_is_fetched_anew(
    world: Any, service: Service, tmp_path: Path, statement: str
) -> None:
    path = tmp_path / "plan.gpkg"
    world.show(0)
    harvest(service, target(str(path)))
    with closing(sqlite3.connect(path)) as connection, connection:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda blob: 0)
        connection.execute(statement)
    assert harvest(service, target(str(path))).acts == {"parcels": "keep", "posts": "whole"}
    assert harvest(service, target(str(path))).status == "unchanged"


def test_a_table_that_somebody_edited_is_fetched_anew(world: Any, service: Service, postgis: str) -> None:
    world.show(0)
    harvest(service, target(postgis, "edited"))
    with closing(psycopg2.connect(postgis)) as connection, connection, connection.cursor() as cursor:
        cursor.execute('UPDATE edited.posts SET "HEIGHT" = 99 WHERE "NUMBER" = 0')
    assert harvest(service, target(postgis, "edited")).acts == {"parcels": "keep", "posts": "whole"}
    assert harvest(service, target(postgis, "edited")).status == "unchanged"


def test_any_bytes_are_features_or_are_refused(world: Any, live: Any, service: Service) -> None:
    world.show(0)
    layer = world.service.layer("parcels")
    [body] = [one.body for one in service.pages(world.ids[0], "parcels", 4000)]
    some = b"\n\x1e".join(body.split(b"\n\x1e")[:40])
    chance = random.Random(3)
    refused = 0
    for _ in range(1500):
        altered = bytearray(some)
        for _ in range(chance.randint(1, 3)):
            altered[chance.randrange(len(some))] = chance.choice(b'[]{},."0-e\x00\xff\n\x1e')
        try:
            page.table(layer, bytes(altered[: chance.randint(1, len(some))]))
        except NotTrusted:
            refused += 1
    assert refused > 500


@pytest.mark.parametrize(
    "name, room", [("plan.gpkg", "300k"), ("plan.gpkg", "1100k"), ("plan", "300k"), ("plan", "500k")]
)
def test_a_disk_that_fills_is_told_and_what_was_held_stays(
    world: Any, service: Service, name: str, room: str
) -> None:
    disk = Path(tempfile.mkdtemp())
    command = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        disk.rmdir()
        pytest.skip("only root can mount a small file system")
    try:
        world.show(0)
        harvest(service, target(str(disk / name)), Order(layers=("posts",)))
        world.show(1)
        with pytest.raises(TargetFailed, match="the disk is full"):
            harvest(service, target(str(disk / name)), Order(layers=ALL))
        subprocess.run([*command[:4], "remount,size=40m", *command[5:]], check=True)
        outcome = harvest(service, target(str(disk / name)))
        assert (outcome.before, set(outcome.acts)) == (world.ids[0], {"posts"})
        assert harvest(service, target(str(disk / name)), Order(layers=ALL)).acts["parcels"] == "whole"
    finally:
        subprocess.run(["umount", str(disk)], check=True)
        disk.rmdir()

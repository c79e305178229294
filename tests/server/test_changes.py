"""Changes between releases and versions of features over HTTP."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from releases import pruning
from releases.pruning import Policy
from releases.release import Catalogue
from server.application import create_application

LAKES = "/collections/lakes/changes"


@pytest.fixture(scope="module")
def see(editions: Any, asker: Callable[..., Any]) -> Any:
    """Ask the server of the editions; a digit in braces is the id of that edition."""
    asking = asker(create_application(editions.service))
    return lambda target, **headers: asking(target.format(*editions.ids), **headers)


def pages(see: Any, address: str) -> Iterator[dict[str, Any]]:
    """The pages from an address on along `next`."""
    there: str | None = address
    while there:
        answer = see(there)
        assert answer.status == 200, answer.body
        yield answer.json
        there = answer.link("next")


def test_the_overview_counts_each_layer(see: Any, editions: Any) -> None:
    said = see("/releases/{4}/changes?since={1}").json
    assert (said["release"], said["since"]) == (editions.ids[4], editions.ids[1])
    found = {one["id"]: one["counts"] for one in said["collections"]}
    assert found == {
        "parishes": {"added": 0, "changed": 1, "removed": 0},
        "lakes": {"added": 1, "changed": 0, "removed": 1},
    }
    assert said["counts"] == {"added": 1, "changed": 1, "removed": 1}
    for one in said["collections"]:
        for link in one["links"]:
            assert see(link["href"]).status == 200
    relations = {link["rel"]: link["href"] for link in said["links"]}
    assert relations["predecessor-version"].endswith(f"/releases/{editions.ids[1]}")
    # A new order of rows alone is no change.
    assert see("/releases/{4}/changes?since={3}").json["collections"][1]["counts"]["changed"] == 0


def test_a_page_tells_what_changed_and_how_it_was(see: Any, editions: Any) -> None:
    said = see("/releases/{2}" + LAKES + "?since={0}&before=true").json
    assert {name: said[name] for name in ("release", "since", "collection", "counts", "numberReturned")} == {
        "release": editions.ids[2],
        "since": editions.ids[0],
        "collection": "lakes",
        "counts": {"added": 0, "changed": 1, "removed": 0},
        "numberReturned": 1,
    }
    [change] = said["changes"]
    assert (change["change"], change["id"], change["fields"], change["geometry"]) == (
        *("changed", 1, ["depth"], True),
    )
    now = see("/releases/{2}/collections/lakes/items/1?f=geojson").json
    then = see("/releases/{0}/collections/lakes/items/1?f=geojson").json
    del now["links"], then["links"]
    assert change["feature"] == now and change["before"] == then
    assert "before" not in see("/releases/{2}" + LAKES + "?since={0}").json["changes"][0]


def test_both_directions_and_the_same_release(see: Any) -> None:
    forth = see("/releases/{3}" + LAKES + "?since={2}").json
    back = see("/releases/{2}" + LAKES + "?since={3}").json
    assert [(one["change"], one["id"]) for one in forth["changes"]] == [("removed", 1), ("added", 9)]
    assert [(one["change"], one["id"]) for one in back["changes"]] == [("added", 1), ("removed", 9)]
    assert "feature" not in forth["changes"][0]
    same = see("/releases/{3}" + LAKES + "?since={3}").json
    assert same["changes"] == [] and same["counts"] == {"added": 0, "changed": 0, "removed": 0}


def test_pages_make_up_the_whole_and_stay_in_their_release(see: Any, editions: Any) -> None:
    # In the current tree, which is that of the third.
    [whole] = pages(see, LAKES + "?since={3}&before=true")
    walked = list(pages(see, LAKES + "?since={3}&before=true&limit=1"))
    assert [len(page["changes"]) for page in walked] == [1, 1]
    assert [change for page in walked for change in page["changes"]] == whole["changes"]
    assert f"/releases/{editions.ids[2]}/" in next(
        link["href"] for link in walked[0]["links"] if link["rel"] == "next"
    )
    back = next(link["href"] for link in walked[1]["links"] if link["rel"] == "prev")
    assert see(back).json["changes"] == walked[0]["changes"]


def test_a_sequence_says_the_same_line_by_line(see: Any) -> None:
    whole = see("/releases/{3}" + LAKES + "?since={2}").json["changes"]
    answer = see("/releases/{3}" + LAKES + "?since={2}&f=geojsonseq")
    assert answer.headers["Content-Type"] == "application/geo+json-seq"
    assert (answer.headers["OGC-NumberMatched"], answer.headers["OGC-NumberReturned"]) == ("2", "2")
    lines = answer.body.decode().split("\x1e")[1:]
    assert all(line.endswith("\n") for line in lines)
    gone, new = map(json.loads, lines)
    assert gone == {"type": "Feature", "id": 1, "change": "removed", "geometry": None, "properties": None}
    assert new.pop("change") == "added" and new == whole[1]["feature"]


def test_a_flatgeobuf_says_the_same_in_rows(see: Any) -> None:
    for target in (
        "/releases/{3}" + LAKES + "?since={2}",
        "/releases/{4}/collections/parishes/changes?since={3}",
    ):
        whole = see(target).json["changes"]
        answer = see(target + "&f=flatgeobuf")
        meta, _, shapes, columns = pyogrio.raw.read(io.BytesIO(answer.body))
        rows = [dict(zip(meta["fields"], row)) for row in zip(*columns)]
        known = "number" if "lakes" in target else "code"
        found = {row[known]: (row, shape) for row, shape in zip(rows, shapes)}
        assert len(found) == len(whole)
        for change in whole:
            row, shape = found[change["id"]]
            assert row["change"] == change["change"]
            if change["change"] == "removed":
                assert shape is None and row["name"] is None
            else:
                assert row["name"] == change["feature"]["properties"]["name"]
                assert shapely.from_wkb(shape).equals(shapely.geometry.shape(change["feature"]["geometry"]))


def test_an_answer_of_two_releases_never_changes(see: Any) -> None:
    pinned, current = (see(tree + LAKES + "?since={0}") for tree in ("/releases/{2}", ""))
    assert "immutable" in pinned.headers["Cache-Control"] and "no-cache" in current.headers["Cache-Control"]
    for answer, tree in ((pinned, "/releases/{2}"), (current, "")):
        again = see(tree + LAKES + "?since={0}", if_none_match=answer.headers["ETag"])
        assert again.status == 304
    assert pinned.headers["ETag"] != see("/releases/{2}" + LAKES + "?since={1}").headers["ETag"]


def test_every_fault_is_told_at_once(see: Any, told: Any) -> None:
    document = told(see(LAKES + "?since=HEAD&limit=0&before=perhaps&cursor=x&foo=1&f=xml"))
    assert document["status"] == 400
    named = {fault["parameter"] for fault in document["errors"]}
    assert named == {"since", "limit", "before", "foo", "f"}
    for target in (
        LAKES,
        "/changes",
        LAKES + "?since=",
        "/changes?since=../..",
        "/changes?since={0}&since={1}",
    ):
        [fault] = told(see(target))["errors"]
        assert fault["parameter"] == "since"


def test_a_cursor_of_another_question_is_refused(see: Any, told: Any) -> None:
    def cursor(target: str) -> str:
        there = str(see(target).link("next"))
        return there.partition("cursor=")[2].partition("&")[0]

    own = cursor("/releases/{3}" + LAKES + "?since={2}&limit=1")
    assert see("/releases/{3}" + LAKES + "?since={2}&cursor=" + own).status == 200
    for target in (
        "/releases/{2}" + LAKES + "?since={3}&cursor=" + own,
        "/releases/{3}" + LAKES + "?since={1}&cursor=" + own,
        "/releases/{3}/collections/parishes/changes?since={2}&cursor=" + own,
        "/releases/{3}" + LAKES + "?since={2}&cursor=" + own[:-6] + "AAA%3D",
        "/releases/{3}" + LAKES + "?since={2}&cursor=1",
    ):
        [fault] = told(see(target))["errors"]
        assert fault["parameter"] == "cursor"


def test_what_is_not_there_is_not_found(see: Any, told: Any) -> None:
    for target in (
        "/changes?since=0000000000000000",
        LAKES + "?since=0000000000000000",
        "/collections/seas/changes?since={0}",
        "/releases/0000000000000000" + LAKES + "?since={0}",
        "/collections/lakes/items/77/versions",
        "/collections/lakes/items/x/versions",
        "/collections/seas/items/1/versions",
        "/releases/{0}/collections/lakes/items/1/versions",
    ):
        assert told(see(target))["status"] == 404, target


def test_a_release_that_was_removed_says_so(editions: Any, asker: Any, told: Any, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    shutil.copytree(editions.service.published, folder)
    pruning.prune(folder, Policy(only=(editions.ids[1],)), by="a test")
    ask = asker(create_application(editions.service.model_copy(update={"published": folder})))
    for target in (f"/changes?since={editions.ids[1]}", f"{LAKES}?since={editions.ids[1]}"):
        assert told(ask(target))["status"] == 410
    versions = ask("/collections/lakes/items/1/versions").json["versions"]
    gone = versions[1]
    assert gone["release"] == editions.ids[1] and gone["pruned"] and "change" not in gone
    assert versions[2]["since"] == editions.ids[0]
    page = ask("/collections/lakes/items/1/versions?f=html&lang=en").body.decode()
    assert "The release was removed" in page


def test_versions_lead_to_each_state(see: Any, editions: Any) -> None:
    document = see("/collections/lakes/items/1/versions").json
    told = [(one["act"], one["change"], one["fields"], one["geometry"]) for one in document["versions"]]
    assert told == [
        ("publish", "added", [], False),
        ("publish", "changed", ["depth"], False),
        ("publish", "changed", [], True),
        ("publish", "removed", [], False),
        ("publish", "added", [], False),
        ("rollback", "changed", ["depth"], True),
    ]
    for one in document["versions"]:
        links = {link["rel"]: link["href"] for link in one["links"]}
        assert ("memento" in links) == (one["change"] != "removed")
        for rel, href in links.items():
            answer = see(href)
            assert answer.status == 200, rel
            assert answer.headers["Blueprint-Release"] == one["release"]
    item = see("/collections/lakes/items/1?f=geojson")
    assert see(str(item.link("version-history"))).json == document


def test_a_timemap_lists_each_release_once_with_its_own_time(see: Any, editions: Any) -> None:
    answer = see("/collections/lakes/items/1/versions?f=link")
    assert answer.headers["Content-Type"].startswith("application/link-format")
    links = answer.body.decode().rstrip("\n").split(",\n")
    mementos = [one for one in links if "memento" in one.partition("; rel=")[2]]
    assert [one.partition("/releases/")[2][:16] for one in mementos] == [
        editions.ids[i] for i in (0, 1, 2, 5)
    ]
    assert 'rel="first memento"' in mementos[0] and 'rel="last memento"' in mementos[-1]
    for one in mementos:
        there = see(one[1 : one.index(">")])
        assert f'datetime="{there.headers["Memento-Datetime"]}"' in one


def test_pages_are_for_people_in_both_languages(see: Any, editions: Any) -> None:
    for lang, words in (("zh", ("变更", "水深")), ("en", ("changed", "Depth"))):
        page = see("/releases/{2}" + LAKES + "?since={0}&f=html&lang=" + lang).body.decode()
        assert all(word in page for word in words)
        assert "<del>12.5</del>" in page and "<ins>13.5</ins>" in page
        page = see("/releases/{3}" + LAKES + "?since={0}&f=html&lang=" + lang).body.decode()
        assert "Ninth &lt;Water&gt;" in page and "<Water>" not in page
        for target in ("/changes?since={0}", "/collections/lakes/items/1/versions"):
            assert see(f"{target}{'&' if '?' in target else '?'}f=html&lang={lang}").status == 200


def test_an_altered_file_is_told_and_not_served(editions: Any, asker: Any, told: Any, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    shutil.copytree(editions.service.published, folder)
    for edition, was, altered in ((3, b"Ninth", b"Tenth"), (0, b"Lost Water", b"Last Water")):
        release = Catalogue(folder).get(editions.ids[edition])
        path = release.path / release.manifest.layer("lakes").file
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(was, altered))
    ask = asker(create_application(editions.service.model_copy(update={"published": folder})))
    assert told(ask(f"/releases/{editions.ids[3]}{LAKES}?since={editions.ids[2]}"))["code"] == "damaged"
    assert told(ask("/collections/lakes/items/3/versions"))["code"] == "damaged"

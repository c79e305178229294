"""`blueprint releases diff` says what the releases say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from releases import history
from releases.changes import comparison
from releases.history import History
from releases.release import Catalogue
from server.cli.program import main


@pytest.fixture
def diff(editions: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command on the editions; a digit in braces is the id of that edition."""
    folder: Path = editions.service.published
    monkeypatch.setenv("BLUEPRINT_CONFIG", str(folder.parent / "service.yml"))
    monkeypatch.setenv("BLUEPRINT_PUBLISHED", str(folder))

    def run(*words: str, lang: str = "en") -> Result:
        given = ["--lang", lang, "releases", "diff", *(word.format(*editions.ids) for word in words)]
        return CliRunner().invoke(main, given)

    return run


def test_the_counts_are_those_of_the_comparison(diff: Callable[..., Result], editions: Any) -> None:
    catalogue = Catalogue(editions.service.published)
    said = json.loads(diff("{1}", "{4}", "--json").stdout)
    then, now = catalogue.get(editions.ids[1]), catalogue.get(editions.ids[4])
    assert (said["since"], said["release"]) == (then.id, now.id)
    for one in said["collections"]:
        found = comparison.compare(then, now, one["id"])
        assert one["counts"] == found.counts._asdict()
        assert [change["id"] for change in one["changes"]] == [
            change.id for some in found.page(0, 10) for change in some
        ]


def test_people_read_what_changed(diff: Callable[..., Result]) -> None:
    text = diff("{0}", "{2}").stdout
    assert "lakes" in text and "+0  ~1  -0" in text and "~ 1  (depth, geometry)" in text
    assert "parishes" not in text and "几何" in diff("{0}", "{2}", lang="zh").stdout
    assert "parishes" in diff("{3}", "{4}", "--layer", "parishes").stdout
    assert "nothing changed" in diff("{3}", "{3}").stdout


def test_without_names_it_is_the_current_one_against_the_one_before(
    diff: Callable[..., Result], editions: Any
) -> None:
    # The third leads again, and was made when the second did.
    assert diff().stdout.startswith(editions.ids[1]) and editions.ids[2] in diff().stdout
    assert diff("{5}").stdout.startswith(editions.ids[5])


@pytest.mark.parametrize("words", [("0" * 16,), ("no-such-tag", "{0}"), ("{0}", "{1}", "--layer", "seas")])
def test_what_is_not_there_is_exit_code_1(diff: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert diff(*words).exit_code == 1


def test_before_the_first_there_is_none(
    diff: Callable[..., Result], editions: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "published"
    shutil.copytree(editions.service.published, folder)
    history.write(folder, History(releases=history.read(folder).releases[:1]))
    monkeypatch.setenv("BLUEPRINT_PUBLISHED", str(folder))
    assert diff().exit_code == 1

"""`blueprint check --report` and `blueprint publish --accept`: what is written, what is taken, what is never taken."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from releases import history
from releases.release import Catalogue
from releases.report import names
from server.cli.person import system_user
from server.cli.program import main
from server.cli.setting import LISTED

Run = Callable[..., Result]
FILES = {names.JSON, names.GEOPACKAGE, *names.PAGES.values()}
ACCEPT = ("--accept", "duplicate-points")


@pytest.fixture
def region(lakes: Any, tmp_path: Path) -> Any:
    """The imaginary lakes with a parish one of whose vertices stands there twice, which is a warning."""
    region = lakes(tmp_path / "lakes")
    path = region.folder / "data" / "norland" / "parishes.geojson"
    document = json.loads(path.read_text())
    ring = document["features"][2]["geometry"]["coordinates"][0]
    ring.insert(1, ring[1])
    path.write_text(json.dumps(document))
    return region


@pytest.fixture
def run(region: Any, monkeypatch: pytest.MonkeyPatch, root: Path) -> Run:
    """Run a command on the region, in English unless said."""
    for name, value in {**region.variables, "BLUEPRINT_CACHE": str(root / "var" / "cache")}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, lang: str = "en") -> Result:
        # Set again each time, since a command changes it.
        os.environ["BLUEPRINT_LANG"] = lang
        return CliRunner().invoke(main, arguments)

    monkeypatch.setenv("BLUEPRINT_LANG", "en")
    return run


def test_a_check_writes_the_whole_report_and_publishes_nothing(run: Run, region: Any, tmp_path: Path) -> None:
    folder = tmp_path / "some" / "report"
    done = run("check", "--report", str(folder))
    assert done.exit_code == 1
    assert {path.name for path in folder.iterdir()} == FILES
    assert "held" in done.stdout and str(folder) in done.stdout
    assert not region.service.published.exists()
    told = json.loads(run("check", "--json", "--report", str(folder)).stdout)
    assert (told["passed"], told["verdict"], told["report"]) == (False, "held", str(folder))


def test_a_held_candidate_tells_where_its_report_is(run: Run, region: Any) -> None:
    done = run("publish", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["status"], told["release"]) == (1, "held", None)
    assert {path.name for path in Path(told["report"]).iterdir()} == FILES
    assert re.search(r"^the whole report: .*/refused/", run("publish").stdout, re.M)


def test_an_accepted_warning_is_published_under_the_name_of_who_took_it_upon_himself(
    run: Run, region: Any
) -> None:
    done = run("publish", *ACCEPT, "--reason", "as surveyed", "--by", "李华")
    assert done.exit_code == 0, done.output
    (waiver,) = Catalogue(region.service.published).current().manifest.waivers
    assert waiver.model_dump() == {"rule": "duplicate-points", "reason": "as surveyed", "by": "李华"}
    assert history.read(region.service.published).releases[-1].by == "李华"


def test_without_a_name_it_is_the_systems_user(run: Run, region: Any) -> None:
    assert run("publish", *ACCEPT, "--reason", "as surveyed").exit_code == 0
    (waiver,) = Catalogue(region.service.published).current().manifest.waivers
    assert waiver.by == system_user() == history.read(region.service.published).releases[-1].by


def test_a_user_without_a_name_is_known_by_his_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert system_user() == f"uid {os.getuid()}"


def test_each_rule_has_the_reason_that_is_said_for_it(run: Run, region: Any) -> None:
    both = (*ACCEPT, "--accept", "spike", "--reason", "one", "--reason", "two")
    done = run("publish", *both, "--by", "Li Hua")
    assert done.exit_code == 0
    assert "spike has no warnings: nothing was accepted" in done.stderr
    assert [
        (waiver.rule, waiver.reason)
        for waiver in Catalogue(region.service.published).current().manifest.waivers
    ] == [("duplicate-points", "one")]


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (
            ("--accept", "duplicate-point", "--reason", "x"),
            "did you mean duplicate-points?",
            "是否指 duplicate-points？",
        ),
        (("--accept", "zzz", "--reason", "x"), "there is no rule 'zzz'", "没有规则 'zzz'"),
        (("--accept", "overlap", "--reason", "x"), "overlap is never accepted", "绝不能接受"),
        (("--accept", "field-absent", "--reason", "x"), "there is nothing to accept", "无需接受"),
        (ACCEPT, "needs a reason", "须说明理由"),
        ((*ACCEPT, "--reason", "  "), "needs a reason", "须说明理由"),
        (("--reason", "x"), "of no use without --accept", "须与 --accept"),
        (
            (*ACCEPT, "--accept", "spike", "--accept", "sliver", "--reason", "x", "--reason", "y"),
            "3 --accept and 2 --reason",
            "--accept 有 3 个",
        ),
        ((*ACCEPT, "--reason", "x", "--by", " "), "a name of 1 to 200", "可见字符的姓名"),
        ((*ACCEPT, "--reason", "x", "--by", "a\nb"), "a name of 1 to 200", "可见字符的姓名"),
    ],
)
def test_what_cannot_be_accepted_is_told_before_anything_is_read(
    run: Run, region: Any, arguments: tuple[str, ...], english: str, chinese: str
) -> None:
    for lang, expected in (("en", english), ("zh", chinese)):
        done = run("publish", *arguments, lang=lang)
        assert done.exit_code == 2
        assert expected in re.sub(r"\s+", " ", done.stderr).replace(" │ │ ", " ")
    assert not region.service.published.exists()


def test_a_listing_shows_the_first_of_each_kind_and_says_how_many_more(run: Run, region: Any) -> None:
    path = region.folder / "data" / "norland" / "lakes.geojson"
    document = json.loads(path.read_text())
    for feature in document["features"] * 10:
        feature = json.loads(json.dumps(feature))
        feature["properties"]["name"] = None
        document["features"].append(feature)
    path.write_text(json.dumps(document))
    few, many = run("check").stdout, run("check", "--all").stdout
    assert few.count("] mandatory norland/lakes") == LISTED
    assert "... 10 more of mandatory norland/lakes: see --all" in few
    assert many.count("] mandatory norland/lakes") == 30

"""What docs/releases.md has an operator type, typed in that order; and what each command says when it cannot be done."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from releases import history
from releases.release import Catalogue
from server.cli.program import main

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(region: Any, root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `blueprint` on the region, in English unless said."""
    for name, value in (
        region.variables | {"BLUEPRINT_CACHE": str(root / "var" / "cache"), "LANG": "C"}
    ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("BLUEPRINT_LANG", raising=False)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        before = dict(os.environ)
        try:
            result = CliRunner().invoke(main, arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)

    return run


def rows(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("releases", "list", "--json").stdout)
    return found


def test_the_commands_of_the_documentation_do_what_it_says(run: Run, region: Any, root: Path) -> None:
    text = (root / "docs" / "releases.md").read_text("utf-8")
    block = next(one for one in re.findall(r"```sh\n(.*?)```", text, re.S) if "blueprint publish" in one)
    commands = [shlex.split(line)[1:] for line in block.splitlines()]
    edition, draft = 0, ""
    current = []
    for command in commands:
        if command[0] == "publish":
            edition += 1
            region.edit(edition)
        done = run(*(draft if word == "DRAFT" else word for word in command))
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        draft = draft or next((row["id"] for row in rows(run) if row["status"] == "draft"), "")
        current.append(next(row["id"] for row in rows(run) if row["status"] == "current"))
    first = current[0]
    # Published, tagged, drafted, listed; promoted, rolled back, and back again.
    assert current[:7] == [first, first, first, first, draft, first, draft]
    past = history.read(region.folder / "published")
    assert [entry.act for entry in past.releases] == [
        *("publish", "tag", "draft", "promote", "rollback", "rollback", "untag")
    ]
    assert past.releases[0].by == "Li Hua" and past.releases[0].note == "first edition"
    assert past.tags == {} and past.broken() is None


def test_the_log_names_every_act_its_files_and_whether_it_is_whole(run: Run, region: Any) -> None:
    region.edit(1)
    run("publish", "--by", "Li Hua", "--note", "one")
    run("tag", "v1", "--by", "Wang")
    log = run("releases", "log", "--files")
    assert log.returncode == 0
    published = region.folder / "published"
    assert (
        f"2 acts, each following from the one before; digest {history.read(published).digest}" in log.stdout
    )
    assert re.search(r"publish +[0-9a-f]{16} +Li Hua +one", log.stdout)
    assert re.search(r"[0-9a-f]{64}  lakes  norland  norland/lakes\.geojson", log.stdout)
    document = json.loads(run("releases", "log", "--json").stdout)
    assert document["broken"] is None and len(document["entries"][0]["sources"]) == 4
    path = published / "history.json"
    path.write_text(path.read_text().replace("Li Hua", "Nobody"))
    log = run("releases", "log")
    assert log.returncode == 1 and "act 2 does not follow" in log.stdout
    refused = run("untag", "v1")
    assert refused.returncode == 3 and "entry 2 does not follow" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_cannot_be_done_is_exit_code_1_with_the_reason_in_both_languages(run: Run, region: Any) -> None:
    region.edit(1)
    run("publish")
    current = rows(run)[0]["id"]
    for command, english, chinese in (
        (("rollback",), "no release before", "没有可回退"),
        (("rollback", "0" * 16), "0" * 16, "0" * 16),
        (("promote", "v9"), "v9", "v9"),
        (("tag", "a/b"), "is no tag", "不合要求"),
        (("untag", "v1"), "no release has the tag", "没有标签"),
        (("prune", current), "is the current release", "当前版次"),
        (("releases", "show", "v9"), "v9", "v9"),
    ):
        for lang, words in (("en", english), ("zh", chinese)):
            told = run("--lang", lang, *command)
            assert told.returncode == 1, (command, told.stdout, told.stderr)
            assert words in told.stderr and "Traceback" not in told.stderr
    for command in (
        ("prune",),
        ("prune", "--keep", "0"),
        ("prune", current, "--keep", "1"),
        ("promote",),
        ("tag",),
    ):
        assert run(*command).returncode == 2, command


def test_a_removed_release_is_listed_as_such_and_named_by_every_command(run: Run, region: Any) -> None:
    for edition in (1, 2):
        region.edit(edition)
        run("publish", "--by", "Li Hua")
    second, first = (row["id"] for row in rows(run))
    assert json.loads(run("prune", first, "--json").stdout)["releases"] == [first]
    assert [row["status"] for row in rows(run)] == ["pruned", "current"]
    assert f"{first}" in run("releases").stdout and "[pruned]" in run("releases").stdout
    for command in (("releases", "show", first), ("rollback", first), ("tag", "v1", first)):
        told = run(*command)
        assert told.returncode == 1 and second in told.stderr


def test_a_clock_that_has_jumped_back_is_told(run: Run, region: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    region.edit(1)
    run("publish")
    monkeypatch.setattr(history, "now", lambda: "2001-01-01T00:00:00Z")
    region.edit(2)
    done = run("publish")
    assert done.returncode == 0 and "2001-01-01T00:00:00Z" in done.stderr and "clock" in done.stderr
    assert "clock" in run("tag", "v1").stderr
    times = [entry.published for entry in history.read(region.folder / "published").releases]
    assert times == sorted(times) and min(times) > "2001"


def test_a_draft_is_not_what_the_current_commands_look_at(run: Run, region: Any) -> None:
    region.edit(1)
    run("publish")
    region.edit(2)
    drafted = json.loads(run("publish", "--draft", "--json").stdout)
    assert drafted["status"] == "published"
    shown = json.loads(run("releases", "show", "--json").stdout)
    assert shown["id"] != drafted["release"]
    assert (
        json.loads(run("releases", "show", drafted["release"], "--json").stdout)["id"] == drafted["release"]
    )
    again = run("publish", "--draft")
    assert again.returncode == 0 and "is there already" in again.stdout
    published = run("publish")
    assert published.returncode == 0
    assert Catalogue(region.folder / "published").current().id == drafted["release"]

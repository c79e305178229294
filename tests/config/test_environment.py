"""Variables of the environment win over the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import config


@pytest.mark.parametrize(
    "variable, text, attribute, value",
    [
        ("HOST", "0.0.0.0", "server.host", "0.0.0.0"),
        ("PORT", "9001", "server.port", 9001),
        ("BLUEPRINT_WORKERS", "5", "server.workers", 5),
        ("BLUEPRINT_URL", "https://example.org", "url", "https://example.org"),
        ("BLUEPRINT_DATA", "/srv/data", "data", Path("/srv/data")),
        ("BLUEPRINT_PUBLISHED", "/srv/published", "published", Path("/srv/published")),
        ("BLUEPRINT_CACHE", "/srv/cache", "cache", Path("/srv/cache")),
        ("BLUEPRINT_KEY", "/srv/keys/own.pem", "signing_key", Path("/srv/keys/own.pem")),
    ],
)
def test_a_variable_wins_over_the_file(
    lakes: Path, variable: str, text: str, attribute: str, value: Any
) -> None:
    found: Any = config.load(lakes, {variable: text})
    for name in attribute.split("."):
        found = getattr(found, name)
    assert found == value


def test_every_override_says_in_both_languages_what_it_is_for() -> None:
    assert all(override.title.zh and override.title.en for override in config.OVERRIDES)


def test_the_comment_of_the_configuration_names_every_variable(root: Path) -> None:
    text = (root / "config" / "service.yml").read_text(encoding="utf-8")
    assert [override.variable for override in config.OVERRIDES if override.variable not in text] == []


def test_a_variable_keeps_what_stands_beside_it_in_the_file(lakes: Path) -> None:
    lakes.write_text(lakes.read_text(encoding="utf-8") + "server: {threads: 7}\n", encoding="utf-8")
    server = config.load(lakes, {"PORT": "9001"}).server
    assert (server.port, server.threads) == (9001, 7)


def test_an_empty_variable_counts_as_not_set(lakes: Path) -> None:
    assert config.load(lakes, {"PORT": "", "BLUEPRINT_URL": ""}) == config.load(lakes)


def test_a_path_in_the_environment_is_relative_to_where_the_program_was_started(
    lakes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.load(lakes, {"BLUEPRINT_PUBLISHED": "here"}).published == tmp_path / "here"


def test_the_process_environment_is_not_read_unless_it_is_passed(
    lakes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "9001")
    assert config.load(lakes).server.port == 8000


@pytest.mark.parametrize(
    "variable, text",
    [("PORT", "http"), ("PORT", "70000"), ("BLUEPRINT_WORKERS", "0"), ("BLUEPRINT_URL", "example.org")],
)
def test_a_wrong_variable_is_named_and_not_the_file(lakes: Path, variable: str, text: str) -> None:
    with pytest.raises(config.ConfigError) as caught:
        config.load(lakes, {variable: text})
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == (None, variable)
    assert str(problem).startswith(f"environment: {variable}: ") and text in str(problem)
    assert problem.of("zh").startswith(f"环境变量: {variable}: ")


def test_a_wrong_variable_does_not_hide_faults_of_the_file(lakes: Path) -> None:
    lakes.write_text(
        lakes.read_text(encoding="utf-8").replace("language: en", "language: nl"), encoding="utf-8"
    )
    with pytest.raises(config.ConfigError) as caught:
        config.load(lakes, {"PORT": "http"})
    assert [problem.key for problem in caught.value.problems] == ["PORT", "language"]

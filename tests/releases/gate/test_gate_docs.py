"""docs/gate.md against the program: its rules, their defaults, its keys and its cases."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

import config
from config.gate import RuleSetting
from config.relations import Relations
from config.rules import RULES, Rule
from releases.demo.dirty import planted


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "gate.md").read_text("utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of each line of the tables of rules."""
    lines = re.findall(r"^\| `([a-z0-9-]+)` \|(.*)\|$", text, re.MULTILINE)
    found = [[name, *(cell.strip() for cell in rest.split("|"))] for name, rest in lines]
    return [cells for cells in found if cells[0] in RULES]


def limit(rule: Rule) -> str:
    return "" if rule.limit is None else f"{rule.limit:g} {rule.unit}"


def test_the_tables_are_the_rules_in_their_order(text: str) -> None:
    told = [(name, severity, size) for name, severity, size, _, _ in rows(text)]
    assert told == [(rule.id, rule.severity, limit(rule)) for rule in RULES.values()]


def test_every_rule_says_what_it_finds_and_how_it_is_mended(text: str) -> None:
    for name, _, _, finds, mends in rows(text):
        assert len(finds) > 20 and len(mends) >= 8, name


def test_rules_stand_below_their_subject(text: str) -> None:
    chapters = {"Sources": "source"}
    for chapter in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, body = chapter.split("\n", 1)
        subject = chapters.get(title, title.lower())
        for name, *_ in rows(body.split("\n## ")[0]):
            assert RULES[name].subject == subject, name


def test_the_examples_of_the_configuration_are_valid(text: str, root: Path, tmp_path: Path) -> None:
    service = yaml.safe_load((root / "config" / "service.yml").read_text("utf-8"))
    for example in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        document = {**service, **yaml.safe_load(example)}
        for name in ("layers", "codelists"):
            document[name] = str(root / "config" / f"{name}.yml")
        path = tmp_path / "service.yml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
        assert config.load(path).gate.listed == 1000


def test_all_keys_of_relations_and_rules_are_shown(text: str) -> None:
    examples = "".join(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))
    for key in (*Relations.model_fields, *RuleSetting.model_fields):
        assert re.search(rf"\b{key}:", examples), key


def test_the_cases_of_the_dirty_demo_are_those_that_are_named(text: str, dirty_demo: Path) -> None:
    cases = {case["id"] for case in json.loads((dirty_demo / planted.NAME).read_text("utf-8"))["cases"]}
    table = text[text.index("| folder | holds |") :].split("\n\n")[0]
    assert set(re.findall(r"`([a-z]+)`", "".join(line.split("|")[1] for line in table.splitlines()))) == {
        "clean",
        *cases,
    }

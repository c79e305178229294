"""The table of rules, and what an operator's settings make of it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import shapely

import releases
from config.gate import Gate
from config.rules import RULES
from releases.gate import CHECKS, Rules, inspect
from releases.table import Candidate

REASON = {"zh": "试验", "en": "a test"}
ROOT = Path(releases.__file__).parent
#: Where rules are found that no check of a table can find any more: in files, styles and tile matrix sets.
READERS = (*(ROOT / "sources").glob("*.py"), ROOT / "appearance.py", ROOT / "tilematrixsets.py")


def named(paths: tuple[Path, ...]) -> set[str]:
    """The ids of rules that stand as texts in these modules."""
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {rule for rule in RULES if rule in texts}


def test_every_rule_is_found_by_a_check_or_by_a_reader_and_there_is_no_other() -> None:
    checked = {rule for check in CHECKS for rule in check.rules}
    assert checked <= RULES.keys()
    assert checked | named(READERS) == RULES.keys()


def test_the_rules_of_a_check_stand_in_the_modules_of_the_gate() -> None:
    checked = {rule for check in CHECKS for rule in check.rules}
    modules = tuple(path for path in (ROOT / "gate").glob("*.py") if path.name != "checks.py")
    assert checked <= named(modules)


def test_titles_are_in_two_languages_and_a_limit_has_a_unit() -> None:
    for rule in RULES.values():
        assert rule.title.zh != rule.title.en and not rule.title.en.isupper()
        assert (rule.limit is None) == (rule.unit is None)


def test_a_setting_changes_the_severity_and_the_limit_of_its_rule_alone() -> None:
    rules = Rules.of(
        Gate.model_validate({"rules": {"sliver": {"severity": "refuse", "limit": 3, "reason": REASON}}})
    )
    assert (rules.severity("sliver"), rules.limit("sliver")) == ("refuse", 3)
    assert (rules.severity("tiny-ring"), rules.limit("tiny-ring")) == ("warn", 10)
    with pytest.raises(KeyError):
        rules.limit("mandatory")


STRIP = shapely.box(104, 30, 104.1, 30.000001)


@pytest.mark.parametrize("severity", ["refuse", "warn", "note"])
def test_a_finding_is_as_severe_as_its_rule(bench: Any, severity: str) -> None:
    bench.gate["rules"] = {"sliver": {"severity": severity, "reason": REASON}}
    (finding,) = Rules.of(bench.service.gate).judged(bench.findings([STRIP]))
    assert (finding.rule, finding.severity) == ("sliver", severity)


def test_a_rule_that_is_off_is_not_told(bench: Any) -> None:
    bench.gate["rules"] = {"sliver": {"severity": "off", "reason": REASON}}
    assert Rules.of(bench.service.gate).judged(bench.findings([STRIP])) == ()


def test_a_check_of_which_every_rule_is_off_does_not_run(bench: Any) -> None:
    names = ("sliver", "tiny-ring")
    bench.gate["rules"] = {name: {"severity": "off", "reason": REASON} for name in names}
    told: list[str] = []
    inspect(Candidate((bench.table([STRIP]),), (), {}), bench.service, lambda name, *_: told.append(name))
    titles = {check.title.en for check in CHECKS if set(check.rules) & set(names)}
    assert titles and not [name for name in told if name.partition(":")[0] in titles]
    assert any(name.startswith("spikes") for name in told)


@pytest.mark.parametrize("listed", [1, 3])
def test_as_many_faults_are_listed_as_the_settings_say(bench: Any, listed: int) -> None:
    bench.gate["listed"] = listed
    shapes = [shapely.box(104 + i / 10, 30, 104.05 + i / 10, 30.05) for i in range(5)]
    findings = bench.findings(shapes, [{"PLACE": "x"}] * 5)
    assert [one.count for one in findings] == [1] * listed + [5 - listed]
    assert findings[-1].feature is None and findings[-1].place is None

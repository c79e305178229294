"""The report as JSON: it says all that decided, fits its schema, and follows from the data alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from config.models import Gate, RuleSetting, Text
from releases.gate import RULES
from releases.manifest import Waiver
from releases.publication import examine
from releases.report import document, files, names
from releases.report.examined import Examined

RegionOf = Callable[..., Any]


@pytest.fixture(scope="session")
def valid() -> Callable[[Examined], dict[str, Any]]:
    """The report of a candidate, read from its bytes and held against the schema."""
    schema = json.loads(document.SCHEMA.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    def valid(examined: Examined) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(examined.report)
        validator.validate(report)
        return report

    return valid


Valid = Callable[[Examined], dict[str, Any]]


def test_a_sound_candidate_passes(sound: Examined, valid: Valid) -> None:
    report = valid(sound)
    assert report["verdict"] == "passed"
    assert report["counts"] == {"refuse": 0, "warn": 0, "note": 0}
    assert report["findings"] == report["table"] == report["waivers"] == []
    assert {layer["id"]: layer["authorities"] for layer in report["layers"]} == {
        "parishes": {"norland": 3, "suderland": 2},
        "lakes": {"norland": 3, "suderland": 2},
    }
    assert {source["path"] for source in report["sources"]} == {
        f"{authority}/{layer}.geojson"
        for authority in ("norland", "suderland")
        for layer in ("parishes", "lakes")
    }


def test_findings_of_every_shape_fit_the_schema_and_their_table_counts_them_all(
    of_every_shape: Examined, valid: Valid
) -> None:
    report = valid(of_every_shape)
    counted = Counter[tuple[Any, ...]]()
    for one in report["findings"]:
        counted[one["authority"], one["layer"], one["rule"], one["severity"]] += one["count"]
    rows = {
        (row["authority"], row["layer"], row["rule"], row["severity"]): row["count"]
        for row in report["table"]
    }
    assert rows == dict(counted) and len(rows) == len(report["table"])
    assert sum(report["counts"].values()) == sum(rows.values())


def test_a_layer_that_could_not_be_read_has_no_count(region: RegionOf, valid: Valid) -> None:
    lakes = region()
    for authority in ("norland", "suderland"):
        (lakes.folder / "data" / authority / "lakes.geojson").write_text("no JSON")
    report = valid(examine(lakes.service))
    assert report["verdict"] == "refused"
    assert {layer["id"]: layer["count"] for layer in report["layers"]} == {"parishes": 5, "lakes": None}


def test_the_rules_in_force_are_told_with_the_reason_of_each_change(sound: Examined, valid: Valid) -> None:
    reason = Text(zh="有原因", en="for a reason")
    settings = {
        "spike": RuleSetting(limit=0.5, reason=reason),
        "overlap": RuleSetting(severity="warn", reason=reason),
        "tile-id": RuleSetting(severity="off", reason=reason),
    }
    service = sound.service.model_copy(update={"gate": Gate(rules=settings)})
    rules = {rule["id"]: rule for rule in valid(Examined(service, sound.candidate, (), ()))["rules"]}
    assert list(rules) == list(RULES)
    assert (rules["spike"]["limit"], rules["spike"]["severity"]) == (0.5, RULES["spike"].severity)
    assert (rules["overlap"]["severity"], rules["overlap"]["default"]["severity"]) == ("warn", "refuse")
    assert rules["tile-id"]["severity"] == "off"
    assert {name for name, rule in rules.items() if rule["reason"]} == set(settings)
    assert rules["spike"]["reason"] == {"zh": "有原因", "en": "for a reason"}


def test_warnings_hold_a_candidate_until_each_rule_is_accepted(
    with_findings: Callable[..., Examined], finding: Callable[..., Any], valid: Valid
) -> None:
    found = (finding("spike"), finding("sliver", count=3), finding("field-absent"))
    accepted = (Waiver(rule="spike", reason="as it is", by="Li Hua"),)
    held = with_findings(*found)
    assert (valid(held)["verdict"], valid(held)["openWarnings"]) == ("held", 4)
    half = Examined(held.service, held.candidate, held.findings, accepted)
    assert (valid(half)["verdict"], valid(half)["openWarnings"]) == ("held", 3)
    both = (*accepted, Waiver(rule="sliver", reason="too", by="Li Hua"))
    passed = valid(Examined(held.service, held.candidate, held.findings, both))
    assert (passed["verdict"], passed["openWarnings"]) == ("passed", 0)
    assert passed["counts"] == {"refuse": 0, "warn": 4, "note": 1}
    assert passed["waivers"][0] == {"rule": "spike", "reason": "as it is", "by": "Li Hua"}


def test_nobody_can_accept_what_refuses(
    with_findings: Callable[..., Examined], finding: Callable[..., Any]
) -> None:
    refused = with_findings(finding("overlap"))
    waiver = Waiver(rule="overlap", reason="please", by="Li Hua")
    assert Examined(refused.service, refused.candidate, refused.findings, (waiver,)).verdict == "refused"


def test_equal_candidates_have_equal_reports_wherever_they_are(
    region: RegionOf, repeat_a_vertex: Any, use_unknown_codes: Any, tmp_path: Path
) -> None:
    written = []
    for name in ("here", "some where else"):
        examined = examine(region(repeat_a_vertex, use_unknown_codes, name=name).service)
        files.write(tmp_path / f"report of {name}", examined)
        written.append({path.name: path.read_bytes() for path in (tmp_path / f"report of {name}").iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {names.JSON, names.GEOPACKAGE, *names.PAGES.values()}
    assert not [name for name, body in written[0].items() if str(tmp_path).encode() in body]


def test_a_report_replaces_an_older_one_in_its_folder(
    sound: Examined, of_every_shape: Examined, tmp_path: Path
) -> None:
    files.write(tmp_path / "fresh", sound)
    files.write(tmp_path / "used", of_every_shape)
    files.write(tmp_path / "used", sound)
    for path in (tmp_path / "fresh").iterdir():
        assert (tmp_path / "used" / path.name).read_bytes() == path.read_bytes()

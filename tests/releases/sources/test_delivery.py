"""Delivery notes: what an authority says about its layers, and notes that say something impossible."""

from __future__ import annotations

from typing import Any

import pytest

from config.models import Service
from releases.findings import Finding
from releases.sources import read
from releases.table import Candidate


def deliver(office: Any, **notes: str) -> tuple[Candidate, tuple[Finding, ...]]:
    """Read lakes from two authorities with these notes."""
    office.write("lakes.gpkg")
    service = office.service({"path": "lakes.gpkg"})
    authorities = tuple(
        authority.model_copy(update={"delivery": f"{authority.id}.yml"})
        if authority.id in notes
        else authority
        for authority in service.authorities
    )
    for name, text in notes.items():
        (office.data / f"{name}.yml").write_text(text, "utf-8")
    noted: Service = service.model_copy(update={"authorities": authorities})
    return read(noted)


def test_a_layer_is_as_real_as_its_least_real_delivery(office: Any) -> None:
    notes = {"north": "{authority: north, layers: {lakes: {nature: real}}}"}
    candidate, findings = deliver(office, **notes)
    layer = candidate.tables[0].layer
    assert not findings
    assert candidate.nature(layer) == "derived"
    candidate, _ = deliver(office, **notes, south="{authority: south, layers: {lakes: {nature: synthetic}}}")
    assert candidate.nature(layer) == "synthetic"


def test_a_remark_on_the_whole_delivery_stands_for_each_layer_without_one(office: Any) -> None:
    candidate, _ = deliver(
        office,
        north="{authority: north, note: {zh: 草稿, en: draft}, layers: {lakes: {}}}",
        south="{authority: south, layers: {lakes: {note: {zh: 定稿, en: final}}}}",
    )
    assert [d.note.en for d in candidate.deliveries["lakes"] if d.note] == ["draft", "final"]


def test_without_notes_the_configuration_has_the_word(office: Any) -> None:
    candidate, findings = deliver(office)
    assert not findings
    assert candidate.nature(candidate.tables[0].layer) == "derived"


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("{authority: south, layers: {}}", "south"),
        ("{authority: north, layers: {lake: {}}}", "did you mean lakes?"),
        ("{authority: north, layers: {lakes: {nature: natural}}}", "layers.lakes.nature"),
        ("{authority: north, layers: {lakes: {depth: 3}}}", "layers.lakes.depth"),
        ("{layers: {}}", "authority"),
        ("{authority: north", "YAML"),
        ("", "-"),
    ],
)
def test_a_note_that_says_something_impossible_is_refused(office: Any, note: str, words: str) -> None:
    _, (finding,) = deliver(office, north=note)
    assert (finding.rule, finding.severity, finding.authority) == ("delivery-note", "refuse", "north")
    assert words in finding.message.en


def test_a_note_that_is_not_there_is_refused(office: Any) -> None:
    office.write("lakes.gpkg")
    service = office.service({"path": "lakes.gpkg"})
    north = service.authorities[0].model_copy(update={"delivery": "north.yml"})
    _, (finding,) = read(service.model_copy(update={"authorities": (north, *service.authorities[1:])}))
    assert finding.rule == "delivery-note"

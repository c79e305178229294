"""What is said of a level, for every way in which one can be made, also those that the demo does not have."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest

from releases.manifest import PublishedLevel
from releases.release import Release
from server import fidelity
from server.ask import Ask

RULES = get_args(PublishedLevel.model_fields["rule"].annotation)
REDUCTIONS = get_args(PublishedLevel.model_fields["reduction"].annotation)


def said(release: Release, lang: str, **changes: Any) -> dict[str, Any]:
    layer = release.manifest.layer("xzq_county")
    level = layer.levels[-1].model_copy(update=changes)
    ask = SimpleNamespace(manifest=release.manifest, say=lambda zh, en: {"zh": zh, "en": en}[lang])
    tms = release.manifest.sets.get("WebMercatorQuad")
    return fidelity.statement(cast(Ask, ask), layer, tms, fidelity.Span(level, 5, 8))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_way_of_making_a_level_has_its_words(release: Release, lang: str) -> None:
    words = {}
    for rule, reduction in itertools.product(RULES, REDUCTIONS):
        if (rule, reduction) == ("none", "none"):
            continue
        one = said(release, lang, generalised=True, rule=rule, reduction=reduction, tolerance=1e-3)
        assert one["meaning"] and one["filter"]
        words[rule, reduction] = one["meaning"]
    assert len(set(words.values())) == len(words)
    exact = said(release, lang, generalised=False, rule="none", reduction="none", tolerance=0.0)
    assert exact["meaning"].startswith({"zh": "精确", "en": "Exact"}[lang])


def test_a_tolerance_is_a_length_in_the_plane_and_shorter_on_the_ground(release: Release) -> None:
    found = said(release, "en", generalised=True, rule="alone", tolerance=1e-3)["tolerance"]
    assert found["degrees"] == 1e-3 and found["metres"] == pytest.approx(111.319, abs=1e-3)
    # The southernmost county reaches to 26 degrees: cos 26 = 0.90.
    assert found["ground"] == pytest.approx(111.319 * 0.9, abs=1)


def test_zooms_over_the_budget_are_named(release: Release) -> None:
    assert said(release, "en", over_budget=(6, 7))["overBudget"] == ["6", "7"]
    assert "overBudget" not in said(release, "en", over_budget=())

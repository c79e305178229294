"""The ordinary demo has nothing to refuse and nothing to decide, before the first release and after."""

from __future__ import annotations

from config.models import Service
from releases.history import read
from releases.publication import check


def test_the_demo_is_clean_on_its_own_and_against_its_own_release(published: Service) -> None:
    assert read(published.published).current is not None
    assert [str(one) for one in check(published) if one.severity != "note"] == []
    first = published.model_copy(update={"published": published.published / "elsewhere"})
    assert [str(one) for one in check(first) if one.severity != "note"] == []

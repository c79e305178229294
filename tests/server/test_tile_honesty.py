"""Headers say how true a tile is, in the syntax of structured fields, on every answer and to pages of other sites."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.application import create_application

SET = "WebMercatorQuad"
WHOLE = f"/tiles/{SET}/8/104/203"
#: RFC 9651, as far as we use it: tokens are layers, a decimal has at most three digits behind its point.
_KEY = r"[a-z*][a-z0-9_.*-]*"
_ITEM = rf"[A-Za-z*][A-Za-z0-9_]*(?:;{_KEY}=(?:[0-9]{{1,12}}\.[0-9]{{1,3}}|[0-9]{{1,15}}))*"
DICTIONARY = re.compile(rf"exact|{_KEY}=\({_ITEM}(?: {_ITEM})*\)(?:, {_KEY}=\({_ITEM}(?: {_ITEM})*\))*")
LIST = re.compile(rf"{_ITEM}(?:, {_ITEM})*")


def members(value: str) -> dict[str, set[str]]:
    """Key -> layers."""
    found = re.findall(rf"({_KEY})=\(([^)]*)\)", value)
    return {key: {item.partition(";")[0] for item in items.split()} for key, items in found}


@pytest.mark.parametrize("zoom", range(4, 13))
def test_a_tile_says_what_the_manifest_says_of_its_levels(ask: Any, release: Any, zoom: int) -> None:
    row, col = (104 << 4 >> (12 - zoom), 203 << 4 >> (12 - zoom))
    for layer in release.manifest.layers:
        level = layer.level(zoom)
        answer = ask(f"/collections/{layer.id}/tiles/{SET}/{zoom}/{row}/{col}")
        if answer.status == 404:
            continue
        said = answer.headers["Blueprint-Tile"]
        assert DICTIONARY.fullmatch(said), said
        assert (said == "exact") == (not level.generalised and level.reduction == "none")
        if level.tolerance:
            metres = float(re.search(r"tolerance=([0-9.]+)", said)[1])  # type: ignore[index]
            assert metres == pytest.approx(level.tolerance * 111_319.49, abs=0.001)
        assert (level.reduction != "none") == (level.reduction in members(said))


def test_a_tile_of_all_layers_names_those_that_are_not_exact(ask: Any, release: Any) -> None:
    for zoom, row, col in ((5, 13, 25), (8, 104, 203), (12, 1676, 3255)):
        said = ask(f"/tiles/{SET}/{zoom}/{row}/{col}").headers["Blueprint-Tile"]
        assert DICTIONARY.fullmatch(said), said
        levels = {layer.id: layer.level(zoom) for layer in release.manifest.layers if layer.level(zoom)}
        for name in members(said).get("generalised", set()):
            assert levels[name].generalised


def test_it_stands_on_answers_without_a_body_too(ask: Any) -> None:
    first = ask(WHOLE)
    said = first.headers["Blueprint-Tile"]
    assert ask(WHOLE, "HEAD").headers["Blueprint-Tile"] == said
    assert ask(WHOLE, if_none_match=first.headers["ETag"]).headers["Blueprint-Tile"] == said
    assert "Blueprint-Tile-Limited" not in first.headers
    for name in ("Blueprint-Tile", "Blueprint-Tile-Limited"):
        assert name in first.headers["Access-Control-Expose-Headers"]


def test_a_tile_that_the_budget_cut_says_so_from_memory_and_from_disk(
    published: Any, asker: Any, tmp_path: Any
) -> None:
    # The budget is part of a release, so it is another one here, told behind the manifest's back.
    service = published.model_copy(update={"cache": tmp_path / "cache"})

    def small(kilobytes: int) -> Any:
        application = create_application(service)
        release = application.catalogue.current()
        settings = release.manifest.service.tiles.model_copy(update={"budget_kb": kilobytes})
        object.__setattr__(release.manifest.service, "tiles", settings)
        return application

    whole = asker(small(500))(WHOLE)
    application = small(20)
    ask = asker(application)
    cut = ask(WHOLE)
    said = cut.headers["Blueprint-Tile-Limited"]
    assert len(cut.body) <= 20_000 < len(whole.body) and LIST.fullmatch(said)
    for kept, of in re.findall(r"kept=([0-9]+);of=([0-9]+)", said):
        assert int(kept) < int(of)
    assert ask(WHOLE).headers["Blueprint-Tile-Limited"] == said
    assert "Blueprint-Tile-Limited" not in ask(WHOLE, if_none_match=cut.headers["ETag"]).headers
    application._tiles._maker.shelves.settle()
    again = asker(small(20))(WHOLE, accept_encoding="gzip")
    assert again.headers["Blueprint-Tile-Limited"] == said

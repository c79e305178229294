"""What is refused or held leaves its report, what is accepted stands in the manifest, and nothing grows without end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from releases import history, staging
from releases.lock import publishing
from releases.manifest import Waiver
from releases.publication import Order, publish
from releases.release import Catalogue, verify
from releases.report import names, shelf
from releases.report.examined import Examined

RegionOf = Callable[..., Any]
FILES = {names.JSON, names.GEOPACKAGE, *names.PAGES.values()}
ACCEPTED = (Waiver(rule="duplicate-points", reason="as surveyed", by="Li Hua"),)


def kept(region: Any) -> list[Path]:
    """The reports on the shelf, oldest first."""
    return sorted((region.folder / "published" / shelf.FOLDER).iterdir())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is a minute further each time it is looked at."""
    start = datetime(2026, 3, 1, tzinfo=UTC)

    def ticks() -> Iterator[datetime]:
        for minute in range(1_000_000):
            yield start + timedelta(minutes=minute)

    times = ticks()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return next(times)

    monkeypatch.setattr(shelf, "datetime", Clock)


def test_a_refused_candidate_leaves_its_report_and_is_in_no_history(
    region: RegionOf, use_unknown_codes: Any
) -> None:
    lakes = region(use_unknown_codes)
    outcome = publish(lakes.service)
    assert (outcome.status, outcome.release_id) == ("refused", None)
    assert [outcome.report] == kept(lakes)
    assert {path.name for path in outcome.report.iterdir()} == FILES
    report = json.loads((outcome.report / names.JSON).read_bytes())
    assert report["verdict"] == "refused" and report["counts"]["refuse"] == 2
    assert not history.read(lakes.service.published).releases
    assert not list((lakes.service.published / staging.NAME).iterdir())


def test_a_warning_holds_a_candidate_until_somebody_accepts_it_by_name(
    region: RegionOf, repeat_a_vertex: Any
) -> None:
    lakes = region(repeat_a_vertex)
    held = publish(lakes.service)
    assert (held.status, held.release_id) == ("held", None)
    assert json.loads((held.report / names.JSON).read_bytes())["verdict"] == "held"
    published = publish(lakes.service, order=Order(by="Li Hua", accepted=ACCEPTED))
    assert published.status == "published"
    release = Catalogue(lakes.service.published).current()
    assert release.manifest.waivers == ACCEPTED
    assert verify(release) == ()
    assert published.report == release.path / names.FOLDER
    report = json.loads((published.report / names.JSON).read_bytes())
    assert report["waivers"] == [one.model_dump() for one in ACCEPTED]
    assert release.manifest.report.warn == 1
    assert "Li Hua" in (published.report / names.PAGES["en"]).read_text()


def test_what_is_accepted_without_need_is_not_in_the_manifest(region: RegionOf) -> None:
    lakes = region()
    assert publish(lakes.service, order=Order(accepted=ACCEPTED)).status == "published"
    assert Catalogue(lakes.service.published).current().manifest.waivers == ()


def test_to_accept_a_warning_does_not_help_a_candidate_that_is_refused(
    region: RegionOf, repeat_a_vertex: Any, use_unknown_codes: Any
) -> None:
    lakes = region(repeat_a_vertex, use_unknown_codes)
    assert publish(lakes.service, order=Order(accepted=ACCEPTED)).status == "refused"


def test_the_report_is_sealed_like_every_file_of_a_release(region: RegionOf) -> None:
    lakes = region()
    publish(lakes.service)
    release = Catalogue(lakes.service.published).current()
    for name in FILES:
        path = release.path / names.FOLDER / name
        whole = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        assert [fault.partition(":")[0] for fault in verify(release)] == [f"{names.FOLDER}/{name}"]
        path.write_bytes(whole)
    assert verify(release) == ()


def test_of_equal_candidates_the_last_report_is_kept(
    region: RegionOf, use_unknown_codes: Any, clock: None
) -> None:
    lakes = region(use_unknown_codes)
    first, second = publish(lakes.service), publish(lakes.service)
    assert first.report != second.report
    assert kept(lakes) == [second.report]


def test_the_oldest_reports_give_way(
    sound: Examined, with_findings: Callable[..., Examined], finding: Any, tmp_path: Path, clock: None
) -> None:
    made = []
    for row in range(1, shelf.KEPT + 5):
        with publishing(tmp_path):
            made.append(shelf.keep(tmp_path, with_findings(finding(row=row))))
    assert sorted((tmp_path / shelf.FOLDER).iterdir()) == made[-shelf.KEPT :]


def test_a_report_half_written_by_a_publish_that_was_killed_is_gone_after_the_next(
    region: RegionOf, use_unknown_codes: Any
) -> None:
    lakes = region(use_unknown_codes)
    refused = publish(lakes.service)
    left = lakes.service.published / staging.NAME / "report-0123abcd" / "release"
    left.mkdir(parents=True)
    shutil.copy(refused.report / names.JSON, left)
    assert publish(lakes.service).status == "refused"
    assert not list((lakes.service.published / staging.NAME).iterdir())
    assert len(kept(lakes)) == 1

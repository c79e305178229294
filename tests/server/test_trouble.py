"""When the trouble is the server's own, it says so without a word about where its files are, and goes on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.application import create_application

ITEMS = "/collections/xzq_county/items"
TILE = "/collections/xzq_county/tiles/WebMercatorQuad/8/104/203"


@pytest.fixture
def copy(published: Any, tmp_path: Path) -> Iterator[Any]:
    """The demo's release in a folder of its own, to break."""
    shutil.copytree(published.published, tmp_path / "published")
    for path in (tmp_path / "published").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    # A finished tile on disk is right whatever becomes of the release, so here there are none.
    limits = published.limits.model_copy(update={"tile_disk_mb": 0})
    yield published.model_copy(update={"published": tmp_path / "published", "limits": limits})


def folder(service: Any) -> Path:
    return next((service.published / "releases").iterdir())


def silent_about(answer: Any, service: Any) -> None:
    assert str(service.published).encode() not in answer.body
    assert b"Traceback" not in answer.body and b".py" not in answer.body and b"SELECT" not in answer.body


def test_before_the_first_publish_everything_is_503_and_says_what_to_do(
    published: Any, tmp_path: Path, asker: Any, told: Callable[..., Any]
) -> None:
    service = published.model_copy(update={"published": tmp_path / "nothing"})
    ask = asker(create_application(service))
    for target in ("/", "/collections", ITEMS, TILE, "/releases"):
        answer = ask(target)
        assert answer.status == 503 and answer.headers["Retry-After"]
        assert "publish" in told(answer)["detail"]
    assert ask("/healthz").status == 200
    assert ask("/readyz").status == 503 and ask("/readyz").json["reason"] == "nothing is published yet"


def test_a_first_publish_is_seen_by_a_server_that_runs(published: Any, tmp_path: Path, asker: Any) -> None:
    service = published.model_copy(update={"published": tmp_path / "published"})
    ask = asker(create_application(service))
    assert ask("/readyz").status == 503
    shutil.copytree(published.published, service.published)
    assert ask("/readyz").status == 200
    assert ask(f"{ITEMS}?limit=1").status == 200


@pytest.mark.parametrize("broken", ["history.json", "manifest.json", "missing file", "release folder"])
def test_what_is_damaged_is_a_500_class_problem_that_names_no_path(
    copy: Any, asker: Any, told: Callable[..., Any], broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    if broken == "history.json":
        (copy.published / "history.json").write_text("{")
    elif broken == "manifest.json":
        (folder(copy) / "manifest.json").write_text("{}")
    elif broken == "missing file":
        next((folder(copy) / "columns").rglob("*.columns")).unlink()
    else:
        shutil.rmtree(folder(copy))
    ask = asker(create_application(copy))
    for target in ("/", ITEMS, TILE, "/readyz"):
        answer = ask(target)
        assert answer.status in (500, 503), (target, answer.body)
        silent_about(answer, copy)
        if target != "/readyz":
            assert told(answer)["reference"]
    assert ask("/healthz").status == 200


def test_a_damaged_layer_does_not_take_the_others_with_it(
    copy: Any, asker: Any, told: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    manifest = create_application(copy).catalogue.current().manifest
    layer = manifest.layer("xzq_county")
    for name in (layer.file, layer.package, *(level.file for level in layer.levels)):
        path = folder(copy) / name
        path.write_bytes(b"\0" * path.stat().st_size)
    ask = asker(create_application(copy))
    for target in (f"{ITEMS}?XZQMC=x", f"{ITEMS}/500103", TILE):
        answer = ask(target)
        assert answer.status == 500, (target, answer.body)
        silent_about(answer, copy)
        assert told(answer)["reference"] in caplog.text
    assert ask("/collections/places/items").status == 200
    assert ask("/collections").status == 200


@pytest.mark.parametrize("kind", ["columns", "gpkg", "geojsonl", "npy", "style", "sprite"])
def test_one_flipped_bit_is_a_500_that_the_log_explains_and_no_wrong_answer(
    copy: Any, asker: Any, told: Callable[..., Any], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    application = create_application(copy)
    manifest = application.catalogue.current().manifest
    layer = manifest.layer("xzq_county")
    files: dict[str, tuple[str, list[str]]] = {
        "columns": (layer.level(8).file, [TILE, "/tiles/WebMercatorQuad/8/104/203"]),  # type: ignore[union-attr]
        "gpkg": (layer.package, [f"{ITEMS}/500103", f"{ITEMS}?bbox=106,29,107,30"]),
        "geojsonl": (layer.file, [ITEMS, f"{ITEMS}/500103"]),
        "npy": (layer.offsets, [ITEMS, f"{ITEMS}/500103"]),
        "style": (manifest.style.file, ["/styles/blueprint"]),
        "sprite": (manifest.style.sprites[0], ["/sprites/blueprint.json"]),
    }
    name, refused = files[kind]
    path = folder(copy) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    ask = asker(application)
    for target in refused:
        answer = ask(target)
        assert answer.status == 500, (target, answer.body)
        assert told(answer)["reference"] in caplog.text and str(path) in caplog.text
        silent_about(answer, copy)
    for target in (
        "/collections/places/items",
        "/collections/ghfq/tiles/WebMercatorQuad/8/104/203",
        "/collections/xzq_county",
        "/readyz",
    ):
        assert ask(target).status == 200, target


def test_an_error_nobody_thought_of_is_logged_under_the_number_that_the_client_sees(
    published: Any,
    asker: Any,
    told: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    application = create_application(published)
    ask = asker(application)

    def fail(*_: Any) -> None:
        raise RuntimeError(f"secret in {published.published}")

    monkeypatch.setattr(type(application.catalogue.current().store), "page", fail)
    monkeypatch.setattr(type(application.catalogue.current().store), "window", fail)
    for target in (f"{ITEMS}?limit=17", "/collections/xzq_county/tiles/WebMercatorQuad/9/209/406"):
        answer = ask(target)
        assert answer.status == 500
        assert b"secret" not in answer.body
        assert told(answer)["reference"] in caplog.text
    assert "secret" in caplog.text


def test_missing_fonts_are_told_without_saying_where_they_were_looked_for(
    ask: Any, told: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from styles.fonts import FontMissing
    from styles.glyphstore import GlyphStore

    def missing(*_: Any) -> None:
        raise FontMissing("Noto", Path("/srv/secret/noto.ttf"))

    monkeypatch.setattr(GlyphStore, "read", missing)
    answer = ask("/fonts/Noto%20Sans%20SC%20Regular/256-511.pbf")
    assert answer.status == 503 and "make environment" in told(answer)["detail"]
    assert b"secret" not in answer.body and "/srv/secret/noto.ttf" in caplog.text


def test_two_releases_answer_side_by_side(copy: Any, asker: Any) -> None:
    """A request that names a release gets it, whatever is current; an unknown one is 404."""
    ask = asker(create_application(copy))
    release = folder(copy).name
    assert ask(f"/releases/{release}{ITEMS}?limit=1").status == 200
    assert ask(f"/releases/{'0' * 16}{ITEMS}?limit=1").status == 404

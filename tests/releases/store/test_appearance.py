"""A release keeps how it looks: style, sprites, and the glyphs of its labels made ahead."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import config
from config.models import Service
from releases import appearance, sources
from releases.publication import publish
from releases.release import Catalogue
from styles import fonts, style


def test_style_and_sprites_are_files_of_the_release(region: Callable[..., Path]) -> None:
    service = config.load(region())
    publish(service)
    release = Catalogue(service.published).current()
    described = release.manifest.style
    assert {described.file, *described.sprites} <= release.manifest.files.keys()
    kept = json.loads((release.path / described.file).read_bytes())
    assert kept["layers"] == style.load()["layers"]
    assert described.fonts == {name: font.digest for name, font in fonts.fonts().items()}
    for name in described.sprites:
        assert (release.path / name).read_bytes().startswith(b"\x89PNG" if name.endswith(".png") else b"{")


def test_the_glyphs_of_labels_are_made_before_anybody_asks(
    region: Callable[..., Path], tmp_path: Path
) -> None:
    service = config.load(region(), {"BLUEPRINT_CACHE": str(tmp_path / "cache")})
    publish(service)
    made = [
        path.relative_to(tmp_path / "cache" / "glyphs").parts for path in (tmp_path / "cache").rglob("*.pbf")
    ]
    regular = fonts.fonts()["Noto Sans SC Regular"]
    assert made == [(regular.digest, regular.name, "0-255.pbf")], "the posts are named in plain letters"


def test_the_style_fits_the_demo(demo: Service) -> None:
    candidate, _ = sources.read(demo)
    assert [str(finding) for finding in appearance.inspect(candidate, demo)] == []


def test_a_code_without_a_rule_is_a_warning_that_names_the_layer(demo: Service) -> None:
    candidate, _ = sources.read(demo)
    table = candidate.table("major_projects")
    assert table is not None
    field = next(field.name for field in table.layer.fields if field.codelist == "joint_field")
    table.values[field][0] = "unheard-of"
    findings = appearance.inspect(candidate, demo)
    assert findings
    assert {(one.rule, one.layer) for one in findings} <= {("style", "major_projects"), ("style", None)}
    assert "unheard-of" in findings[0].message.en

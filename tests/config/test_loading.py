"""A service.yml and its two files become one frozen value."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import config
from config.models import Service, Text


@pytest.fixture
def service(lakes: Path) -> Service:
    return config.load(lakes)


def test_layers_authorities_and_code_lists_are_found_by_name(service: Service) -> None:
    assert service.layer("lakes").title.en == "Lakes"
    assert service.authority("norland").title.zh == "北国（虚构）"
    code = service.codelists["land_use"].code("wood")
    assert code is not None and code.title.en == "Woods"
    assert service.codelists["land_use"].code("swamp") is None


def test_a_name_nobody_has_is_a_key_error(service: Service) -> None:
    with pytest.raises(KeyError):
        service.layer("rivers")
    with pytest.raises(KeyError):
        service.authority("westland")


def test_a_layer_knows_its_id_title_and_temporal_fields(service: Service) -> None:
    parishes, lakes = service.layer("parishes"), service.layer("lakes")
    assert (parishes.id_field.name, lakes.id_field.name) == ("code", "number")
    assert parishes.title_field is not None and parishes.title_field.name == "name"
    assert parishes.temporal_fields == ("since",)
    assert lakes.temporal_fields == ()
    assert parishes.field("use") is not None and parishes.field("colour") is None


def test_a_validity_of_two_dates_is_the_time_of_a_layer(lakes: Path) -> None:
    layers = lakes.parent / "layers.yml"
    text = layers.read_text(encoding="utf-8")
    text = text.replace(
        "    fields:\n      - {name: code", "    validity: [since, until]\n    fields:\n      - {name: code"
    )
    text = text.replace(
        "{name: since, type: date, role: temporal,",
        "{name: until, type: date, title: {zh: 止, en: Until}}\n      - {name: since, type: date,",
    )
    layers.write_text(text, encoding="utf-8")
    assert config.load(lakes).layer("parishes").temporal_fields == ("since", "until")


def test_an_id_field_is_mandatory_without_saying_so(service: Service) -> None:
    assert service.layer("lakes").id_field.mandatory


def test_paths_are_relative_to_the_folder_of_the_file(lakes: Path, service: Service) -> None:
    assert service.data == lakes.parent / "data"
    assert service.published.is_absolute() and service.cache.is_absolute()


def test_what_the_file_leaves_out_has_a_sensible_value(service: Service) -> None:
    assert service.limits.items_default == 100
    assert service.tile_matrix_sets == ("WebMercatorQuad",)
    assert (service.server.host, service.server.port) == ("127.0.0.1", 8000)
    assert service.layer("lakes").access == "public"
    assert service.layer("lakes").generalise.rule == "none"
    assert service.url is None


def test_a_configuration_never_changes(service: Service) -> None:
    with pytest.raises(ValidationError):
        service.id = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        service.layer("lakes").zoom.max = 3  # type: ignore[misc]


def test_a_configuration_survives_pickling_and_json(service: Service) -> None:
    assert pickle.loads(pickle.dumps(service)) == service
    assert Service.model_validate_json(service.model_dump_json()) == service


def test_loading_twice_gives_equal_values(lakes: Path, service: Service) -> None:
    assert config.load(lakes) == service


def test_a_text_is_chinese_unless_english_is_asked_for() -> None:
    text = Text(zh="湖", en="lake")
    assert (text.of("zh"), text.of("en"), text.of("fr")) == ("湖", "lake", "湖")


def test_siblings_may_have_other_names(lakes: Path) -> None:
    (lakes.parent / "layers.yml").rename(lakes.parent / "chart.yml")
    with lakes.open("a", encoding="utf-8") as file:
        file.write("layers: chart.yml\n")
    assert [layer.id for layer in config.load(lakes).layers] == ["parishes", "lakes"]


def test_a_slash_at_the_end_of_the_public_address_is_dropped(lakes: Path) -> None:
    environ = {"BLUEPRINT_URL": "https://example.org/plan/"}
    assert config.load(lakes, environ).url == "https://example.org/plan"


def test_reading_a_usual_configuration_imports_no_heavy_library(lakes: Path, root: Path) -> None:
    program = (
        "import sys, config; config.load(sys.argv[1]);"
        "print([name for name in ('pyproj', 'numpy', 'shapely', 'numba', 'flask') if name in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(root / "config" / "service.yml")]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_sources_need_not_exist_unless_that_is_asked(lakes: Path) -> None:
    (lakes.parent / "data" / "norland" / "lakes.geojson").unlink()
    assert config.load(lakes).layer("lakes")
    with pytest.raises(config.ConfigError):
        config.load(lakes, check_sources=True)


def test_the_imaginary_region_is_complete(lakes: Path) -> None:
    assert config.load(lakes, check_sources=True).id == "lakes"

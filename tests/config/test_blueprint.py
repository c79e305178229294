"""The configuration that ships: all layers of the blueprint, in both languages, honest about what they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import config
from config.models import Layer, Service

LAYERS = {
    "xzq_province",
    "xzq_prefecture",
    "xzq_county",
    "xzqjx",
    "plan_extent",
    "places",
    "townships",
    "airports",
    "rail_stations",
    "rivers",
    "plan_structure",
    "cooperation_platforms",
    "major_projects",
    "world_heritage",
    "yjjbnt",
    "stbhhx",
    "czkfbj",
    "ghfq",
}
SYNTHETIC = ("yjjbnt", "stbhhx", "czkfbj", "ghfq")


@pytest.fixture(scope="module")
def service(root: Path) -> Service:
    return config.load(root / "config" / "service.yml")


def fields(layer: Layer) -> list[str]:
    return [field.name for field in layer.fields]


def test_all_layers_of_the_blueprint_are_there(service: Service) -> None:
    assert {layer.id for layer in service.layers} == LAYERS
    assert len(service.layers) == 18


def test_the_three_control_lines_are_one_group(service: Service) -> None:
    assert {layer.id for layer in service.layers if layer.group == "control"} == {
        "yjjbnt",
        "stbhhx",
        "czkfbj",
    }


def test_every_group_and_code_list_is_used(service: Service) -> None:
    assert {group.id for group in service.groups} == {layer.group for layer in service.layers}
    used = {field.codelist for layer in service.layers for field in layer.fields if field.codelist}
    assert used == set(service.codelists)


def test_chinese_texts_are_chinese_and_english_ones_are_not(service: Service) -> None:
    for layer in service.layers:
        texts = [layer.title, layer.description, *layer.keywords, *(field.title for field in layer.fields)]
        for text in texts:
            assert not re.search(r"[\u4e00-\u9fff]", text.en), text
        assert all(re.search(r"[\u4e00-\u9fff]", text.zh) for text in texts[:2])
    for codelist in service.codelists.values():
        assert not [code for code in codelist.codes if re.search(r"[\u4e00-\u9fff]", code.title.en)]


def test_made_up_layers_say_so_in_title_description_and_fields(service: Service) -> None:
    for name in SYNTHETIC:
        layer = service.layer(name)
        assert layer.nature == "synthetic"
        assert "合成" in layer.title.zh and "synthetic" in layer.title.en
        assert "不是规划成果" in layer.description.zh and "no plan" in layer.description.en
        assert {"SYNTH", "SEED"} <= set(fields(layer))
    assert [layer.id for layer in service.layers if layer.nature == "synthetic"] == list(SYNTHETIC)


def test_what_is_drawn_from_tianditu_names_it_with_its_approval_number(service: Service) -> None:
    bounded = [layer for layer in service.layers if "天地图" in layer.licence.title.zh]
    assert {"xzq_county", "plan_structure", "cooperation_platforms", "ghfq"} <= {
        layer.id for layer in bounded
    }
    for layer in bounded:
        assert "GS(2024)0650" in layer.attribution.zh and "GS(2024)0650" in layer.attribution.en


def test_what_is_drawn_from_geonames_is_attributed_and_open(service: Service) -> None:
    for name in ("places", "townships", "major_projects"):
        layer = service.layer(name)
        assert layer.licence.id == "CC-BY-4.0"
        assert "GeoNames" in layer.attribution.zh and "GeoNames" in layer.attribution.en


def test_layers_without_all_positions_allow_a_null_geometry(service: Service) -> None:
    optional = {layer.id for layer in service.layers if not layer.geometry_required}
    assert optional == {"townships", "airports", "rail_stations", "major_projects"}


def test_projects_are_classified_by_the_five_fields_of_joint_action(service: Service) -> None:
    field = next(field for field in service.layer("major_projects").fields if field.role == "type")
    assert field.codelist is not None
    titles = [code.title.zh for code in service.codelists[field.codelist].codes]
    assert titles == [
        "生态环境共保共治",
        "交通设施互联互通",
        "基础设施共建共享",
        "区域文化共保共融",
        "产业空间统筹配置",
    ]


def test_administrative_units_carry_their_english_names(service: Service) -> None:
    for name in ("xzq_province", "xzq_prefecture", "xzq_county"):
        assert {"BSM", "YSDM", "XZQDM", "XZQMC", "XZQMC_EN"} <= set(fields(service.layer(name)))
        assert service.layer(name).id_field.name == "XZQDM"


def test_counties_have_a_time_of_validity(service: Service) -> None:
    assert service.layer("xzq_county").temporal_fields == ("VALID_FROM", "VALID_TO")


def test_the_two_provinces_deliver_differently_on_purpose(service: Service) -> None:
    for layer in service.layers:
        by_authority = {source.authority: source for source in layer.sources}
        if "sichuan" in by_authority:
            sichuan, chongqing = by_authority["sichuan"], by_authority["chongqing"]
            assert (sichuan.path, sichuan.crs) == ("sichuan/sichuan.gpkg", "EPSG:4490")
            expected = ("UTF-8", "OGC:CRS84") if layer.id == "townships" else ("GBK", "EPSG:4524")
            assert (chongqing.encoding, chongqing.crs) == expected


def test_the_older_dialect_of_red_lines_is_understood(service: Service) -> None:
    (source,) = (s for s in service.layer("stbhhx").sources if s.authority == "chongqing")
    assert (source.aliases["LXDM"], source.aliases["QYMJ"]) == ("LHLX", "MJ")


def test_the_provincial_border_is_watched_in_every_coverage_that_both_deliver(service: Service) -> None:
    watched = {border.layer for border in service.borders}
    assert {"xzq_province", "xzq_prefecture", "xzq_county", "ghfq"} == watched


def test_the_whole_region_is_visible_from_afar(service: Service) -> None:
    assert {layer.id for layer in service.layers if layer.zoom.min == 0} == {"xzq_province", "plan_extent"}
    assert {layer.zoom.max for layer in service.layers} == {14}


def test_every_layer_tells_features_apart_by_type_or_has_no_need_to(service: Service) -> None:
    untyped = {layer.id for layer in service.layers if not any(f.role == "type" for f in layer.fields)}
    assert untyped == {"plan_extent", "airports", "rail_stations", "rivers", "cooperation_platforms"}


def test_the_files_are_free_of_machines_and_secrets(root: Path) -> None:
    for path in (root / "config").glob("*.yml"):
        assert not re.search(r"localhost|/home/|/root/|password|token", path.read_text("utf-8")), path


def test_names_in_both_languages_are_searched_and_titles_without_being_told(service: Service) -> None:
    for layer in service.layers:
        searched = {field.name for field in layer.fields if field.searchable}
        named = {name for name in fields(layer) if name.endswith("MC_EN")}
        title = {layer.title_field.name} if layer.title_field else set()
        assert title | named <= searched, layer.id
        assert searched or any(field.codelist for field in layer.fields), (
            f"{layer.id} has nothing to search for"
        )

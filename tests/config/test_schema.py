"""The JSON Schemas by which editors complete and check the three files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import config

FILES = ("service", "layers", "codelists")


def validator(name: Any) -> jsonschema.Draft202012Validator:
    schema = config.json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("folder", ["config", "tests/regions/lakes"])
@pytest.mark.parametrize("name", FILES)
def test_the_files_of_the_project_pass_their_schema(root: Path, folder: str, name: str) -> None:
    value = yaml.safe_load((root / folder / f"{name}.yml").read_text("utf-8"))
    assert [error.message for error in validator(name).iter_errors(value)] == []


@pytest.mark.parametrize("name", FILES)
def test_an_unknown_key_at_the_top_fails_the_schema(root: Path, name: str) -> None:
    value = yaml.safe_load((root / "config" / f"{name}.yml").read_text("utf-8"))
    assert not validator(name).is_valid({**value, "colour": 1})


def test_an_unknown_key_deep_inside_fails_the_schema(root: Path) -> None:
    value = yaml.safe_load((root / "config" / "layers.yml").read_text("utf-8"))
    value = copy.deepcopy(value)
    value["layers"][0]["fields"][0]["colour"] = 1
    assert not validator("layers").is_valid(value)


def test_an_id_field_need_not_say_that_it_is_mandatory(root: Path) -> None:
    field = config.json_schema("layers")["$defs"]["Field"]
    assert sorted(field["required"]) == ["name", "title", "type"]


@pytest.mark.parametrize("name", FILES)
def test_a_schema_defines_nothing_that_it_does_not_use(name: Any) -> None:
    schema = config.json_schema(name)
    text = str(schema)
    assert [part for part in schema["$defs"] if f"#/$defs/{part}'" not in text] == []

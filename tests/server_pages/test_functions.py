"""The list of functions that filters may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonschema import Draft7Validator

from releases.cql2 import FUNCTIONS

#: 21-065r2, /req/functions/get-functions-response-json.
TYPES = {
    "type": "array",
    "items": {"enum": ["string", "number", "integer", "datetime", "geometry", "boolean"]},
}
SCHEMA = {
    "type": "object",
    "required": ["functions"],
    "properties": {
        "functions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "returns"],
                "properties": {
                    "name": {"type": "string"},
                    "description": {"type": "string"},
                    "args": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["type"],
                            "properties": {"title": {"type": "string"}, "type": TYPES},
                        },
                    },
                    "returns": TYPES,
                },
            },
        }
    },
}


def test_the_list_is_as_the_standard_has_it_and_has_every_function(json: Callable[..., Any]) -> None:
    document = json("/functions")
    assert not list(Draft7Validator(SCHEMA).iter_errors(document))
    assert [one["name"] for one in document["functions"]] == list(FUNCTIONS)
    assert {one["rel"] for one in document["links"]} >= {"self", "alternate"}


def test_the_landing_page_leads_to_the_list_in_every_tree(
    json: Callable[..., Any], linked: Callable[..., Any], release: Any
) -> None:
    for tree in ("/", f"/releases/{release.id}"):
        (link,) = linked(json(tree), "http://www.opengis.net/def/rel/ogc/1.0/functions")
        assert json(link["href"])["functions"]


def test_what_a_function_is_is_told_in_the_readers_language(get: Callable[..., Any]) -> None:
    for lang, said in (("zh", "字符数"), ("en", "How many characters a text has")):
        page = get(f"/functions?f=html&lang={lang}").get_data(as_text=True)
        assert said in page and "char_length" in page
        described = get(f"/functions?lang={lang}").json["functions"]
        assert said in {one["description"] for one in described}


def test_each_function_has_its_words_in_both_languages() -> None:
    for function in FUNCTIONS.values():
        for text in (function.description, *(argument.title for argument in function.arguments)):
            assert text.zh and text.en and text.zh != text.en

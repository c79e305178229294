"""The draft OGC 24-031 (Features Part 9), clauses 6 and 7: a class of tests for each conformance class.

Against plain Python over the texts of all features: substrings of Chinese, words by their beginnings.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from releases.release import Release

Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
Search = Callable[[str, str], list[Any]]
LAYERS = ("xzq_county", "places", "major_projects", "plan_structure", "stbhhx")
HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z0-9]+")


@pytest.fixture(scope="module")
def texts(json: Json, release: Release) -> dict[str, list[tuple[Any, list[str]]]]:
    """Of each layer the features' ids and what they are called: names and titles of codes, in both languages."""
    found = {}
    for name in LAYERS:
        layer = release.manifest.layer(name).layer
        codelists = release.manifest.service.codelists
        features = json(f"/collections/{name}/items?limit=10000")["features"]
        found[name] = [(one["id"], list(_called(one["properties"], layer, codelists))) for one in features]
    return found


def _called(properties: dict[str, Any], layer: Any, codelists: Any) -> Iterator[str]:
    for field in layer.fields:
        value = properties[field.name]
        if value is None:
            continue
        if field.codelist:
            title = codelists[field.codelist].code(str(value)).title
            yield from (title.zh, title.en)
        elif field.role == "title" or field.name.endswith("MC_EN") or field.name in ("SJMC", "SJXZQMC"):
            yield value


@pytest.fixture(scope="module")
def search(json: Json) -> Search:
    """The ids of the features that a search finds."""

    def search(name: str, q: str) -> list[Any]:
        page = json(f"/collections/{name}/items?limit=10000&q={quote(q)}")
        assert page["numberMatched"] == page["numberReturned"] == len(page["features"])
        return [one["id"] for one in page["features"]]

    return search


def expected(texts: list[tuple[Any, list[str]]], *terms: str) -> list[Any]:
    return [
        name
        for name, said in texts
        if any(_holds(_plain(text), _plain(term)) for text in said for term in terms)
    ]


def _plain(text: str) -> str:
    """Without case and accents."""
    parted = unicodedata.normalize("NFD", text.lower())
    return "".join(one for one in parted if unicodedata.category(one) != "Mn")


def _holds(text: str, term: str) -> bool:
    if HAN.fullmatch(term):
        return term in text
    between = r"[\W_]+".join(map(re.escape, term.split()))
    return re.search(rf"(?<![a-z0-9]){between}", text) is not None


class TestTextSearch:
    """ogcapi-features-9/1.0/conf/text-search."""

    def test_q_definition(self, json: Json) -> None:
        shared = json("/api")["components"]["parameters"]["q"]
        assert shared["name"] == "q" and shared["in"] == "query" and shared["required"] is False
        assert shared["schema"]["type"] == "array" and shared["schema"]["items"]["type"] == "string"
        assert shared["explode"] is False and shared["style"] == "form"

    @pytest.mark.parametrize("name", LAYERS)
    def test_one_term_of_chinese(self, texts: dict[str, Any], search: Search, name: str) -> None:
        chance = random.Random(name)
        runs = sorted({run for _, said in texts[name] for text in said for run in HAN.findall(text)})
        for _ in range(25):
            run = chance.choice(runs)
            start = chance.randrange(len(run))
            piece = run[start : start + chance.randint(1, 3)]
            assert search(name, piece) == expected(texts[name], piece), piece

    @pytest.mark.parametrize("name", LAYERS[:3])
    def test_one_term_of_english(self, texts: dict[str, Any], search: Search, name: str) -> None:
        chance = random.Random(name)
        words = sorted(
            {word for _, said in texts[name] for text in said for word in LATIN.findall(_plain(text))}
        )
        for _ in range(25):
            word = chance.choice(words)
            begun = word[: chance.randint(1, len(word))]
            assert search(name, begun) == expected(texts[name], begun), begun

    @pytest.mark.parametrize("term", ["渝中", "渝", "中线", "北区", "区", "chong", "Chongqing"])
    def test_terms_that_people_ask_for(self, texts: dict[str, Any], search: Search, term: str) -> None:
        found = {name: search(name, term) for name in LAYERS}
        assert found == {name: expected(texts[name], term) for name in LAYERS} and any(found.values())

    def test_terms_with_commas_are_alternatives(self, texts: dict[str, Any], search: Search) -> None:
        for terms in (("渝中", "江北"), ("渝", "chengdu", "北区"), ("no such name", "武侯")):
            assert search("xzq_county", ",".join(terms)) == expected(texts["xzq_county"], *terms)

    def test_words_with_blanks_stand_together_and_in_order(
        self, texts: dict[str, Any], search: Search
    ) -> None:
        pairs = {
            " ".join(pair)
            for _, said in texts["major_projects"]
            for text in said
            for words in [LATIN.findall(_plain(text))]
            for pair in pairwise(words)
            if re.search(rf"{pair[0]}[\W_]+{pair[1]}", _plain(text))
        }
        for pair in random.Random(1).sample(sorted(pairs), 20):
            found = expected(texts["major_projects"], pair)
            assert (
                search("major_projects", pair)
                == search("major_projects", pair.replace(" ", " \t  "))
                == found
            )
            turned = " ".join(reversed(pair.split()))
            assert search("major_projects", turned) == expected(texts["major_projects"], turned)

    def test_case_does_not_count(self, search: Search) -> None:
        assert (
            search("xzq_county", "CHENGDU")
            == search("xzq_county", "chengdu")
            == search("xzq_county", "Chengdu")
        )
        assert (
            search("xzq_county", "ＣＨＥＮＧＤＵ")
            == search("xzq_county", "Chéngdū")
            == search("xzq_county", "chengdu")
        )

    def test_titles_of_codes_are_searched_in_both_languages(
        self, search: Search, json: Json, release: Release
    ) -> None:
        codelists = release.manifest.service.codelists
        layer = release.manifest.layer("major_projects")
        field = next(field for field in layer.layer.fields if field.role == "type")
        for value in layer.values[field.name]:
            title = codelists[field.codelist or ""].code(value).title  # type: ignore[union-attr]
            coded = json(f"/collections/major_projects/items?limit=1000&{field.name}={value}")["features"]
            for said in (title.zh, title.en):
                assert {one["id"] for one in coded} <= set(search("major_projects", said.replace(",", " ")))

    def test_traditional_and_simplified_characters_are_two(self, search: Search) -> None:
        assert search("xzq_county", "区") and not search("xzq_county", "區")


class TestFeaturesTextSearch:
    """Clause 7: `q` of items, together with all that items may be asked."""

    def test_q_parameter(self, json: Json) -> None:
        document = json("/api")
        for collection in json("/collections")["collections"]:
            taken = document["paths"][f"/collections/{collection['id']}/items"]["get"]["parameters"]
            assert {"$ref": "#/components/parameters/q"} in taken

    def test_response(self, json: Json, texts: dict[str, Any], search: Search) -> None:
        path = "/collections/xzq_county/items?limit=1000"
        base = {one["id"] for one in json(f"{path}&bbox=105,29,107,31")["features"]}
        found = json(f"{path}&bbox=105,29,107,31&q={quote('区')}&sortby=-MJ")["features"]
        areas = [one["properties"]["MJ"] for one in found]
        assert {one["id"] for one in found} == base & set(search("xzq_county", "区")) and found
        assert areas == sorted(areas, reverse=True)
        some = json(f"{path}&q={quote('区')}&filter={quote('MJ > 1e9')}&SJDM=510100")["features"]
        named = set(search("xzq_county", "区"))
        meant = [
            one["id"]
            for one in json(f"{path}&SJDM=510100")["features"]
            if one["properties"]["MJ"] > 1e9 and one["id"] in named
        ]
        assert [one["id"] for one in some] == meant and meant

    def test_a_walk_keeps_to_what_was_asked(self, json: Json, linked: Linked, search: Search) -> None:
        address, found = f"/collections/xzq_county/items?limit=9&q={quote('市,区')}&sortby=XZQMC", []
        while address:
            page = json(address)
            found += [one["id"] for one in page["features"]]
            address = next((link["href"] for link in linked(page, "next", "application/geo+json")), "")
        assert sorted(found) == sorted(search("xzq_county", "市,区"))

"""Text search against plain Python over the texts: substrings of Chinese, beginnings of words, nothing across texts."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from config.models import Layer
from releases import cql2, envelopes, search, selection
from releases.filestore import FileStore
from releases.query import Query, SortKey, TooCostly, Where
from releases.store import ReleaseDamaged, ReleaseGone
from releases.words import Words, tokens

#: Names as they stand in deliveries: both scripts, full width, padded, rare characters, languages of the west.
NAMES = [
    "渝中区", "江北区", "渝北区", "北碚区", "沙坪坝区", "两江新区", "重庆市", "重慶", "江　北", "中江县",
    "成渝中线高速铁路", "成渝（中线）", "成都·重庆", "G5京昆高速", "318国道", "Ｇ５京昆", "凉山彝族自治州",
    "阿坝藏族羌族自治州", "九寨沟 Jiǔzhàigōu", "㐀村", "𠮷野", "𰻝面", "\uf91d河", "\ue000家坝", "葛\U000e0100城",
    "ꆈꌠꁱꂷ", "བོད་ཡིག", "བད", "かな・カナ", "한글", "Chongqing Municipality", "Chongqing", "Ya'an", "Cheng-Yu Line",
    "STRASSE", "Straße", "ﬁne", "CHENGDU East", "中", "", None,
]  # fmt: skip
KINDS = ["01", "02", "010", None]
TAGS = [["山", "水城"], ["水"], [], None]
HAN = re.compile(r"(?:CJK|HANGUL|HIRAGANA|KATAKANA|YI SYLLABLE)")
TODAY = datetime(2021, 6, 1, tzinfo=UTC)


def the_rows() -> list[tuple[Any, ...]]:
    return [
        (shapely.Point(i % 8, i // 8), f"{i:02}", name, KINDS[i % 4], i % 3, float(i), None, None, None, TAGS[i % 3])
        for i, name in enumerate(NAMES)
    ]  # fmt: skip


@pytest.fixture(scope="module", name="searched")
def the_searched(
    layer: Layer, table: Callable[..., Any], write_release: Callable[..., Any], tmp_path_factory: Any
) -> tuple[Layer, FileStore]:
    """A store of features of these names, whose tags are searched too."""
    fields = tuple(f.model_copy(update={"searchable": f.name in ("NAME", "TAGS")}) for f in layer.fields)
    known = layer.model_copy(update={"fields": fields})
    folder = tmp_path_factory.mktemp("searched")
    return known, FileStore(folder, write_release(folder, table(the_rows(), known)))


def ids(store: FileStore, words: Words, **where: Any) -> list[str]:
    page = store.page("parcels", Query(100, where=Where(words=words, **where)))
    assert page.matched == len(page.keys)
    return [json.loads(text)["id"] for text in page.features()]


def held(row: tuple[Any, ...]) -> Iterator[str]:
    """Every text that a feature is called by."""
    titles = {
        "01": ("水田", "Paddy field"),
        "010": ("旱地", "Dry land"),
        "02": ("林地（北坡）", "Woodland, north slope"),
    }
    yield from (text for text in (row[2], *titles.get(row[3], ()), *(row[9] or ())) if text is not None)


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(c for c in folded if not 0x300 <= ord(c) < 0x370 and not 0xE0100 <= ord(c) < 0xE01F0)
    return unicodedata.normalize("NFC", kept)


def is_han(text: str) -> bool:
    return all(HAN.match(unicodedata.name(c, "")) and unicodedata.category(c) != "Po" for c in text)


def holds(text: str, term: str) -> bool:
    """The oracle: a substring where words are not parted by spaces, else whole words, the last of them begun."""
    if is_han(term):
        return plain(term) in re.sub(r"\s", "", plain(text))
    between = r"(?:[\W_]+)".join(map(re.escape, plain(term).split()))
    return re.search(rf"(?<![a-z0-9]){between}", plain(text)) is not None


def expected(*terms: str) -> list[str]:
    return [row[1] for row in the_rows() if any(holds(text, term) for text in held(row) for term in terms)]


def test_every_piece_of_a_chinese_name_finds_the_names_that_hold_it(searched: Any) -> None:
    _, store = searched
    runs = [run for name in NAMES for run in re.split(r"[^\w]", name or "") if run and is_han(run)]
    pieces = {run[a:b] for run in runs for a in range(len(run)) for b in range(a + 1, len(run) + 1)}
    assert len(pieces) > 150 and {"渝", "渝中", "中线", "北区", "𠮷", "𰻝面", "ꆈ", "글"} <= pieces
    for piece in pieces:
        assert ids(store, Words.of(piece)) == expected(piece), piece


latin = st.sampled_from(
    ["chongqing", "municipality", "cheng", "yu", "line", "ya", "an", "east", "paddy", "field", "g5"]
)
begun = st.tuples(st.lists(latin, max_size=2), latin, st.integers(1, 12)).map(
    lambda t: " ".join([*t[0], t[1][: t[2]]])
)
chinese = st.text("渝中江北区重庆成都水林地坡京昆", min_size=1, max_size=3)
terms = st.lists(st.one_of(begun, begun.map(str.upper), chinese), min_size=1, max_size=4)


@given(terms)
def test_terms_find_what_looking_at_every_text_finds(searched: Any, some: list[str]) -> None:
    _, store = searched
    assert ids(store, Words.of(*some)) == expected(*some)


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("chong", ["Chongqing Municipality", "Chongqing"]),
        ("CHONGQING MUN", ["Chongqing Municipality"]),
        ("qing", []),
        ("municipality chongqing", []),
        ("jiuzhaigou", ["九寨沟 Jiǔzhàigōu"]),
        ("沟 jiǔzhài", ["九寨沟 Jiǔzhàigōu"]),
        ("g5京", ["G5京昆高速", "Ｇ５京昆"]),
        ("ｇ５", ["G5京昆高速", "Ｇ５京昆"]),
        ("5京", []),
        ("318", ["318国道"]),
        ("318国", ["318国道"]),
        ("重庆", ["重庆市", "成都·重庆"]),
        ("重慶", ["重慶"]),
        ("江 北", ["江北区", "江　北"]),
        ("渝中", ["渝中区", "成渝中线高速铁路"]),
        ("渝（中", ["成渝（中线）"]),
        ("（中线）", ["成渝中线高速铁路", "成渝（中线）"]),
        ("都重", []),
        ("都，重", ["成都·重庆"]),
        ("strasse", ["STRASSE", "Straße"]),
        ("fin", ["ﬁne"]),
        ("北坡", [row[2] for row in the_rows() if row[3] == "02"]),
        ("地北", []),
        ("dry l", [row[2] for row in the_rows() if row[3] == "010"]),
        ("བོད", ["བོད་ཡིག"]),
        ("\ue000家", ["\ue000家坝"]),
        ("葛城", ["葛\U000e0100城"]),
        ("来河", []),
        ("\u8cd3", []),
    ],
)  # fmt: skip
def test_what_is_found_is_what_a_reader_expects(searched: Any, term: str, names: list[str]) -> None:
    _, store = searched
    found = ids(store, Words.of(term))
    assert [NAMES[int(one)] for one in found] == names


def test_nothing_is_found_across_languages_members_or_fields(searched: Any) -> None:
    _, store = searched
    assert ids(store, Words.of("水田")) and ids(store, Words.of("paddy")) and ids(store, Words.of("水城"))
    for across in ("田 paddy", "山水", "区 水田", "渝中区水"):
        assert ids(store, Words.of(across)) == [], across


@given(st.text(min_size=1, max_size=30))
def test_any_text_is_searched_and_never_a_syntax(searched: Any, text: str) -> None:
    _, store = searched
    words = Words.of(text)
    if not words.terms[0]:
        return
    begun = words.terms[0]
    found = [
        row[1]
        for row in the_rows()
        if any(
            tuple(said[i : i + len(begun) - 1]) == begun[:-1] and said[i + len(begun) - 1].startswith(begun[-1])
            for said in map(tokens, held(row))
            for i in range(len(said) - len(begun) + 1)
        )
    ]  # fmt: skip
    assert ids(store, words) == found


@pytest.mark.parametrize(
    "text",
    [
        '"', "a\" OR \"b", "NEAR(a b, 2)", "a AND b NOT c", "texts: a", "-a", "a*", "^a", "{a b}", "a + b", "(a", "a)",
        "渝\x00中", "\ud800", "😀区", "'; DROP TABLE texts; --", "\u202e渝", "%", "中" * 10_000, "a " * 10_000,
    ],
)  # fmt: skip
def test_hostile_text_is_answered(searched: Any, text: str) -> None:
    _, store = searched
    words = Words.of(text, "渝中")
    assert all(words.terms) or not tokens(text)
    found = ids(store, Words(tuple(term for term in words.terms if term)))
    assert set(ids(store, Words.of("渝中"))) <= set(found)


@pytest.mark.parametrize("few", [0, 10_000])
@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ({"boxes": ((0, 0, 3, 9),)}, lambda row: row[0].x <= 3),
        ({"boxes": ((0, 0, 1, 9), (5, 0, 9, 9))}, lambda row: row[0].x <= 1 or row[0].x >= 5),
        ({"equals": (("FLOORS", 0),)}, lambda row: row[4] == 0),
        ({"interval": (TODAY, None)}, lambda row: True),
        (
            {"boxes": ((0, 0, 3, 9),), "equals": (("TAGS", "水"),)},
            lambda row: row[0].x <= 3 and "水" in row[9],
        ),
        (
            {"filter": "AREA > 5 AND S_INTERSECTS(geometry, BBOX(0,0,4,4))"},
            lambda row: row[5] > 5 and max(row[0].x, row[0].y) <= 4,
        ),
    ],
)
def test_words_meet_the_other_conditions(
    searched: Any, monkeypatch: Any, few: int, condition: dict[str, Any], matches: Callable[..., bool]
) -> None:
    layer, store = searched
    monkeypatch.setattr(envelopes, "FEW", few)
    fresh = FileStore(store._path, store._manifest)
    if "filter" in condition:
        condition = {"filter": cql2.check(cql2.parse(condition["filter"], "cql2-text"), layer)}
    found = ids(fresh, Words.of("水", "区"), **condition)
    rows = {row[1]: row for row in the_rows()}
    assert found == [one for one in expected("水", "区") if matches(rows[one])] and found


def test_what_is_found_can_be_sorted_and_paged(searched: Any) -> None:
    _, store = searched
    where, order = Where(words=Words.of("区")), (SortKey("NAME", descending=True),)
    pages = [store.page("parcels", Query(2, start, where, order)) for start in range(0, 8, 2)]
    found = [json.loads(text)["properties"]["NAME"] for page in pages for text in page.features()]
    assert found == sorted((name for name in NAMES if name and "区" in name), reverse=True)
    assert {page.matched for page in pages} == {len(found)}


def test_the_same_words_have_one_name(searched: Any) -> None:
    assert Where(words=Words.of("江 北")).digest == Where(words=Words.of("江北")).digest
    assert Where(words=Words.of("江", "北")).digest != Where(words=Words.of("江北")).digest
    assert not Where(words=Words.of("江")).everything


def test_a_layer_without_names_or_codes_has_no_index(
    tmp_path: Path, layer: Layer, table: Callable[..., Any], write_release: Callable[..., Any]
) -> None:
    fields = tuple(f.model_copy(update={"codelist": None, "searchable": False}) for f in layer.fields)
    bare = layer.model_copy(update={"fields": fields})
    manifest = write_release(tmp_path / "r", table(the_rows(), bare))
    assert manifest.layers[0].search is None and not list((tmp_path / "r").rglob("*.search"))


def test_a_layer_without_features_finds_nothing(
    tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any]
) -> None:
    store = FileStore(tmp_path / "r", write_release(tmp_path / "r", table([])))
    assert ids(store, Words.of("渝")) == []


def test_a_damaged_index_stops_searches_alone(
    tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any]
) -> None:
    manifest = write_release(tmp_path / "r", table(the_rows()))
    path = tmp_path / "r" / manifest.layers[0].search
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    store = FileStore(tmp_path / "r", manifest)
    with pytest.raises(ReleaseDamaged):
        ids(store, Words.of("渝"))
    assert store.page("parcels", Query(5, where=Where(equals=(("KIND", "01"),)))).matched
    path.unlink()
    with pytest.raises(ReleaseGone):
        ids(FileStore(tmp_path / "r", manifest), Words.of("渝"))


def test_a_text_that_many_features_have_stands_in_the_index_once(
    tmp_path: Path, layer: Layer, table: Callable[..., Any]
) -> None:
    fields = tuple(field.model_copy(update={"codelist": None}) for field in layer.fields)
    bare = layer.model_copy(update={"fields": fields})
    point = shapely.Point(0, 0)
    rows = [
        (point, f"{i:05}", "永久基本农田保护区", None, None, None, None, None, None, None)
        for i in range(20_000)
    ]
    many = table(rows, bare)
    search.write(many, {}, tmp_path / "many.search")
    search.write(many.take(slice(0, 1)), {}, tmp_path / "one.search")
    grown = (tmp_path / "many.search").stat().st_size - (tmp_path / "one.search").stat().st_size
    assert grown <= 4 * 20_000 + 8192


def test_the_longest_question_is_given_up_in_time(
    tmp_path: Path, layer: Layer, table: Callable[..., Any], monkeypatch: Any
) -> None:
    fields = tuple(field.model_copy(update={"codelist": None}) for field in layer.fields)
    rows = [(None, f"{i:06}", f"村{i}", *[None] * 7) for i in range(40_000)]
    search.write(table(rows, layer.model_copy(update={"fields": fields})), {}, tmp_path / "index")
    with closing(sqlite3.connect(":memory:", uri=True, isolation_level=None)) as connection:
        connection.execute(f"ATTACH ? AS {search.SCHEMA}", (f"file:{tmp_path / 'index'}?mode=ro",))
        monkeypatch.setattr(selection, "SECONDS", 0.05)
        started = monotonic()
        with pytest.raises(TooCostly):
            selection.select(connection, layer, Where(words=Words.of(*("村" * (100 + i) for i in range(32)))))
        assert monotonic() - started < 2

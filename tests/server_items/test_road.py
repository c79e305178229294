"""Small answers are kept: the same bytes again, for the same question alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from config.models import Service
from server.application import create_application
from server.items import page as view

ITEMS = "/collections/xzq_county/items?limit=3"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each page was that was made, and not taken from what is kept."""
    found: list[int] = []
    links = view.page_links

    def counted(*args: Any) -> Any:
        found.append(args[2].query.limit)
        return links(*args)

    monkeypatch.setattr(view, "page_links", counted)
    return found


@pytest.fixture
def fresh(published: Service) -> Iterator[Client]:
    """A client of a server that keeps nothing yet."""
    yield Client(create_application(published))


def test_a_small_answer_is_made_once(fresh: Client, made: list[int]) -> None:
    first, again = fresh.get(ITEMS), fresh.get(ITEMS)
    assert made == [3]
    assert (first.status, first.data) == (again.status, again.data)
    assert sorted(first.headers) == sorted(again.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "en"},
        {"Accept": "text/html"},
        {"Accept-Encoding": "gzip"},
        {"Host": "elsewhere.example"},
        {"If-None-Match": '"other"'},
    ],
)
def test_another_question_has_another_answer(
    fresh: Client, client: Client, made: list[int], headers: dict[str, str]
) -> None:
    plain = fresh.get(ITEMS)
    other = fresh.get(ITEMS, headers=headers)
    assert made == [3, 3]
    assert fresh.get(ITEMS).data == plain.data
    assert other.data == client.get(ITEMS, headers=headers).data


def test_who_has_the_answer_is_told_so_though_it_is_kept(fresh: Client) -> None:
    tag = fresh.get(ITEMS).headers["ETag"]
    assert fresh.get(ITEMS, headers={"If-None-Match": tag}).status_code == 304


def test_an_answer_is_kept_under_the_release_that_it_is_of(
    published: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = create_application(published)
    looks: list[Any] = []
    current = application.catalogue.current

    def looked() -> Any:
        looks.append(current())
        return looks[-1]

    monkeypatch.setattr(application.catalogue, "current", looked)
    assert Client(application).get(ITEMS).status_code == 200
    assert len(looks) == 1, "another look may find another release"


def test_a_long_answer_a_head_and_a_form_are_not_kept(
    fresh: Client, made: list[int], get: Callable[..., Any]
) -> None:
    for _ in range(2):
        assert fresh.get("/collections/xzq_county/items?limit=221").status_code == 200
        assert fresh.head(ITEMS).data == b""
        assert fresh.post("/collections/xzq_county/items", data={"limit": "4"}).status_code == 200
    assert made == [221, 3, 4] * 2

"""A client of the application that every test of pages shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from config.models import Service
from releases.release import Catalogue, Release


@pytest.fixture(scope="session")
def client(application: Callable[..., Any]) -> Client:
    return Client(application)


@pytest.fixture(scope="session")
def release(published: Service) -> Release:
    return Catalogue(published.published).current()


@pytest.fixture(scope="session")
def get(client: Client) -> Callable[..., TestResponse]:
    """Ask for an address or a path; the answer must be a 200 unless another status is expected."""

    def get(address: str, status: int = 200, **headers: str) -> TestResponse:
        path = address.removeprefix("http://localhost") or "/"
        answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert answer.status_code == status, (
            address,
            answer.status_code,
            answer.get_data(as_text=True)[:500],
        )
        return answer

    return get


@pytest.fixture(scope="session")
def json(get: Callable[..., TestResponse]) -> Callable[..., Any]:
    """The JSON of an address."""
    return lambda address, **headers: get(address, **headers).json


@pytest.fixture(scope="session")
def linked() -> Callable[..., list[dict[str, Any]]]:
    """The links of a document that have a relation and, when given, a media type."""

    def linked(document: dict[str, Any], rel: str, media: str | None = None) -> list[dict[str, Any]]:
        return [
            link
            for link in document["links"]
            if link["rel"] == rel and (media is None or link.get("type") == media)
        ]

    return linked

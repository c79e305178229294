"""Clients and schemas for the abstract tests of standards, and a word on the suite of OGC CITE, which is not in a registry."""

from __future__ import annotations

import json as text
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator
from werkzeug.test import Client, TestResponse

from config.models import Service
from releases.release import Catalogue, Release

#: The suite's jar, or a class path of it and what it needs; docs/tiles.md says how to get one.
CITE = "CITE_TILES"
collect_ignore = [] if os.environ.get(CITE) else ["test_cite_tiles.py"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if CITE not in os.environ:
        terminalreporter.line(
            f"OGC CITE ets-ogcapi-tiles10 not run: no registry has it. With its jar in {CITE} it is; the standards' "
            "abstract tests in tests/conformance were run without."
        )


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
            answer.get_data(as_text=True)[:300],
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


@pytest.fixture(scope="session")
def valid() -> Callable[[Any, str], None]:
    """Hold a document against a schema of TMS 2.0 by its name, such as "tileSet"."""
    schemas = text.loads((Path(__file__).parent / "tms.json").read_text())

    def valid(document: Any, name: str) -> None:
        schema = {**schemas, "$ref": f"#/$defs/{name}"}
        faults = list(Draft201909Validator(schema).iter_errors(document))
        assert not faults, [(list(one.absolute_path), one.message) for one in faults[:5]]

    return valid

"""Asking the application as Granian asks it: the path decoded, the query as it came, both as Latin-1 (PEP 3333).

`wsgiref.validate` stands in between, so that every answer of every test is also checked against PEP 3333.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.validate import validator

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def link(self, rel: str) -> str | None:
        """The first link of that relation in the document."""
        return next((link["href"] for link in self.json["links"] if link["rel"] == rel), None)


class Asker:
    """Asks one application."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application

    def __call__(self, target: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a target as it stands in the request line; headers as `accept_encoding="gzip"`."""
        target = target.removeprefix("http://localhost")
        path, mark, query = target.partition("?")
        environ = EnvironBuilder("/", method=method).get_environ()
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        environ["QUERY_STRING"] = query.encode().decode("latin-1") if mark else ""
        for name in ("REQUEST_URI", "RAW_URI"):
            environ.pop(name, None)
        for name, value in headers.items():
            environ[name.upper() if name.startswith("content_") else f"HTTP_{name.upper()}"] = value
        body, status, found = run_wsgi_app(validator(self.application), environ, buffered=True)
        return Answer(int(status.split()[0]), found, b"".join(body))


@pytest.fixture(scope="session")
def ask(application: Callable[..., Any]) -> Asker:
    """Ask the server of the demo."""
    return Asker(application)


@pytest.fixture(scope="session")
def asker() -> Callable[[Callable[..., Any]], Asker]:
    """Make an asker for another application."""
    return Asker


def problem(answer: Answer) -> Mapping[str, Any]:
    """The problem document of an answer, checked to be one in both languages."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json
    assert document["status"] == answer.status
    for lang in ("zh", "en"):
        assert document["i18n"][lang]["title"] and document["i18n"][lang]["detail"]
    return document


@pytest.fixture(scope="session")
def told() -> Callable[[Answer], Mapping[str, Any]]:
    """Read a problem document."""
    return problem

"""Pages in a real browser, and what they may not do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def asked() -> list[str]:
    """The addresses that the pages of a test asked for."""
    return []


@pytest.fixture
def watched(browser: Any, live: str, asked: list[str]) -> Iterator[Callable[..., Any]]:
    """Open a path in a context of its own; whatever went wrong, or elsewhere, fails the test at its end."""
    contexts, faults = [], []

    def open_page(path: str, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda line: faults.append(line.text) if line.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on(
            "response", lambda one: faults.append(f"{one.status} {one.url}") if one.status >= 400 else None
        )
        page.goto(live + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults
    elsewhere = [
        url for url in asked if url.startswith("http") and urlsplit(url).netloc != urlsplit(live).netloc
    ]
    assert not elsewhere

"""Assets: only those of the table, kept for ever under their digest, checked again without it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

from server import assets

Get = Callable[..., Any]


@pytest.mark.parametrize("name", list(assets.FILES))
def test_every_asset_is_there(get: Get, name: str) -> None:
    answer = get(f"/assets/{name}")
    assert answer.content_type == assets.FILES[name][1]
    assert answer.data == assets.FILES[name][0].read_bytes()


def test_an_asset_under_its_digest_is_kept_for_ever(get: Get) -> None:
    kept = get(f"/assets/{assets.digest()}/map.js")
    assert "immutable" in kept.headers["Cache-Control"]
    plain = get("/assets/map.js")
    assert "no-cache" in plain.headers["Cache-Control"] and plain.data == kept.data


def test_an_asset_is_coded_and_tagged(get: Get) -> None:
    coded = get("/assets/page.css", Accept_Encoding="gzip")
    assert gzip.decompress(coded.data) == get("/assets/page.css").data
    unchanged = get("/assets/page.css", 304, If_None_Match=coded.headers["ETag"])
    assert unchanged.data == b"" and unchanged.headers["ETag"] == coded.headers["ETag"]


@pytest.mark.parametrize("name", ["nothing.css", "../pages.py", "a/b/map.js", "%2e%2e/assets.py", "map.js/"])
def test_nothing_else_is_sent(client: Client, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code in (400, 404)


def test_modules_import_only_assets() -> None:
    for name in (name for name in assets.FILES if name.endswith(".js")):
        for imported in re.findall(r'from "\./([^"]+)"', assets.FILES[name][0].read_text()):
            assert imported in assets.FILES, (name, imported)

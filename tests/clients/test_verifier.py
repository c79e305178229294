"""The verifier of docs/ and our own, on a signed release that a server shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import config
from releases.proof import keys
from releases.publication import publish


def test_who_knows_nothing_of_us_proves_each_collection_of_a_live_server(
    lakes: Callable[[Path], Any], serve: Callable[..., Any], root: Path, tmp_path: Path
) -> None:
    region = lakes(tmp_path / "lakes")
    variables = region.variables | {"BLUEPRINT_KEY": str(tmp_path / "signing.pem")}
    cache = {"BLUEPRINT_CACHE": str(region.service.cache)}
    service = config.load(tmp_path / "lakes" / "service.yml", variables | cache)
    public = keys.make(tmp_path / "signing.pem", "2026-01-01T00:00:00Z").public
    assert publish(service).status == "published"
    address = serve(tmp_path, **variables, BLUEPRINT_WORKERS="1").address
    evidence = [f"{address}/manifest", f"{address}/manifest.sig", f"{address}/.well-known/blueprint-keys"]
    verifier = [sys.executable, "-I", str(root / "docs" / "verifier.py"), *evidence]

    def verified(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*verifier, *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    for layer in ("lakes", "parishes"):
        # Page by page along the links, as one sequence, and as a file.
        for query in ("f=json&limit=2", "f=geojsonseq&limit=1000"):
            found = verified(layer, f"{address}/collections/{layer}/items?{query}")
            assert (found.returncode, found.stderr) == (0, "")
            assert f"equal to those signed by {public.kid}" in found.stdout
        own = subprocess.run(
            [
                sys.executable,
                "-m",
                "server.cli",
                "verify",
                f"{address}/collections/{layer}/items?f=flatgeobuf",
                "--json",
            ],
            env={**os.environ, **variables},
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert own.returncode == 0, own.stderr
        assert json.loads(own.stdout)["signature"] == {
            "state": "signed",
            "kid": public.kid,
            "retired": None,
            "pinned": False,
        }

    text = next(service.published.glob("releases/*/features/parishes.geojsonl")).read_text("utf-8")
    (tmp_path / "copy").write_text(text.replace("@", "#", 1).replace('"wood"', '"woods"', 1), "utf-8")
    assert verified("parishes", "copy").returncode == 1
    (tmp_path / "copy").write_text(text[: text.rindex('{"type":"Feature"')], "utf-8")
    found = verified("parishes", "copy")
    assert (found.returncode, "NOT EQUAL" in found.stdout) == (1, True)
    other = keys.make(tmp_path / "other.pem", "2026-01-01T00:00:00Z")
    (tmp_path / "other.json").write_bytes(keys.KeyRing(keys=(other.public,)).to_bytes())
    verifier[-1] = str(tmp_path / "other.json")
    assert "not signed by a known key" in verified("parishes", "copy").stderr

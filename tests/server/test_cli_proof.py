"""`blueprint key`, `blueprint verify` and `blueprint releases verify`: what they print and how they end."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli.program import main

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def region(lakes: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lakes region, published and signed by our commands."""
    folder = tmp_path_factory.mktemp("region")
    lakes(folder / "lakes")
    assert run_in(folder, "key", "make").exit_code == 0
    assert run_in(folder, "publish").exit_code == 0
    return folder


@pytest.fixture
def run(region: Path, tmp_path: Path) -> Run:
    """Run a command on a copy of the region."""
    shutil.copytree(region, tmp_path / "region")
    return lambda *words: run_in(tmp_path / "region", *words)


@pytest.fixture
def release(run: Run, tmp_path: Path) -> Path:
    """The release in that copy."""
    [folder] = (tmp_path / "region" / "lakes" / "published" / "releases").iterdir()
    return folder


def run_in(folder: Path, *words: str) -> Result:
    """Run a command in this process, with the settings of the region in a folder."""
    variables = {
        "BLUEPRINT_CONFIG": str(folder / "lakes" / "service.yml"),
        "BLUEPRINT_DATA": str(folder / "lakes" / "data"),
        "BLUEPRINT_PUBLISHED": str(folder / "lakes" / "published"),
        "BLUEPRINT_CACHE": str(folder / "cache"),
        "BLUEPRINT_KEY": str(folder / "keys" / "signing.pem"),
    }
    before = dict(os.environ)
    try:
        os.environ.update(variables)
        return CliRunner().invoke(main, ["--lang", "en", *words])
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_a_key_is_made_once_and_listed(run: Run, tmp_path: Path) -> None:
    assert "there is the key" in run("key", "make").output
    [key] = json.loads(run("key", "list", "--json").stdout)["keys"]
    listed = run("key", "list").stdout
    assert listed.startswith(f"* {key['kid']}  {key['created']}")
    assert run("key", "show").stdout.startswith("-----BEGIN PUBLIC KEY-----")
    assert run("key", "show", key["kid"]).stdout == run("key", "show").stdout
    assert run("key", "show", "nobody's").exit_code == 1
    private = tmp_path / "region" / "keys" / "signing.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert "PRIVATE" not in run("key", "list", "--json").stdout + run("key", "show").stdout


def test_a_new_key_retires_the_old_one_and_copies_of_its_releases_stay_verified(
    run: Run, release: Path, tmp_path: Path
) -> None:
    old = run("key", "show").stdout
    assert run("key", "rotate").exit_code == 0
    first, second = json.loads(run("key", "list", "--json").stdout)["keys"]
    assert first["retired"] and "retired" not in second
    assert "retired" in run("key", "list").stdout
    (tmp_path / "old.pem").write_text(old)
    (tmp_path / "new.pem").write_text(run("key", "show").stdout)
    copy = str(release / "features" / "lakes.gpkg")
    assert f"signed by the key {first['kid']} (retired " in run("verify", copy).stdout
    assert run("verify", copy, "--key", str(tmp_path / "old.pem")).exit_code == 0
    refused = run("verify", copy, "--key", str(tmp_path / "new.pem"))
    assert refused.exit_code == 1 and "which is not known here" in refused.stdout


def test_without_the_private_key_nothing_is_published(run: Run, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "region" / "keys")
    refused = run("publish")
    assert refused.exit_code == 2 and "blueprint key rotate" in refused.stderr
    refused = run("key", "make")
    assert refused.exit_code == 2 and "no private key" in refused.stderr
    assert run("key", "rotate").exit_code == 0
    assert run("publish").exit_code == 0


@pytest.mark.parametrize("form", ["gpkg", "fgb", "parquet", "geojsonl"])
def test_each_form_of_a_layer_is_verified(run: Run, release: Path, form: str) -> None:
    found = run("verify", str(release / "features" / f"lakes.{form}"), "--json")
    said = json.loads(found.stdout)
    assert (found.exit_code, said["equal"], said["accepted"]) == (0, True, True)
    assert (said["release"], said["signature"]["state"]) == (release.name, "signed")
    assert [one["layer"] for one in said["layers"]] == ["lakes"]


def test_a_folder_of_files_is_verified_at_once(run: Run, release: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    for path in release.glob("features/*.parquet"):
        shutil.copy(path, copies)
    (copies / "readme.txt").write_text("not a layer")
    # What is kept by harvesting has a name beside it for what it holds now.
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "current").symlink_to(copies)
    for folder in (copies, tmp_path / "kept"):
        said = json.loads(run("verify", str(folder), "--json").stdout)
        assert said["equal"] and [one["layer"] for one in said["layers"]] == ["lakes", "parishes"]


def test_what_differs_is_named_and_the_exit_code_says_so(run: Run, release: Path, tmp_path: Path) -> None:
    lines = (release / "features" / "parishes.geojsonl").read_text("utf-8").splitlines()
    features = [json.loads(line) for line in lines]
    features[0]["properties"]["name"] = "Elsewhere"
    features[1]["id"] = features[1]["properties"]["code"] = "Z99"
    (tmp_path / "copy.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features}), "utf-8"
    )
    words = ("verify", str(tmp_path / "copy.geojson"), "--layer", "parishes")
    found = run(*words)
    first, second = (json.loads(line)["id"] for line in lines[:2])
    assert found.exit_code == 1
    assert f"missing 1: {second}" in found.stdout and "added 1: Z99" in found.stdout
    assert f"changed 1: {first}" in found.stdout
    # With the manifest alone the difference is told, and not where it is.
    shutil.copy(release / "manifest.json", tmp_path / "alone.json")
    found = run(*words, "--manifest", str(tmp_path / "alone.json"))
    assert found.exit_code == 1
    assert "does not tell where" in found.stdout and "is not signed" in found.stdout


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("verify", "none.gpkg"), 1, "there is no file"),
        (("verify", "{text}"), 1, "is no GeoPackage"),
        (("verify", "{copy}", "--layer", "rivers"), 1, "no layer 'rivers'"),
        (("verify", "{json}"), 2, "--layer"),
        (("verify", "{copy}", "--manifest", "none.json"), 1, "there is no manifest"),
        (("verify", "{copy}", "--manifest", "{text}"), 1, "is no manifest"),
        (("verify", "{copy}", "--manifest", "http://127.0.0.1:9/"), 3, "could not be fetched"),
        (("verify", "http://127.0.0.1:9/collections/lakes/items"), 3, "could not be fetched"),
        (("verify", "{copy}", "--key", "{text}"), 2, "holds no usable keys"),
        (("verify", "{copy}", "--key", "none.pem"), 2, "none.pem"),
        (("verify",), 2, "FILE_OR_URL"),
    ],
)
def test_what_cannot_be_verified_is_told(
    run: Run, release: Path, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "text").write_text("only a text")
    (tmp_path / "some.geojson").write_text('{"type":"Feature","id":"1","geometry":null,"properties":{}}')
    known = {
        "text": tmp_path / "text",
        "json": tmp_path / "some.geojson",
        "copy": release / "features" / "lakes.gpkg",
    }
    found = run(*(word.format_map(known) for word in words))
    assert (found.exit_code, said in found.stderr) == (code, True), found.output


def test_a_manifest_that_was_altered_or_that_another_signed_is_refused(
    run: Run, release: Path, tmp_path: Path
) -> None:
    copy, text = str(release / "features" / "lakes.gpkg"), (release / "manifest.json").read_bytes()
    for name in ("manifest.sig", "manifest.json"):
        shutil.copy(release / name, tmp_path / name)
    shutil.copy(release.parent.parent / "keys.json", tmp_path)
    altered = tmp_path / "manifest.json"
    altered.chmod(0o644)
    altered.write_bytes(text.replace(b'"count"', b'"c0unt"', 1))
    found = run("verify", copy, "--manifest", str(altered))
    assert found.exit_code == 1 and "is no manifest" in found.stderr
    said = json.loads(text)
    said["layers"][0]["root"] = "0" * 64
    altered.write_text(json.dumps(said))
    found = run("verify", copy, "--manifest", str(altered))
    assert found.exit_code == 1 and "was altered" in found.stderr
    altered.write_bytes(text + b"\n")  # which says the same, and is not what was signed
    found = run("verify", copy, "--manifest", str(altered))
    assert found.exit_code == 1 and "the signature is not this manifest's" in found.stdout


def test_a_release_is_verified_in_its_place(run: Run, release: Path) -> None:
    sound = run("releases", "verify", "--json")
    said = json.loads(sound.stdout)
    assert (sound.exit_code, said["faults"], said["signature"]["state"]) == (0, [], "signed")
    assert "signed by the key" in run("releases", "verify").stdout
    for name in ("manifest.json", "manifest.sig", "report/report.json", "features/lakes.tree"):
        path = release / name
        whole = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(bytes([*whole[:50], whole[50] ^ 1, *whole[51:]]))
        found = run("releases", "verify")
        assert found.exit_code == 1, (name, found.output)
        assert name in found.stdout and "Traceback" not in found.output
        path.write_bytes(whole)

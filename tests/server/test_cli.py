"""The command line: what it prints, in which language, and how it ends."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from config.models import Service
from server.cli.exits import ENDINGS
from server.cli.program import COMMANDS, DEFAULT, main

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def variables(published: Service) -> dict[str, str]:
    """An environment that leads to the demo's release and says nothing about languages."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_", "BLUEPRINT"))
    }
    return {
        **kept,
        "BLUEPRINT_DATA": str(published.data),
        "BLUEPRINT_PUBLISHED": str(published.published),
        "BLUEPRINT_CACHE": str(published.cache),
    }


@pytest.fixture(scope="module")
def run(variables: dict[str, str]) -> Run:
    """Run `blueprint` in this process: all but what help texts and imports are like is the same as in its own."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        before = dict(os.environ)
        try:
            os.environ.clear()
            os.environ.update(variables | more)
            result = CliRunner().invoke(main, arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="module")
def start(variables: dict[str, str], root: Path) -> Run:
    """Run `blueprint` in a process of its own, where a warning is an error."""

    def start(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "server.cli", *arguments]
        return subprocess.run(
            command, env=variables | more, cwd=root, capture_output=True, text=True, timeout=120
        )

    return start


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A configuration with two faults."""
    for name in ("service.yml", "layers.yml", "codelists.yml"):
        shutil.copy(DEFAULT.parent / name, tmp_path)
    text = (
        (tmp_path / "service.yml")
        .read_text()
        .replace("language: zh", "langauge: zh")
        .replace("workers: 2", "workers: no")
    )
    (tmp_path / "service.yml").write_text(text)
    return tmp_path / "service.yml"


def test_help_names_every_command_and_exit_code_in_both_languages(start: Run) -> None:
    english, chinese = start("--help", LANG="en_US.UTF-8"), start("--lang", "zh", "--help")
    assert english.returncode == chinese.returncode == 0
    for name, row in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(row.en)}", english.stdout, re.M)
        assert re.search(rf"^  {name} +{re.escape(row.zh)}", chinese.stdout, re.M)
    assert "refused by the gate" in english.stdout and "质检未通过" in chinese.stdout


@pytest.mark.parametrize(
    "command",
    [*((name,) for name in COMMANDS), ("releases", "show"), ("releases", "diff"), ("releases", "verify")],
)
def test_each_command_has_a_help_with_an_example_in_both_languages(
    start: Run, command: tuple[str, ...]
) -> None:
    english, chinese = start(*command, "--help"), start(*command, "--help", LANG="zh_CN.UTF-8")
    assert english.returncode == chinese.returncode == 0
    assert english.stdout != chinese.stdout
    if len(command) == 1:
        assert "blueprint " in english.stdout and "Example" in english.stdout
        assert "blueprint " in chinese.stdout and "例：" in chinese.stdout


def test_help_imports_no_room_but_the_command_line() -> None:
    code = (
        "import sys; from server.cli.program import main; main(['--help'], standalone_mode=False);"
        "print([n for n in ('config', 'tiles', 'releases', 'styles', 'numpy', 'pydantic') if n in sys.modules], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stderr.strip() == "[]"


def test_the_history_is_listed(run: Run, release: Any) -> None:
    assert run("releases").stdout.split()[:2] == ["*", release.id]
    [entry] = json.loads(run("releases", "list", "--json").stdout)
    assert entry["id"] == release.id and entry["published"] == release.published_at


def test_a_release_is_shown_with_its_layers(run: Run, release: Any) -> None:
    shown = run("--lang", "zh", "releases", "show").stdout
    assert all(layer.id in shown and layer.layer.title.zh in shown for layer in release.manifest.layers)
    assert json.loads(run("releases", "show", release.id, "--json").stdout)["id"] == release.id


def test_a_release_is_verified_byte_by_byte(
    run: Run, published: Service, release: Any, tmp_path: Path
) -> None:
    assert run("releases", "verify").returncode == 0
    shutil.copytree(published.published, tmp_path / "published")
    file = tmp_path / "published" / "releases" / release.id / release.manifest.layers[0].file
    file.chmod(0o644)
    content = file.read_bytes()
    file.write_bytes(content[:-2] + b" \n")
    found = run("releases", "verify", "--json", BLUEPRINT_PUBLISHED=str(tmp_path / "published"))
    assert found.returncode == 1
    assert json.loads(found.stdout)["faults"][0].startswith(release.manifest.layers[0].file)


def test_an_unknown_release_is_exit_code_1(run: Run) -> None:
    for command in (("releases", "show", "0" * 16), ("tile", "8/104/203", "--release", "0" * 16)):
        found = run(*command)
        assert found.returncode == 1 and "0" * 16 in found.stderr and "Traceback" not in found.stderr


def test_nothing_published_says_what_to_run(run: Run, tmp_path: Path) -> None:
    for command in (("releases", "show"), ("releases", "verify"), ("tile", "8/104/203")):
        found = run(*command, BLUEPRINT_PUBLISHED=str(tmp_path))
        assert found.returncode == 1 and "blueprint publish" in found.stderr
    assert run("releases", BLUEPRINT_PUBLISHED=str(tmp_path)).returncode == 0


def test_checking_the_demo_passes(run: Run) -> None:
    found = run("check", "--json")
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["passed"] is True


def test_publishing_the_same_again_changes_nothing(run: Run, release: Any) -> None:
    found = run("publish", "--json")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert document["status"] == "unchanged" and document["release"] == release.id


def test_bad_data_is_refused_with_findings_and_exit_code_1(
    run: Run, published: Service, tmp_path: Path
) -> None:
    shutil.copytree(published.data, tmp_path / "data")
    source = published.layer("townships").sources[-1]
    file = tmp_path / "data" / source.path
    file.write_text(
        file.read_text()
        .replace('"type": "Feature"', '"type": "Fracture"')
        .replace('"type":"Feature"', '"type":"Fracture"')
    )
    elsewhere = {"BLUEPRINT_DATA": str(tmp_path / "data"), "BLUEPRINT_PUBLISHED": str(tmp_path / "published")}
    checked = run("--lang", "en", "check", **elsewhere)
    assert checked.returncode == 1, checked.stderr
    assert "[refuse]" in checked.stdout and "townships" in checked.stdout and "refused" in checked.stdout
    refused = run("publish", "--json", **elsewhere)
    assert refused.returncode == 1
    document = json.loads(refused.stdout)
    assert document["status"] == "refused" and document["findings"][0]["layer"] == "townships"
    assert not (tmp_path / "published" / "history.json").exists()


@pytest.mark.parametrize(
    "command", [("config",), ("config", "--check"), ("releases",), ("check",), ("publish",), ("serve",)]
)
def test_a_wrong_configuration_is_exit_code_2_with_file_line_and_key(
    run: Run, broken: Path, command: tuple[str, ...]
) -> None:
    found = run("--config", str(broken), "--lang", "en", *command)
    assert found.returncode == 2, found.stdout
    assert re.search(r"service\.yml:\d+: langauge", found.stderr) and "language" in found.stderr
    assert re.search(r"service\.yml:\d+: server\.workers", found.stderr)
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("publish", "--nonsense"),
        ("demo", "--zones", "7"),
        ("demo", "--faults", "500"),
        ("demo", "--dirty", "7", "--zones", "2000000"),
        ("tile",),
        ("tile", "x/y/z"),
        ("config", "--schema", "x"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    found = run(*arguments)
    assert found.returncode == 2 and found.stderr and "Traceback" not in found.stderr


def test_a_folder_that_cannot_be_written_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    (tmp_path / "published").write_text("a file where a folder should be")
    found = run("--lang", "zh", "publish", BLUEPRINT_PUBLISHED=str(tmp_path / "published"))
    assert found.returncode == 3, found.stderr
    assert "Traceback" not in found.stderr


def test_the_configuration_in_force_is_printed(run: Run) -> None:
    printed = yaml.safe_load(run("config", PORT="4711").stdout)
    assert printed["server"]["port"] == 4711 and len(printed["layers"]) == 18
    assert json.loads(run("config", "--json").stdout)["id"] == printed["id"]
    checked = run("--lang", "en", "config", "--check")
    assert checked.returncode == 0 and "18 layers" in checked.stdout


@pytest.mark.parametrize("name", ["service", "layers", "codelists"])
def test_the_configuration_files_match_their_schemas(run: Run, name: str) -> None:
    import jsonschema

    schema = json.loads(run("config", "--schema", name).stdout)
    jsonschema.Draft202012Validator(schema).validate(
        yaml.safe_load((DEFAULT.parent / f"{name}.yml").read_text())
    )


def test_a_tile_is_decoded_from_a_release_a_file_and_an_address(
    run: Run, ask: Any, live: str, tmp_path: Path
) -> None:
    target = "/collections/xzq_county/tiles/WebMercatorQuad/8/104/203"
    (tmp_path / "tile.mvt").write_bytes(ask(target).body)
    (tmp_path / "tile.mvt.gz").write_bytes(ask(target, accept_encoding="gzip").body)
    told = {
        run("tile", *what, "--json").stdout
        for what in (
            ("8/104/203", "--layer", "xzq_county"),
            (str(tmp_path / "tile.mvt"),),
            (str(tmp_path / "tile.mvt.gz"),),
            (f"{live}{target}",),
        )
    }
    assert len(told) == 1
    decoded = json.loads(told.pop())
    summary = run("--lang", "en", "tile", "8/104/203", "--layer", "xzq_county", "--features").stdout
    assert f"xzq_county: {len(decoded['xzq_county']['features'])}" in summary
    assert all(str(feature["id"]) in summary for feature in decoded["xzq_county"]["features"])


def test_what_is_no_tile_is_told_in_one_line(run: Run, live: str, tmp_path: Path) -> None:
    (tmp_path / "no.mvt").write_bytes(b"\xff" * 50)
    (tmp_path / "cut.mvt").write_bytes(b"\x1f\x8b\x08")
    for what in (
        str(tmp_path / "no.mvt"),
        str(tmp_path / "cut.mvt"),
        "1/1/0",
        f"{live}/tiles/WebMercatorQuad/1/1/0",
    ):
        found = run("tile", what)
        assert found.returncode == 1 and found.stderr and "Traceback" not in found.stderr
    assert run("tile", "http://127.0.0.1:9/x").returncode == 3


def test_a_demo_is_built_where_it_is_wanted(run: Run, tmp_path: Path) -> None:
    found = run("demo", "--zones", "2000", "--offline", "--out", str(tmp_path / "demo"), "--json")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert document["rows"]["xzq_county"] == 221 and (tmp_path / "demo" / "joint" / "delivery.yml").is_file()
    assert found.stderr.startswith("building the demo")


def test_a_dirty_demo_takes_no_folder_that_holds_something_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.gpkg").write_bytes(b"precious")
    found = run("--lang", "en", "demo", "--dirty", "7", "--out", str(tmp_path))
    assert found.returncode == 2 and "something else than a dirty demo" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["plan.gpkg"]


def test_a_dirty_demo_says_what_was_planted_and_how_it_is_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from config.models import Text
    from releases.demo import dirty
    from server.cli.demo import command

    asked = []

    def build(*words: Any) -> dirty.DirtyReport:
        asked.append(words)
        cases = {"features": Text(zh="要素的错误", en="faults of features")}
        return dirty.DirtyReport(tmp_path / "dirty", 2000, 7, cases, {"gap": 3, "nest": 2}, 1, 0.5)

    monkeypatch.setattr(dirty, "build", build)
    monkeypatch.setenv("BLUEPRINT_DATA", str(tmp_path / "data"))
    words = ["--dirty", "7", "--zones", "2000", "--faults", "60"]
    told = CliRunner().invoke(command, words, obj=DEFAULT, catch_exceptions=False).stdout
    assert "5 faults of 2 rules" in told and "faults of features" in told
    assert f"BLUEPRINT_CONFIG={tmp_path}/dirty/features/service.yml blueprint check" in told
    assert asked[0][2:6] == (tmp_path / "dirty", 7, 2000, 60)
    document = json.loads(CliRunner().invoke(command, [*words, "--json"], obj=DEFAULT).stdout)
    assert (document["faults"], document["consequences"], document["planted"]) == (
        5,
        1,
        {"gap": 3, "nest": 2},
    )


def test_the_readme_names_commands_and_options_that_exist(run: Run, root: Path) -> None:
    for name in ("README.md", "README.zh-CN.md"):
        if not (root / name).exists():
            continue
        text = (root / name).read_text()
        named = set(
            re.findall(r"blueprint (demo|check|publish|releases|serve|tile|config)\b([^`\n|#]*)", text)
        )
        assert named
        for command, rest in named:
            assert command in COMMANDS
            for option in re.findall(r"--[a-z-]+", rest):
                assert option in run(command, "--help").stdout, (name, command, option)


@pytest.mark.parametrize("name", ENDINGS)
def test_every_error_that_has_an_exit_code_exists(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), kind), Exception)


def test_an_error_of_the_program_is_shown_whole_and_has_a_code_of_its_own(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("releases.publication.examine", fail)
    found = run("check")
    assert (
        found.returncode == 70 and "Traceback" in found.stderr and "ZeroDivisionError: oops" in found.stderr
    )


def test_an_interrupted_command_ends_quietly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("releases.publication.examine", interrupt)
    found = run("check")
    assert found.returncode == 130 and "Traceback" not in found.stderr

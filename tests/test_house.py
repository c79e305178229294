"""The rules of the house, each kept by a check that fails when it is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOMS = ("config", "tiles", "styles", "releases", "server")


def tracked(root: Path, *patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=root, capture_output=True, text=True, check=True
    )
    return [root / name for name in listing.stdout.split("\0") if name]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)


@pytest.fixture
def house(root: Path, tmp_path: Path) -> Path:
    """A copy of the five rooms and the rules, to break."""
    for room in ROOMS:
        shutil.copytree(
            root / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "data", "*.yml")
        )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_go_only_to_the_left(house: Path) -> None:
    kept = lint_imports(house)
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize("left, right", list(pairwise(ROOMS)))
def test_an_import_to_the_right_breaks_the_check(house: Path, left: str, right: str) -> None:
    (house / left / "intruder.py").write_text(f"import {right}\n")
    assert lint_imports(house).returncode != 0


def test_no_file_outside_tests_is_longer_than_300_lines(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for path in tracked(root, "*.py", "*.js", "*.css", "*.html", "*.sh")
        if "tests" not in path.relative_to(root).parts and (lines := len(path.read_text().splitlines())) > 300
    }
    assert not long


def test_no_room_has_a_drawer_without_a_noun(root: Path) -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "manager.py", "misc.py"}
    assert not [path for path in tracked(root, "*.py") if path.name in drawers]


def test_every_public_module_and_function_says_what_it_is(root: Path) -> None:
    import ast

    silent = []
    for path in tracked(root, *(f"{room}/*.py" for room in ROOMS)):
        tree = ast.parse(path.read_text())
        nodes = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        public = [node for node in nodes if not node.name.startswith("_")]
        silent += [f"{path.relative_to(root)}: {node.name}" for node in public if not ast.get_docstring(node)]
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(root)))
    assert not silent


def test_nothing_published_or_built_is_committed(root: Path) -> None:
    assert not [
        path for path in tracked(root) if path.relative_to(root).parts[0] in {"var", "node_modules", ".venv"}
    ]


def test_the_lock_files_carry_hashes_and_no_addresses(root: Path) -> None:
    for path in tracked(root, "*.lock", "package-lock.json"):
        text = path.read_text()
        assert "://" not in re.sub(r'"(url|funding)": "[^"]*"', "", text), path
        assert "sha256:" in text or "sha512-" in text


def test_every_make_target_that_the_readme_names_exists(root: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.M))
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "Dockerfile", ".ci/run"):
        named = set(re.findall(r"(?:^|`|RUN |run: )make ([a-z]+)", (root / name).read_text(), re.M))
        assert named <= targets, (name, named - targets)

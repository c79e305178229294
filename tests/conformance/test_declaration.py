"""What the server declares is what tests prove, class by class."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.conformance import CLASSES

Json = Callable[..., Any]
Get = Callable[..., Any]


def is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def proofs(file: Path) -> set[str]:
    """The names of a file's tests, and of its classes that hold some."""
    if not file.exists():
        return set()
    return {
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and (is_test(node) or (isinstance(node, ast.ClassDef) and any(map(is_test, node.body))))
    }


def test_every_declared_class_has_a_test_that_proves_it(root: Path) -> None:
    parted = {uri: proof.partition("::") for uri, proof in CLASSES.items()}
    assert [uri for uri, (path, _, name) in parted.items() if name not in proofs(root / path)] == []


def test_a_class_without_tests_proves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "test_nothing.py"
    file.write_text(
        "class TestEmpty:\n    def helper(self): ...\n\nclass TestFull:\n    def test_it(self): ...\n"
    )
    assert proofs(file) == {"TestFull"}


def test_exactly_the_proven_classes_are_declared(json: Json) -> None:
    assert json("/conformance")["conformsTo"] == list(CLASSES)


def test_the_declared_uris_are_of_the_form_that_standards_print() -> None:
    form = re.compile(r"http://www\.opengis\.net/spec/[a-z0-9-]+/\d\.\d/conf/[a-z0-9-]+")
    assert all(form.fullmatch(uri) for uri in CLASSES)


def test_drafts_are_told_from_standards_wherever_they_are_declared(json: Json, get: Get) -> None:
    drafts = json("/conformance")["drafts"]
    declared = [uri for draft in drafts for uri in draft["conformsTo"]]
    assert set(declared) <= set(CLASSES)
    assert json("/")["drafts"] == drafts
    approved = re.compile(r".*/(ogcapi-(common-[13]|features-[123]|tiles-1)|tms|cql2|json-fg-1)/.*")
    assert set(declared) == {uri for uri in CLASSES if not approved.fullmatch(uri)}
    for lang in ("zh", "en"):
        for path in ("/", "/conformance"):
            page = get(f"{path}?lang={lang}", Accept="text/html").get_data(as_text=True)
            assert all(draft["number"] in page for draft in drafts)
            assert all(uri in page for uri in declared)

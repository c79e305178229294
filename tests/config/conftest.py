"""A configuration of one's own to break: the imaginary lakes, copied into a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import config

LAKES = Path(__file__).parent.parent / "regions" / "lakes"


@pytest.fixture
def lakes(tmp_path: Path) -> Path:
    """The service.yml of a copy of the imaginary lakes."""
    shutil.copytree(LAKES, tmp_path / "lakes")
    return tmp_path / "lakes" / "service.yml"


class Broken:
    """A copy of the imaginary lakes that faults are put into, and what is said of them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def edit(self, name: str, old: str, new: str) -> int:
        """Replace a text that stands once in a file; return the line it begins on."""
        file = self.path.parent / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        file.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def problems(
        self, environ: Mapping[str, str] | None = None, *, check_sources: bool = False
    ) -> tuple[config.Problem, ...]:
        """What loading tells; fails when nothing is wrong."""
        with pytest.raises(config.ConfigError) as caught:
            config.load(self.path, environ, check_sources=check_sources)
        return caught.value.problems

    def problem(
        self, environ: Mapping[str, str] | None = None, *, check_sources: bool = False
    ) -> config.Problem:
        """The one problem that loading tells."""
        found = self.problems(environ, check_sources=check_sources)
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]


@pytest.fixture
def broken(lakes: Path) -> Broken:
    """Where faults are put."""
    return Broken(lakes)


@pytest.fixture
def one_fault(broken: Broken) -> Callable[[str, str, str], config.Problem]:
    """Put one fault in; return the one problem that is told, which must name the file and line of the edit."""

    def one_fault(name: str, old: str, new: str) -> config.Problem:
        line = broken.edit(name, old, new)
        problem = broken.problem()
        assert problem.file == broken.path.parent / name
        assert problem.line == line
        return problem

    return one_fault

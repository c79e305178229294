"""What is wrong with a configuration, said so that an operator finds the place and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.models import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where it stands, what it is, what was expected, and the nearest name that would do."""

    file: Path
    line: int
    key: str
    message: Text
    expected: str | None = None
    nearest: str | None = None

    def of(self, lang: str) -> str:
        """The fault as one line."""
        hint = f"; expected {self.expected}" if lang == "en" else f"；应为 {self.expected}"
        near = f"; did you mean {self.nearest!r}?" if lang == "en" else f"；是否指 {self.nearest!r}?"
        text = f"{self.file}:{self.line}: {self.key}: {self.message.of(lang)}"
        return text + (hint if self.expected else "") + (near if self.nearest else "")

    def __str__(self) -> str:
        return self.of("en")


class ConfigError(Exception):
    """A configuration that cannot be used; `problems` has every fault, in the order of file and line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def of(self, lang: str) -> str:
        """All faults, a line each."""
        return "\n".join(problem.of(lang) for problem in self.problems)

    def __str__(self) -> str:
        return self.of("en")

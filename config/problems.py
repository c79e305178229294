"""What is wrong with a configuration, said so that an operator finds the place and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.values import Text

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where it stands, what it is, what was expected, and the nearest name that would do.

    `file` is None and `line` 0 where the value came from the environment; `key` then names the variable.
    """

    file: Path | None
    line: int
    key: str
    message: Text
    expected: Text | None = None
    nearest: str | None = None

    def of(self, lang: str) -> str:
        """The fault as one line."""
        english = lang == "en"
        if self.file is None:
            place = "environment" if english else "环境变量"
        else:
            place = f"{self.file}:{self.line}"
        text = (
            f"{place}: {self.key}: {self.message.of(lang)}"
            if self.key
            else f"{place}: {self.message.of(lang)}"
        )
        if self.expected is not None:
            text += f"; expected {self.expected.of(lang)}" if english else f"；应为：{self.expected.of(lang)}"
        if self.nearest is not None:
            text += f"; did you mean {self.nearest!r}?" if english else f"；是否指 {self.nearest!r}？"
        return text

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


def dotted(key: Key) -> str:
    """A key path as people write it: layers[3].fields[0].name."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text

"""Where each value of the whole configuration came from: one of its three files, or the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config.disagreement import Fault
from config.document import Document
from config.environment import Override
from config.expectations import allowed, expectation
from config.nearest import known_keys, nearest, unknown_key
from config.problems import Key, Problem
from config.values import Text

_FILES = {"groups": "layers", "layers": "layers", "codelists": "codelists"}


class Origins:
    """Turns faults of the whole configuration into problems that name a file and line, or a variable."""

    def __init__(
        self, documents: Mapping[str, Document], replaced: Mapping[tuple[str, ...], Override]
    ) -> None:
        self._documents = documents
        self._replaced = replaced

    def at(
        self, key: Key, message: Text, expected: Text | None = None, closest: str | None = None
    ) -> Problem:
        """A problem of the value under a key of the whole configuration."""
        override = next((o for place, o in self._replaced.items() if place == key), None)
        if override is not None:
            return Problem(None, 0, override.variable, message, expected, closest)
        name = _FILES.get(str(key[0]), "service") if key else "service"
        return self._documents[name].problem(key, message, expected, closest)

    def problem(self, error: Mapping[str, Any]) -> Problem:
        """The problem that an entry of pydantic's `errors()` tells."""
        key: Key = tuple(error["loc"])
        name = str(key[-1]) if key else ""
        if error["type"] == "extra_forbidden":
            return self.at(key, *unknown_key(name, known_keys(key[:-1])))
        if error["type"] == "missing":
            return self.at(key, _missing(name))
        value = error["input"]
        if isinstance(value, dict | list):
            message = Text(zh="值不合要求", en="the value will not do")
        else:
            shown = json.dumps(value, ensure_ascii=False)
            message = Text(zh=f"值 {shown} 不合要求", en=f"the value {shown} will not do")
        return self.at(key, message, expectation(error), nearest(str(value), allowed(error)))

    def problem_of(self, fault: Fault) -> Problem:
        """The problem that a disagreement between values is."""
        return self.at(fault.key, fault.message, fault.expected, nearest(fault.value, fault.known))


def _missing(name: str) -> Text:
    if name.isdecimal():  # one place of a list of fixed length
        return Text(zh=f"缺少第 {int(name) + 1} 项", en=f"item {int(name) + 1} is missing")
    return Text(zh=f"缺少键 {name!r}", en=f"the key {name!r} is missing")

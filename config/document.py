"""One YAML file as plain values, and the line that each of them stands on.

PyYAML's loader forgets where a value stood and takes the last of two equal keys, so the file is composed into
nodes first: those have marks and both keys. Values are those of JSON; a date stays the text it is written as.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from config.problems import ConfigError, Key, Problem, dotted
from config.values import Text

#: libyaml's parser where PyYAML was built with it: layers.yml is composed in 4 ms instead of 42.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")}


class Document:
    """A file's mapping of keys; `problems` are the faults of its form, such as a key that stands twice.

    Raises ConfigError when it cannot be read, is no YAML, or holds no mapping: then nothing else can be said.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._lines: dict[Key, int] = {}
        self._open: list[yaml.Node] = []
        self._scalars = yaml.SafeLoader("")
        node = _compose(path)
        if not isinstance(node, yaml.MappingNode):
            message = Text(zh="文件内容不是键值映射", en="the file holds no mapping of keys")
            raise ConfigError((Problem(path, 1, "", message),))
        self.value: dict[str, Any] = self._plain(node, ())

    def line(self, key: Key) -> int:
        """The line of a key, or of the nearest key around it that is in the file."""
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 1)

    def problem(
        self, key: Key, message: Text, expected: Text | None = None, nearest: str | None = None
    ) -> Problem:
        """A fault of the value under a key of this file."""
        return Problem(self.path, self.line(key), dotted(key), message, expected, nearest)

    def entries(self, name: str) -> list[Any]:
        """The list under a top-level key, empty when there is none."""
        value = self.value.get(name)
        return value if isinstance(value, list) else []

    def _plain(self, node: yaml.Node, key: Key) -> Any:
        # An alias gives the anchored node itself, so a fault in it is told where it can be mended.
        self._lines[key] = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if any(node is outer for outer in self._open):
            message = Text(
                zh="别名指向包含它自己的值", en="the alias stands for a value that holds the alias"
            )
            self.problems.append(self.problem(key, message))
            return None
        self._open.append(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self._plain(item, (*key, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, key)
        finally:
            self._open.pop()

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag not in _SCALARS:
            return str(node.value)
        try:
            return self._scalars.construct_object(node)
        except (ValueError, KeyError):  # `!!int abc`: a text, and so a fault where a number is expected
            return str(node.value)

    def _mapping(self, node: yaml.Node, key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            inner = (*key, name)
            value = self._plain(value_node, inner)
            if value_node.start_mark.index > name_node.start_mark.index:  # no alias
                self._lines[inner] = name_node.start_mark.line + 1
            if name in values:
                message = Text(zh=f"键 {name!r} 重复出现", en=f"the key {name!r} stands here twice")
                self.problems.append(
                    self.problem(inner, message, Text(zh="只出现一次的键", en="each key once"))
                )
            values[name] = value
        return values


def _compose(path: Path) -> yaml.Node | None:
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.compose(text, Loader=_Loader)
    except FileNotFoundError as error:
        zh, en, line = "没有这个文件", "there is no such file", 1
        cause: Exception = error
    except UnicodeDecodeError as error:
        zh, en, line = "不是 UTF-8 文本", "the file is no UTF-8 text", 1
        cause = error
    except OSError as error:
        zh, en, line = f"无法读取：{error.strerror}", f"cannot be read: {error.strerror}", 1
        cause = error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        zh, en, line = f"不是合格的 YAML：{reason}", f"no valid YAML: {reason}", mark.line + 1 if mark else 1
        cause = error
    raise ConfigError((Problem(path, line, "", Text(zh=zh, en=en)),)) from cause

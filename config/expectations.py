"""What was expected in place of a faulty value, in both languages: one row for each kind of error.

Rule here: pydantic's own messages are English and speak of Python, so no operator sees them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from config.values import CODE_PREFIX, CRS_CODE, CRS_NAME, FIELD_NAME, IDENTIFIER, Text

#: The forms of names, in words.
PATTERNS: Mapping[str, Text] = {
    IDENTIFIER: Text(
        zh="以小写字母开头、由小写字母、数字和 _ 组成的标识（至多 63 个字符）",
        en="an id of lower-case letters, digits and _ that begins with a letter (63 at most)",
    ),
    FIELD_NAME: Text(
        zh="以字母开头、由字母、数字和 _ 组成的字段名（至多 63 个字符）",
        en="a field name of letters, digits and _ that begins with a letter (63 at most)",
    ),
    CRS_NAME: Text(
        zh="坐标参考系，如 EPSG:4490、EPSG:4524 或 OGC:CRS84",
        en="a CRS such as EPSG:4490, EPSG:4524 or OGC:CRS84",
    ),
    CRS_CODE: Text(
        zh="以“机构:代码”书写的坐标参考系，如 EPSG:4525",
        en="a CRS by its authority and code, such as EPSG:4525",
    ),
    CODE_PREFIX: Text(
        zh='加引号的至多 12 位数字或字母，如 "51"（行政区代码的开头）',
        en='at most twelve digits or letters in quotes, such as "51" (how codes of units begin)',
    ),
}

#: Type of a pydantic error -> what it expected, with the names of the error's context in braces.
KINDS: Mapping[str, Text] = {
    "string_type": Text(zh="文本（代码须加引号）", en="a text (codes in quotes)"),
    "int_type": Text(zh="整数", en="a whole number"),
    "int_from_float": Text(zh="整数", en="a whole number"),
    "int_parsing_size": Text(zh="整数", en="a whole number"),
    "float_type": Text(zh="数", en="a number"),
    "finite_number": Text(zh="有限的数", en="a finite number"),
    "bool_type": Text(zh="true 或 false", en="true or false"),
    "path_type": Text(zh="路径文本", en="a path"),
    "tuple_type": Text(zh="列表", en="a list"),
    "dict_type": Text(zh="键值映射", en="a mapping of keys"),
    "mapping_type": Text(zh="键值映射", en="a mapping of keys"),
    "model_type": Text(zh="键值映射", en="a mapping of keys"),
    "too_short": Text(zh="至少 {min_length} 项", en="at least {min_length} of them"),
    "too_long": Text(zh="至多 {max_length} 项", en="at most {max_length} of them"),
    "string_too_short": Text(zh="不为空的文本", en="a text that is not empty"),
    "greater_than_equal": Text(zh="不小于 {ge} 的数", en="a number of at least {ge}"),
    "less_than_equal": Text(zh="不大于 {le} 的数", en="a number of at most {le}"),
}


def expectation(error: Mapping[str, Any]) -> Text:
    """What one error of pydantic's `errors()` expected."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "expected":  # raised by a validator of ours
        return Text(zh=context["zh"], en=context["en"])
    if kind == "literal_error":
        names = allowed(error)
        return Text(zh=" 或 ".join(names), en=" or ".join(names))
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind not in KINDS:
        # A kind nobody met yet is still told, in the library's words.
        return Text(zh=error["msg"], en=error["msg"])
    return Text(zh=KINDS[kind].zh.format(**context), en=KINDS[kind].en.format(**context))


def allowed(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that would have done where one of a few was expected, none for other kinds of fault."""
    if error["type"] != "literal_error":
        return ()
    return tuple(re.findall(r"'([^']*)'", error["ctx"]["expected"]))

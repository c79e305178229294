"""Values of parameters as every resource reads them; what is wrong with one is told with all other faults."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from config.models import CodeList, Field, Text
from releases.query import Value
from server.moments import is_date
from server.problems import Fault, Wrong

_INTEGER = re.compile(r"-?[0-9]{1,18}")
#: A number as people and programs write it.
NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def read(args: MultiDict[str, str], name: str, parse: Callable[[str], Any], faults: list[Fault]) -> Any:
    """The value of a parameter, None when it is not given; what is wrong with it goes to `faults`."""
    if name not in args:
        return None
    try:
        return parse(args[name])
    except Wrong as wrong:
        faults.append(Fault(name, wrong.message, wrong.expected))
        return None


def equals(
    args: MultiDict[str, str], fields: Iterable[Field], codelists: Mapping[str, CodeList], faults: list[Fault]
) -> tuple[tuple[str, Value], ...]:
    """The conditions that parameters named after fields make (OGC 19-079r2, 7.2)."""
    return tuple(
        (field.name, read(args, field.name, partial(value, field=field, codelists=codelists), faults))
        for field in fields
        if field.name in args
    )


def value(text: str, field: Field, codelists: Mapping[str, CodeList]) -> Value:
    """A value of a field, as its type says. A code that the field's list does not have is wrong: it names no
    feature.
    """
    parsed, expected = _PARSERS[field.type](text)
    if parsed is None:
        raise Wrong.value(text, expected)
    if field.codelist is not None and codelists[field.codelist].code(text) is None:
        codes = ", ".join(code.value for code in codelists[field.codelist].codes)
        raise Wrong.value(text, Text(zh=f"代码之一：{codes}", en=f"one of the codes {codes}"))
    return parsed


def truth(text: str) -> bool:
    """true or false; Wrong for anything else."""
    parsed, expected = _boolean(text)
    if parsed is None:
        raise Wrong.value(text, expected)
    return bool(parsed)


def _string(text: str) -> tuple[Value | None, Text]:
    return text, Text(zh="文本", en="text")


def _integer(text: str) -> tuple[Value | None, Text]:
    return int(text) if _INTEGER.fullmatch(text) else None, Text(zh="整数", en="an integer")


def _number(text: str) -> tuple[Value | None, Text]:
    number = float(text) if NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None, Text(zh="有限的数", en="a finite number")


def _boolean(text: str) -> tuple[Value | None, Text]:
    return {"true": True, "false": False}.get(text), Text(zh="true 或 false", en="true or false")


def _date(text: str) -> tuple[Value | None, Text]:
    return text if is_date(text) else None, Text(
        zh="存在的日期，如 2025-01-31", en="a date that exists, as 2025-01-31"
    )


#: Field type -> how its values are read: the value or None, and what is expected.
_PARSERS: Final[Mapping[str, Callable[[str], tuple[Value | None, Text]]]] = {
    "string": _string,
    "array": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}

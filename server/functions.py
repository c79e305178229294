"""The functions that a filter may call (OGC 21-065r2, /req/functions/get-functions-response-json; 19-079r2, 8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from releases.cql2 import FUNCTIONS
from releases.cql2.functions import Argument, Function
from releases.cql2.nodes import Type
from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, Route, current

#: What types are called in the standard's schema; a date and a time are one.
_TYPES: Final[Mapping[Type, str]] = {
    "text": "string",
    "number": "number",
    "boolean": "boolean",
    "instant": "datetime",
    "geometry": "geometry",
}


def functions() -> Response:
    """The list of functions."""
    ask = current()
    document = {
        "links": alternates(ask, ask.links.functions, ask.say("过滤函数", "Functions of filters")),
        "functions": [_described(ask, name, function) for name, function in FUNCTIONS.items()],
    }
    return answer(ask, document, "functions.html")


def _described(ask: Ask, name: str, function: Function) -> dict[str, Any]:
    return {
        "name": name,
        "description": ask.text(function.description),
        "args": [_argument(ask, argument) for argument in function.arguments],
        "returns": ["integer" if function.whole else _TYPES[function.returns]],
    }


def _argument(ask: Ask, argument: Argument) -> dict[str, Any]:
    return {"title": ask.text(argument.title), "type": [_TYPES[argument.type]]}


ROUTES = (Route("/functions", functions),)

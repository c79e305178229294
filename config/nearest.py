"""The name that an operator most likely meant, and the keys that a mapping of the configuration may have."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from config.models import Service
from config.problems import Key
from config.values import Text

#: How similar a name must be to be worth a guess (difflib's ratio, 1 being equal).
SIMILAR = 0.6


def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """The most similar of some names, whatever the case of letters; None when none is similar."""
    folded = name.casefold()
    matcher = difflib.SequenceMatcher(b=folded)
    best: tuple[float, int] = (SIMILAR, -1)
    found = None
    for candidate in known:
        matcher.set_seq1(candidate.casefold())
        # Of equally similar names the one that begins alike: "tilez" is "tiles" and not "title".
        score = matcher.ratio(), _alike(candidate.casefold(), folded)
        if score > best:
            best, found = score, candidate
    return found


def _alike(one: str, other: str) -> int:
    """How many characters at their beginnings are equal."""
    return next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))


def unknown_key(name: str, known: tuple[str, ...]) -> tuple[Text, Text | None, str | None]:
    """What is wrong with a key that nobody reads, what was expected, and the key that was likely meant."""
    message = Text(zh=f"不认识的键 {name!r}", en=f"unknown key {name!r}")
    listed = ", ".join(known)
    expected = Text(zh=f"以下之一：{listed}", en=f"one of {listed}") if known else None
    return message, expected, nearest(name, known)


def known_keys(key: Key) -> tuple[str, ...]:
    """The keys that the mapping at `key` of a whole configuration may have, none where it is no model's."""
    annotation: Any = Service
    for part in key:
        model = _model_in(annotation)
        if isinstance(part, int):
            continue
        if model is None or part not in model.model_fields:
            return ()
        annotation = model.model_fields[part].annotation
    model = _model_in(annotation)
    return tuple(model.model_fields) if model else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation such as `tuple[Layer, ...]` or `Mapping[str, CodeList]` holds."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    inner = get_args(annotation)[1:] if get_origin(annotation) is Mapping else get_args(annotation)
    return next((model for part in inner if (model := _model_in(part)) is not None), None)

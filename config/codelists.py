"""Code lists: the values that a field may have, and what each means."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Constraint

from config.values import Frozen, Identifier, Text, Url


class Code(Frozen):
    """One allowed value and what it means."""

    value: Annotated[str, Constraint(min_length=1)]
    title: Text
    description: Text | None = None


class CodeList(Frozen):
    """The allowed values of a field; `uri` names the list where its authority publishes it."""

    id: Identifier
    title: Text
    uri: Url | None = None
    codes: Annotated[tuple[Code, ...], Constraint(min_length=1)]

    def code(self, value: str) -> Code | None:
        """The code of that value, None when the list does not have it."""
        return next((code for code in self.codes if code.value == value), None)

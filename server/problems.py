"""What can be wrong with a request, as errors. What each error is told as, theirs and the domain's, is in `kinds`; the
document that says it is made by `problem`.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.models import Text
from releases.store import NotFound


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: the parameter, what was wrong with it, and what is expected."""

    parameter: str
    message: Text
    expected: Text


class BadRequest(Exception):
    """A request with one or more faults; all of them are told at once."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


class Wrong(ValueError):
    """A value that will not do, before it is known of which parameter: what is wrong with it, and what is
    expected.
    """

    def __init__(self, message: Text, expected: Text) -> None:
        super().__init__(message.en)
        self.message, self.expected = message, expected

    @classmethod
    def value(cls, text: str, expected: Text) -> Wrong:
        """The fault of a value that is not of the expected form at all."""
        shown = repr(text[:60]) if text.isprintable() else ascii(text[:60])
        return cls(Text(zh=f"值 {shown} 不合要求", en=f"the value {shown} will not do"), expected)


class NotAcceptable(Exception):
    """None of the media types that the client accepts is to be had here."""

    def __init__(self, offered: tuple[str, ...]) -> None:
        super().__init__(offered)
        self.offered = offered


class Unavailable(Exception):
    """A part that this resource needs is not on this machine; the text says what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class Missing(NotFound):
    """There is no such style, tile matrix set or file; told like a missing layer."""

    def __init__(self, kind: str, name: str) -> None:
        LookupError.__init__(self, f"no {kind} {name!r}")
        self.kind = kind  # type: ignore[assignment]  # more kinds than a store knows
        self.name = name

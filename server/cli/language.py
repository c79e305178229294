"""Which of the two languages the command line speaks: that of --lang, else of the terminal."""

from __future__ import annotations

import os
from typing import Final, Literal

#: The first that is set counts; --lang sets the first of all.
VARIABLES: Final = ("BLUEPRINT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def current() -> Literal["zh", "en"]:
    """Chinese for a Chinese locale, English for any other and for none."""
    named = next((value for name in VARIABLES if (value := os.environ.get(name))), "en")
    return "zh" if named.lower().startswith("zh") else "en"


def say(zh: str, en: str) -> str:
    """The text in the language spoken; help texts are chosen when their command is imported."""
    return zh if current() == "zh" else en

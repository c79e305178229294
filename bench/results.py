"""bench/RESULTS.md: one section for each measurement, each written by its own program and left alone by the others."""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).parent / "RESULTS.md"
TITLE = "# Results\n\n"


def write(section: str, text: str) -> None:
    """Put the text, without a heading of its own, in the place of that section's."""
    FILE.write_text(replaced(FILE.read_text() if FILE.exists() else TITLE, section, text))


def replaced(document: str, section: str, text: str) -> str:
    """The document with a section (`## section`) of that text: where it was, or at the end."""
    fresh = f"## {section}\n\n{text.strip()}\n"
    sections = re.split(r"^(?=## )", document, flags=re.MULTILINE)
    at = next((i for i, old in enumerate(sections) if old.startswith(f"## {section}\n")), None)
    if at is None:
        sections.append(fresh)
    else:
        sections[at] = fresh
    return "\n\n".join(part.strip() for part in sections) + "\n"

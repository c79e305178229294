"""What authorities deliver, read into one CRS and one schema; whatever is wrong with it becomes a finding."""

from __future__ import annotations

from releases.sources.reading import read

__all__ = ["read"]

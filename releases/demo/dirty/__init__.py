"""The dirty demo: the demo with faults of every kind that the gate knows, and a list of what was planted and where."""

from releases.demo.dirty.builder import FAULTS, DirtyReport, NotDirty, build

__all__ = ["FAULTS", "DirtyReport", "NotDirty", "build"]

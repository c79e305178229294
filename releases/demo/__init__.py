"""The demo: data as two provinces and a joint office would deliver them, unalike on purpose."""

from releases.demo.builder import DemoReport, build
from releases.demo.fetching import FetchError

__all__ = ["DemoReport", "FetchError", "build"]

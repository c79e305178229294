"""What an operator edits: the service, its layers and code lists, read once into frozen values."""

from config.problems import ConfigError, Problem
from config.reading import json_schema, load

__all__ = ["ConfigError", "Problem", "json_schema", "load"]

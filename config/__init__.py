"""What an operator edits: the service, its layers and code lists, read once into frozen values."""

from config.environment import OVERRIDES
from config.problems import ConfigError, Problem
from config.reading import load
from config.schema import json_schema

__all__ = ["OVERRIDES", "ConfigError", "Problem", "json_schema", "load"]

"""The command line, `blueprint`: each command in a file of its own, imported when it is called for."""

from server.cli.program import main

__all__ = ["main"]

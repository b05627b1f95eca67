"""Where commands print tables and status lines."""

import sys

from rich.console import Console

# A pipe or a log has no width of its own: wide enough that no column is cut.
PIPE_WIDTH = 120


def output_console() -> Console:
    """For results, on stdout."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def error_console() -> Console:
    """For what goes on meanwhile, on stderr."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH)

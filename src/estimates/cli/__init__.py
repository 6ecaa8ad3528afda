"""The command line: one command a file, each a thin layer over the library.

Nothing heavy is imported here or at the top of a command's file: `--help`, `list`, `check` and
`show` answer at once and never load the sampler, the plotting or the table libraries.
"""

from estimates.cli.app import app, main

__all__ = ["app", "main"]

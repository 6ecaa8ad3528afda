"""`python -m estimates` is the command line."""

from estimates.cli import main

main()

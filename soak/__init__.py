"""Everything tried on everything: the odd models under every command, and inputs made up at random.

`python -m soak` (or `make soak`) runs all parts; see `soak/__main__.py`.
"""

"""Countries and years: quantities over dimensions, written out as the cells that the engine knows.

A model with dimensions is an ordinary model of its cells, `workers.china.2017` and the like, each
with a prior that may depend on other cells. `elaborate` makes the one of the other; nothing after
it knows of dimensions but by the `Panel`, which says which cells belong together.
"""

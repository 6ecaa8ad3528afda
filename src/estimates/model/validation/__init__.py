"""Whether a model can be believed to mean something: names, units, supports, sizes."""

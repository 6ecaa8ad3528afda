"""Whether a model foretells the claims that were kept from it."""

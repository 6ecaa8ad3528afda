"""Nodes of YAML, JSON or Python to the parts of ledgers and models, every fault with its place."""

"""YAML files to ledgers and models and back, with line numbers."""

from estimates.model.io.load import (
    find_models,
    load,
    load_json,
    load_ledger,
    load_text,
    looked_in,
    nearest_root,
)

__all__ = [
    "find_models",
    "load",
    "load_json",
    "load_ledger",
    "load_text",
    "looked_in",
    "nearest_root",
]

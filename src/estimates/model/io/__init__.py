"""YAML files to ledgers and models and back, with line numbers."""

from estimates.model.io.load import find_models, load, load_json, load_ledger, load_text

__all__ = ["find_models", "load", "load_json", "load_ledger", "load_text"]

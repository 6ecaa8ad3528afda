"""The answer if something were otherwise, beside the answer as it is."""

"""What changed between two models, and what each change does to the answer."""

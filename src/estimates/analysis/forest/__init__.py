"""Each claim's own implication, what is pooled, and what a next claim would say."""

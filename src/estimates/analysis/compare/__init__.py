"""The answer beside the cited figures."""

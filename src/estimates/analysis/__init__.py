"""Questions about a fit, one folder each."""

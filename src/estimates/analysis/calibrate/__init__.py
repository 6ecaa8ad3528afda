"""Whether the whole machine is right: simulated data, fitted again."""

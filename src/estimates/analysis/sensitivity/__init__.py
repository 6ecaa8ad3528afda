"""Which quantity, which claim and which reading carry the answer."""

"""Which bodies of evidence contradict each other, and what leaving one out would do."""

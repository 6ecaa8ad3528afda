"""What would have to be true for the answer to be what was cited."""

"""What it would be worth to know."""

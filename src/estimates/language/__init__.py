"""What is written, read: wordings, units and expressions, and phrases for what is said back."""

"""What figures share: axes, rows, captions, colours."""

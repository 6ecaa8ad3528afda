"""What any program needs and no estimate: files, a store, numbers as text, progress."""

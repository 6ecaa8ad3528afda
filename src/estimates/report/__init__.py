"""Results as people read them: pages, text, tables, files to take away, and widgets."""

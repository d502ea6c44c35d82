"""One dock per file: a view and its decisions."""

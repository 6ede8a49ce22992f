"""Parts of experiments: the rows of a table, and a search through settings."""

"""A run as annotated videos."""

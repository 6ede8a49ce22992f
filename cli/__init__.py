"""Command line: words for people; parses and delegates to `pipeline`."""

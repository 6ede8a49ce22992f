"""The run folder on disk: parts, atomic files, file names."""

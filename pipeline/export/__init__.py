"""What a run is written out as: one file a format."""

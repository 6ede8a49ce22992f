"""What a run works from: inputs found, parts built, a folder resumed, warnings."""

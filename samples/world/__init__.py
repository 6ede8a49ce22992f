"""The plaza: a small world of people and vehicles, filmed by several cameras, whose truth is known exactly."""

"""What a run writes, and the one way to read it back."""

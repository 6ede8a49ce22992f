"""Things that people wear, carry, push and hold."""

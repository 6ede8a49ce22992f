"""Things people wear, carry, push and hold."""

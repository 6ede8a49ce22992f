"""A finished run, looked through by a person who knows better, and matched again."""

"""Explanations of a finished run: why tracklets are one identity, or are not."""

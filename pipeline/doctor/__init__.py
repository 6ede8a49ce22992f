"""Checks of whether `match` runs on this machine."""

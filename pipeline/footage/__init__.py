"""Recordings: which file is which camera, and their frames in the right order and at the right time."""

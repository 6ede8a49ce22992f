"""Losses: a pure function a term, and equation 12 as their sum."""

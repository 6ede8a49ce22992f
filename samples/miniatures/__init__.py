"""Miniature research benchmarks drawn by code."""

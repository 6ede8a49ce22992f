"""Ranking: how good a ranked list is, and what may be done to it before it is judged."""

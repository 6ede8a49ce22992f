"""Ranking: scores of queries against a gallery, re-ranking, transition times and metrics."""

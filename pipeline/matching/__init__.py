"""Linking tracklets across cameras: admissible pairs, scores, links, identities."""

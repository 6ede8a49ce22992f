"""Pairs of tracklets: rules, the user's decisions, appearance, place and time."""

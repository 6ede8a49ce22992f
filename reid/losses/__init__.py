"""Losses: one pure function per term, and equation 12 as their weighted sum."""

"""Thresholds that keep a false match rate, and the errors to expect."""

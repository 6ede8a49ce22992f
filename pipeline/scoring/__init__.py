"""Evaluation of a finished run against ground truth."""

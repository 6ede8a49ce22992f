"""Labelled data: benchmarks, what is read of them, and in which batches."""

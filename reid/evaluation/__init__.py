"""Parts of an evaluation: tracklets to vectors, checkpoints to splits, figures to a report."""

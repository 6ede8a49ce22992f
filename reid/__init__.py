"""ReID networks: training, evaluation, and embedding of clips as unit vectors."""

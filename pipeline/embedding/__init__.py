"""From tracklets to embeddings: clips, networks, and the splitting of tracklets that change object."""

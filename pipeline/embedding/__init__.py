"""From tracklets to vectors: clips, networks, and tracklets split where they change object."""

"""Footage to identities: frames, tracklets, embeddings, links, files."""

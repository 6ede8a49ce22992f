"""Searching: somebody in a picture, or a tracklet, looked for among the tracklets of finished runs."""

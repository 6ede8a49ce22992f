"""Search: rank the tracklets of finished runs by their similarity to a picture or a tracklet."""

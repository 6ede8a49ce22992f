"""From frames to tracklets: detection, tracking and crops of one camera."""

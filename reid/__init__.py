"""The network: clips of t frames to unit vectors."""

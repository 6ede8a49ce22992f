"""Pixels to boxes and boxes to tracks; works on arrays and knows no camera."""

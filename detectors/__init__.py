"""Pixels to boxes and boxes to tracks; speaks arrays and knows no camera."""

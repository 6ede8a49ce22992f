"""Small scenes drawn by code, with exact ground truth."""

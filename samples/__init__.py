"""Small scenes drawn by code, with exact truth."""

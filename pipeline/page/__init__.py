"""The one HTML page that `report` writes and `review` serves."""

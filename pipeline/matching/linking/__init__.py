"""Links and groups of tracklets, from the scores of pairs."""

"""Review: the user corrects the links of a finished run on its page, and the run is matched again."""

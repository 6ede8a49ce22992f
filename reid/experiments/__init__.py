"""Parts of ablation and tuning: the rows of the paper's tables, and the search through loss weights."""

"""Everything that draws a chart of a run."""

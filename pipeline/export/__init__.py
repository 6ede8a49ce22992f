"""Export: write a finished run in the formats of other tools, one file per format."""

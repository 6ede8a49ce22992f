"""Parts of an evaluation: which checkpoint is scored on which split, the report, the pictures, and the plaza."""

"""Parts of a training: its state, its journal, and what it must not be continued with."""

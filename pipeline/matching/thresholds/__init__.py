"""Which threshold keeps a false match rate, and what errors to expect."""

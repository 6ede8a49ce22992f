"""From scores of pairs to links and identities."""

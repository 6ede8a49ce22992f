"""The FGReID network (Pathak 2020) and its variants."""

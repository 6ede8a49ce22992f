"""FGReID (Pathak 2020), layer by layer."""

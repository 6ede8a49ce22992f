"""Why a run linked what it linked, in words."""

"""Rendering: draw the identities of a finished run into its footage, as videos."""

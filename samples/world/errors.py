"""Error of the renderer."""


class WorldError(Exception):
    """Raised when a scene or data set cannot be rendered. The message says why and what to do."""

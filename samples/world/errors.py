"""What goes wrong when a world is made."""


class WorldError(Exception):
    """The world cannot be made here; the message says why and what to do."""

"""Errors of the network.

ReidError               anything below
└── CheckpointError     weights that are missing, damaged or of another network
"""


class ReidError(Exception):
    """The network could not be used; the message says what, where and what to do."""


class CheckpointError(ReidError):
    """A weights file is missing, damaged or belongs to another network."""

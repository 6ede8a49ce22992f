"""Errors of the network.

ReidError               anything below
├── CheckpointError     weights that are missing, damaged or of another network
├── DatasetError        a data set that is missing, incomplete or damaged
└── RecipeError         settings of a training that make no sense; wrong usage
"""


class ReidError(Exception):
    """The network could not be used; the message says what, where and what to do."""


class CheckpointError(ReidError):
    """A weights file is missing, damaged or belongs to another network."""


class DatasetError(ReidError):
    """A data set is missing, incomplete or damaged."""


class RecipeError(ReidError):
    """A training's settings make no sense."""

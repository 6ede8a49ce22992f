"""Errors of the package `reid`.

ReidError               base class of all errors below
├── CheckpointError     weights are missing, damaged or belong to another network
├── DatasetError        a data set is missing, incomplete or damaged
└── RecipeError         the settings of a training or an evaluation are invalid
"""


class ReidError(Exception):
    """The network cannot be used; the message says what is wrong, where, and what to do."""


class CheckpointError(ReidError):
    """A weights file is missing, damaged or belongs to another network."""


class DatasetError(ReidError):
    """A data set is missing, incomplete or damaged."""


class RecipeError(ReidError):
    """The settings of a training or an evaluation are invalid."""

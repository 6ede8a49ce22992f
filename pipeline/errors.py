"""Errors of a run.

PipelineError           anything below
├── FootageError        a recording that cannot be read (costs that camera only)
├── CamerasError        a cameras file or camera list that contradicts itself
├── CorrectionsError    a corrections file that contradicts itself or what is there
└── RunError            a run folder that is in use, foreign or damaged
"""


class PipelineError(Exception):
    """A run could not be done; the message says what, where and what to do."""


class FootageError(PipelineError):
    """A recording cannot be read."""


class CamerasError(PipelineError):
    """A cameras file or camera list contradicts itself or what is there."""


class CorrectionsError(PipelineError):
    """A corrections file contradicts itself, or names what is not there."""


class RunError(PipelineError):
    """A run folder is in use, was made with other settings, or is damaged."""

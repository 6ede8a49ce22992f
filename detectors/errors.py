"""Errors of detection.

DetectorError           anything below
├── WeightsError        detector weights are missing, damaged or not trusted
└── DetectionsError     a file of precomputed detections is not valid
"""


class DetectorError(Exception):
    """Detection failed; the message says what is wrong, where, and what to do."""


class WeightsError(DetectorError):
    """Detector weights are missing, damaged or not trusted."""


class DetectionsError(DetectorError):
    """A file of precomputed detections is not valid."""

"""Errors of detection.

DetectorError           anything below
├── WeightsError        detector weights that are missing, damaged or not trusted
└── DetectionsError     a recorded-detections file that cannot be understood
"""


class DetectorError(Exception):
    """Detection could not be done; the message says what, where and what to do."""


class WeightsError(DetectorError):
    """Detector weights are missing, damaged or not what they claim to be."""


class DetectionsError(DetectorError):
    """A recorded-detections file cannot be understood."""

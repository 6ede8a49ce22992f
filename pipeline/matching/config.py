"""Settings of matching: every number that decides which tracklets are linked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pipeline.errors import PipelineError

ChosenBy = Literal["default", "network", "user", "calibration", "false match rate"]


@dataclass(frozen=True)
class Chosen:
    """A number and who chose it."""

    value: float
    by: ChosenBy = "default"


@dataclass(frozen=True)
class MatchingConfig:
    """Settings of matching; thresholds are scores, that is cosines in [-1, 1]."""

    threshold: Chosen = Chosen(0.60)
    """Smallest mean score at which tracklets of different cameras are linked."""
    stitch_threshold: Chosen = Chosen(0.75)
    """Smallest mean score at which tracklets of one camera are linked. It is higher because they share light and
    background, which makes them more alike."""
    margin: float = 0.02
    """Smallest difference to the best alternative; a link with a smaller one is ambiguous and is not made."""
    prototypes: int = 4
    """Clip embeddings kept of each tracklet, besides their mean."""
    top: int = 3
    """Number of best prototype cosines that are averaged."""
    statistics: Literal["network", "run"] = "network"
    """Source of the mean and spread that scale each dimension of the embeddings: the network's training, or the
    tracklets of this run, for a network whose last normalisation never saw data."""
    centring_minimum: int | None = None
    """Tracklets of a class group that each camera showing the group needs before its mean is subtracted; None: it is
    never subtracted. Centred scores have another scale, for which the networks' thresholds were not measured."""
    nearness_seconds: float = 8.0
    """Seconds between two tracklets of one camera after which being found near by adds 1/e of what it adds at once.
    At once, `threshold` suffices."""
    speed_gap: float = 30.0
    """Seconds within which an object that returns to a camera must have moved at a possible speed."""
    person_speed: float = 4.0
    """Fastest person, in heights of its box per second (about 7 m/s)."""
    vehicle_speed: float = 15.0
    """Fastest object of any other class, in heights of its box per second (about 22 m/s)."""

    @property
    def halfway_threshold(self) -> float:
        """Smallest mean score at which a group seen by one camera only joins a group seen by several cameras.

        It is half-way between the two thresholds. A `stitch_threshold` of 1 joins nothing, and then this one is 1, too.
        """
        strict = self.stitch_threshold.value
        return strict if strict >= 1 else min(strict, (self.threshold.value + strict) / 2)

    def __post_init__(self) -> None:
        for name in ("threshold", "stitch_threshold"):
            cosine = getattr(self, name).value
            if not -1 <= cosine <= 1:
                raise PipelineError(f"{name} is {cosine}; a cosine lies between -1 and 1")
        for name in ("margin", "speed_gap", "person_speed", "vehicle_speed"):
            if not 0 <= getattr(self, name) < math.inf:
                raise PipelineError(f"{name} is {getattr(self, name)}; give a finite number, 0 or more")
        if not self.nearness_seconds > 0:
            raise PipelineError(f"nearness_seconds is {self.nearness_seconds}; give more than 0")
        for name in ("prototypes", "top", "centring_minimum"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise PipelineError(f"{name} is {value}; give 1 or more")

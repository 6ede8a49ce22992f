"""Settings of matching: every number that decides who is linked with whom."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pipeline.errors import PipelineError


@dataclass(frozen=True)
class MatchingConfig:
    """Thresholds are scores, that is cosines in [-1, 1]; the defaults are starting points."""

    threshold: float = 0.60
    """Smallest mean score at which tracklets of different cameras may be linked."""
    stitch_threshold: float = 0.75
    """The same for two tracklets of one camera, whose light and background make them more alike."""
    margin: float = 0.02
    """A link less than this better than with its best rival instead is ambiguous, and not made."""
    prototypes: int = 4
    """Clip embeddings kept of a tracklet beside their mean."""
    top: int = 3
    """Best prototype cosines that are averaged."""
    statistics: Literal["network", "run"] = "network"
    """Whose mean and spread scale each dimension of the embeddings: those the network learnt, or this run's
    tracklets, for a network whose last normalisation never saw data."""
    centring_minimum: int | None = None
    """Tracklets of a class group that every camera showing it needs before its mean is subtracted; None: it never
    is. Scores are then of another scale, for which the networks' thresholds were not measured."""
    nearness_seconds: float = 8.0
    """Seconds between two tracklets of one camera after which being found near by is worth a third of what it is worth
    at once, when `threshold` is enough."""
    speed_gap: float = 30.0
    """Seconds within which an object returning to one camera must have moved at a possible speed."""
    person_speed: float = 4.0
    """Fastest person, in heights of its box per second (about 7 m/s)."""
    vehicle_speed: float = 15.0
    """Fastest anything else, in heights of its box per second (about 22 m/s)."""

    @property
    def left_over_threshold(self) -> float:
        """The same for who is left over in one camera and whom others show, too: half-way, or 1 where 1 joins nobody."""
        strict = self.stitch_threshold
        return strict if strict >= 1 else min(strict, (self.threshold + strict) / 2)

    def __post_init__(self) -> None:
        for name in ("threshold", "stitch_threshold"):
            if not -1 <= getattr(self, name) <= 1:
                raise PipelineError(f"{name} is {getattr(self, name)}; a cosine lies between -1 and 1")
        for name in ("margin", "speed_gap", "person_speed", "vehicle_speed"):
            if not 0 <= getattr(self, name) < math.inf:
                raise PipelineError(f"{name} is {getattr(self, name)}; give a finite number, 0 or more")
        if not self.nearness_seconds > 0:
            raise PipelineError(f"nearness_seconds is {self.nearness_seconds}; give more than 0")
        for name in ("prototypes", "top", "centring_minimum"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise PipelineError(f"{name} is {getattr(self, name)}; give 1 or more")

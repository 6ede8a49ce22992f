"""What became of each tracklet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # they cost the import of scipy and OpenCV, which exports have no need of
    from pipeline.matching.match import Status
    from pipeline.tracking.tracklets import Tracklet


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one tracklet."""

    tracklet: Tracklet
    identity: int | None
    """None: it took no part in matching."""
    clips: int
    status: Status | Literal["rejected_short", "rejected_quality", "ignored"]

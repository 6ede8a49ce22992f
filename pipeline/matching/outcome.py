"""Outcome of matching for each tracklet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # importing it imports OpenCV, which exports do not need
    from pipeline.tracking.tracklets import Tracklet

Status = Literal["linked", "single_camera", "ambiguous"]
"""Status of a tracklet that was matched. `linked`: at least two cameras saw its identity. `ambiguous`: one of its
links was too close to call. `single_camera`: neither."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one tracklet."""

    tracklet: Tracklet
    identity: int | None
    """None: the tracklet was not matched."""
    clips: int
    """Number of its clips that were embedded."""
    status: Status | Literal["rejected_short", "rejected_quality", "ignored"]

"""Settings of detection and tracking."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.errors import PipelineError


@dataclass(frozen=True)
class TrackingConfig:
    """Settings of detection and tracking; boxes and tracks depend on all of them."""

    weights: str | None = None
    """Detector weights: a file, a known name or `shipped`. None: `yolo11n.pt` if it is available, else `shipped`."""
    imgsz: int | None = None
    """Longer side in pixels to which frames are scaled for the detector; None: the frames' own, from 640 to 960."""
    conf: float = 0.1
    """Lowest confidence of a box. The tracker's second stage needs boxes of low confidence."""
    iou: float = 0.7
    """Overlap above which the weaker of two boxes of one class is dropped."""
    classes: tuple[str, ...] = ()
    """Names or numbers of the classes to detect; empty: people and vehicles."""
    half: bool = False
    """Use half precision in the detector and the network, on a GPU."""
    vid_stride: int = 1
    """Process every n-th frame."""
    start: float | None = None
    """Seconds on the shared timeline before which footage is skipped."""
    end: float | None = None
    """Seconds on the shared timeline from which on footage is skipped."""

    def __post_init__(self) -> None:
        for name in ("conf", "iou", "start", "end"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise PipelineError(f"{name} is {value}; give a finite number")
        if self.vid_stride < 1:
            raise PipelineError(f"a stride of {self.vid_stride} frames is not possible; give 1 or more")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise PipelineError(
                f"start {self.start:g} s is not before end {self.end:g} s; give an earlier start or a later end"
            )

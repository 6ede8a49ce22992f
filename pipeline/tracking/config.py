"""Settings of detection and tracking."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.errors import PipelineError


@dataclass(frozen=True)
class TrackingConfig:
    """From pixels to tracks. Changing any of it makes the boxes anew."""

    weights: str | None = None
    """Detector weights, a file, a known name or `shipped`; None: `yolo11n.pt` where it can be had, else `shipped`."""
    imgsz: int | None = None
    """Longer side in pixels to which frames are scaled for the detector; None: their own, from 640 to 960."""
    conf: float = 0.1
    """Lowest confidence of a box; the tracker's second stage lives on the weak ones."""
    iou: float = 0.7
    """Overlap above which the weaker of two boxes of one class is dropped."""
    classes: tuple[str, ...] = ()
    """Names or numbers of the classes to look for; empty: people and vehicles."""
    half: bool = False
    """Half precision in detector and network, on a GPU."""
    vid_stride: int = 1
    """Look at every n-th frame."""
    start: float | None = None
    """Seconds on the shared timeline before which footage is left out."""
    end: float | None = None
    """Seconds on the shared timeline from which on footage is left out."""

    def __post_init__(self) -> None:
        for name in ("conf", "iou", "start", "end"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise PipelineError(f"{name} is {value}; give a finite number")
        if self.vid_stride < 1:
            raise PipelineError(f"a stride of {self.vid_stride} frames is not possible; give 1 or more")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise PipelineError(f"nothing lies between start {self.start:g} s and end {self.end:g} s")

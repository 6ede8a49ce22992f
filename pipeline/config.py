"""Configuration: what a run may be told, a frozen record a job."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.errors import PipelineError
from pipeline.matching.config import MatchingConfig


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


@dataclass(frozen=True)
class EmbeddingConfig:
    """From tracklets to vectors. Changing any of it embeds anew, over the same tracks."""

    weights: Path | None = None
    """Network weights for all classes; None: those that come with the program, else ImageNet backbones where they
    can be had, else untrained."""
    clips: int | None = None
    """Most clips a tracklet; None: 8 without a GPU, 32 with one."""
    clip_length: int = 4
    """Frames a clip (t)."""
    min_boxes: int = 8
    """Tracklets with fewer boxes are left out (`rejected_short`); a box at a stride of n counts n times."""
    min_area: float = 300.0
    """Tracklets of a smaller median box, in square pixels, are left out (`rejected_quality`)."""
    seed: int = 0
    """Of an untrained network's weights."""


@dataclass(frozen=True)
class RunConfig:
    """Everything a run may be told beside its cameras."""

    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    matching: MatchingConfig = field(default_factory=MatchingConfig)
    """Its two thresholds count where neither `threshold` nor the network says more."""
    threshold: float | None = None
    """Smallest score of a link between cameras; None: what the network's makers measured."""
    calibration: Path | None = None
    """File of thresholds that `calibrate` measured."""
    false_match_rate: float | None = None
    """Share of pairs of two objects in two cameras that may reach the threshold, which the run then chooses by
    itself; None: the threshold stays."""
    transitions: Path | Literal["run"] | None = None
    """File of travel times that `transitions` learnt, or `run` to learn them from this run's own safest links."""
    estimate_offsets: bool = False
    """Whether to look for the cameras' clock offsets."""
    corrections: Path | None = None
    """File of what the operator knows better."""
    device: str | None = None
    """`cpu`, `0`, `cuda:0`, `mps`; None: a GPU where there is one."""
    shipped: Path | None = None
    """Folder in which to look for the weights that come with the program, if not where they lie."""

    def __post_init__(self) -> None:
        for name in ("calibration", "corrections"):
            if isinstance(getattr(self, name), str):  # as paths of footage may be
                object.__setattr__(self, name, Path(getattr(self, name)))
        if self.threshold is not None and not -1 <= self.threshold <= 1:
            raise PipelineError(f"threshold is {self.threshold}; a cosine lies between -1 and 1")
        asked = {
            "--threshold": self.threshold,
            "--calibration": self.calibration,
            "--false-match-rate": self.false_match_rate,
        }
        given = [name for name, value in asked.items() if value is not None]
        if len(given) > 1:
            raise PipelineError(f"{' and '.join(given)} each choose a threshold; give one of them")
        rate = self.false_match_rate
        if rate is not None and not 0 < rate < 1:
            raise PipelineError(f"a false-match rate of {rate} is not possible; give one between 0 and 1")

"""Settings of embedding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EmbeddingConfig:
    """Settings of embedding. If one changes, the same tracks are embedded again."""

    weights: Path | None = None
    """Network weights for all classes; None: the shipped networks, else ImageNet backbones if they are available,
    else untrained weights."""
    clips: int | None = None
    """Largest number of clips per tracklet; None: 8 without a GPU, 32 with a GPU."""
    clip_length: int = 4
    """Frames per clip (t)."""
    min_boxes: int = 8
    """Tracklets with fewer boxes are rejected (`rejected_short`); with a stride of n, a box counts as n frames."""
    min_area: float = 300.0
    """Tracklets with a smaller median box, in square pixels, are rejected (`rejected_quality`)."""
    seed: int = 0
    """Seed of an untrained network's weights."""

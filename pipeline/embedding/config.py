"""Settings of embedding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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

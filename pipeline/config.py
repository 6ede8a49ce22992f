"""Configuration of a run."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.embedding.config import EmbeddingConfig
from pipeline.errors import PipelineError
from pipeline.matching.config import MatchingConfig
from pipeline.tracking.config import TrackingConfig

OWN_LINKS: Final = "run"
"""Value of `RunConfig.transitions` that learns travel times from the run's own links."""


@dataclass(frozen=True)
class RunConfig:
    """All settings of a run except its cameras.

    >>> RunConfig(tracking=TrackingConfig(vid_stride=2), threshold=0.65).threshold
    0.65
    """

    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    matching: MatchingConfig = field(default_factory=MatchingConfig)
    """Its two thresholds apply only if neither `threshold` nor the network's weights name one."""
    threshold: float | None = None
    """Minimum score of a link between cameras; None: the network's own threshold."""
    calibration: Path | None = None
    """File of thresholds that `calibrate` wrote."""
    false_match_rate: float | None = None
    """Share of pairs of different objects in two cameras that may reach the threshold. The run then chooses its
    threshold by itself; None: the threshold is kept."""
    transitions: str | None = None
    """File of travel times that `transitions` wrote, or `run` to learn them from this run's most certain links."""
    estimate_offsets: bool = False
    """Whether to estimate the clock offsets of the cameras."""
    corrections: Path | None = None
    """File of corrections."""
    device: str | None = None
    """`cpu`, `0`, `cuda:0`, `mps`; None: a GPU if there is one."""
    shipped: Path | None = None
    """Folder with the weights that ship with the program, if it is not the default one."""

    def __post_init__(self) -> None:
        for name in ("calibration", "corrections"):
            value = getattr(self, name)
            if isinstance(value, str):
                object.__setattr__(self, name, Path(value))
        if isinstance(self.transitions, os.PathLike):
            object.__setattr__(self, "transitions", str(self.transitions))
        if self.threshold is not None and not -1 <= self.threshold <= 1:
            raise PipelineError(f"threshold is {self.threshold}; give a cosine between -1 and 1")
        values = {
            "threshold": self.threshold,
            "calibration": self.calibration,
            "false_match_rate": self.false_match_rate,
        }
        options = [name for name, value in values.items() if value is not None]
        if len(options) > 1:
            raise PipelineError(f"{' and '.join(options)} each choose a threshold; give only one of them")
        rate = self.false_match_rate
        if rate is not None and not 0 < rate < 1:
            raise PipelineError(f"false_match_rate is {rate}; give a number between 0 and 1")

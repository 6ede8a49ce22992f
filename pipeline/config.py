"""Configuration: what a run may be told, a frozen record a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.embedding.config import EmbeddingConfig
from pipeline.errors import PipelineError
from pipeline.matching.config import MatchingConfig
from pipeline.tracking.config import TrackingConfig


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

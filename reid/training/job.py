"""A training job: all settings that decide the outcome of a training."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reid.data.records import Benchmark, fingerprint_tracklets
from reid.errors import CheckpointError
from reid.evaluation.pairing import trained_on
from reid.files import sha256
from reid.model.design import Design
from reid.recipes import Recipe


@dataclass(frozen=True)
class TrainingJob:
    """A network to be trained on one split of one data set."""

    dataset: str
    """Key of the catalogue."""
    root: Path
    """Folder of the data sets."""
    design: Design
    recipe: Recipe
    split: int = 0
    coarse: str | None = None
    """Initial weights of the coarse backbone: `imagenet`, `none` or a file; None: the design's default."""
    fine: str | None = None
    """Initial weights of the fine backbone; the paper uses a temporal-pooling network trained on MARS."""
    whole: Path | None = None
    """Checkpoint with initial weights for the whole network, as for FGReID* of the paper."""

    def about(self, benchmark: Benchmark) -> dict[str, str]:
        """Return what a checkpoint records about its training."""
        about = {
            "dataset": self.dataset,
            "split": str(self.split),
            "data": fingerprint_tracklets(benchmark.train),
            "clip_length": str(self.recipe.clip_length),
        }
        if self.whole is not None:
            about["whole"] = "yes"
        if starts := self._starts():
            about["starts"] = " ".join(starts)
        return about

    def _starts(self) -> list[str]:
        """List the splits that the initial weights were trained on, directly or through their own initial weights."""
        names: set[str] = set()
        for source in (self.coarse, self.fine, self.whole):
            if source in (None, "imagenet", "none"):
                continue
            if about := trained_on(Path(str(source))):
                names.update((f"{about.dataset}:{about.split}", *about.starts))
        return sorted(names)

    def settings(self, benchmark: Benchmark) -> dict[str, Any]:
        """Return the settings that decide the outcome; a file is identified by its content, not its path.

        Raises:
            CheckpointError: a file is missing.
        """
        return {
            "dataset": self.dataset,
            "split": self.split,
            "data": fingerprint_tracklets(benchmark.train),
            "network": asdict(self.design),
            "coarse": _source_digest(self.coarse),
            "fine": _source_digest(self.fine),
            "whole": _source_digest(None if self.whole is None else str(self.whole)),
            "recipe": asdict(self.recipe),
        }


def _source_digest(source: str | None) -> str | None:
    if source in (None, "imagenet", "none"):
        return source
    try:
        return f"sha256:{sha256(Path(source))}"
    except OSError as error:
        raise CheckpointError(
            f"{source}: cannot read these weights ({error.strerror}); give imagenet, none or a file"
        ) from error

"""A job: all that decides what a training comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reid.data.records import Benchmark, LabelledTracklet
from reid.errors import CheckpointError
from reid.evaluation.pairing import trained_on
from reid.model.design import Design
from reid.recipes import Recipe
from reid.weights import sha256


@dataclass(frozen=True)
class Job:
    """One network to be trained on one split of one data set."""

    dataset: str
    """Key of the catalogue."""
    root: Path
    """Where data sets lie."""
    design: Design
    recipe: Recipe
    split: int = 0
    coarse: str | None = None
    """Weights the coarse backbone starts from: `imagenet`, `none` or a file; None: what the design says."""
    fine: str | None = None
    """The same of the fine backbone; the paper's comes from a temporal-pooling network trained on MARS."""
    whole: Path | None = None
    """A checkpoint to start everything from that fits; FGReID* of the paper."""

    def about(self, benchmark: Benchmark) -> dict[str, str]:
        """Say in a checkpoint what it was trained on."""
        return {
            "dataset": self.dataset,
            "split": str(self.split),
            "data": fingerprint(benchmark.train),
            "clip_length": str(self.recipe.clip_length),
            **({"whole": "yes"} if self.whole is not None else {}),
            **({"starts": " ".join(known)} if (known := self._starts()) else {}),
        }

    def _starts(self) -> list[str]:
        """Name the splits that the starting weights were trained on, and those that these started from."""
        files = [*(source for source in (self.coarse, self.fine) if source not in (None, "imagenet", "none"))]
        files += [] if self.whole is None else [str(self.whole)]
        found = [trained_on(Path(str(file))) for file in files]
        return sorted(
            {name for each in found if each for name in (f"{each.dataset}:{each.split}", *each.starts)}
        )

    def settings(self, benchmark: Benchmark) -> dict[str, Any]:
        """Write down what decides the outcome, files by their content, wherever they lie.

        Raises:
            CheckpointError: a file is missing.
        """
        return {
            "dataset": self.dataset,
            "split": self.split,
            "data": fingerprint(benchmark.train),
            "network": asdict(self.design),
            "coarse": _named(self.coarse),
            "fine": _named(self.fine),
            "whole": _named(None if self.whole is None else str(self.whole)),
            "recipe": asdict(self.recipe),
        }


def _named(source: str | None) -> str | None:
    if source in (None, "imagenet", "none"):
        return source
    try:
        return f"sha256:{sha256(Path(source))}"
    except OSError as error:
        raise CheckpointError(
            f"{source}: cannot read these weights ({error.strerror}); give imagenet, none or a file"
        ) from error


def fingerprint(tracklets: Iterable[LabelledTracklet]) -> str:
    """Tell one set of tracklets from another by the names in it, wherever it lies."""
    digest = hashlib.sha256()
    for tracklet in tracklets:
        names = "/".join(image.replace("\\", "/").rpartition("/")[2] for image in tracklet.images)
        digest.update(f"{tracklet.identity}|{tracklet.camera}|{names}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]

"""Pairing: which checkpoint is scored on which split, and never on people it was trained on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from reid.data.catalogue import CATALOGUE, load
from reid.data.records import LabelledTracklet
from reid.errors import CheckpointError, RecipeError
from reid.weights import read_header

Choice = int | Literal["all"] | None
"""A split, all of them, or whichever the checkpoints were trained for."""
BEST = "best.safetensors"
"""What a training calls the checkpoint to use."""


class Pair(NamedTuple):
    """A checkpoint and the split that it is scored on."""

    split: int
    weights: Path


@dataclass(frozen=True)
class TrainedOn:
    """The data that a checkpoint says it was trained on."""

    dataset: str
    """Key of the catalogue."""
    split: int
    data: str = ""
    """Fingerprint of what lay in the folder."""
    clip_length: int | None = None
    """Frames a clip."""
    starts: tuple[str, ...] = ()
    """Splits that its starting weights were trained on, as `mars:0`."""
    whole: bool = False
    """Whether all of it started from another checkpoint, as FGReID* does."""

    @property
    def splits(self) -> list[tuple[str, int]]:
        """All data sets and splits whose people it may know."""
        others = (name.rpartition(":") for name in self.starts)
        return [(self.dataset, self.split), *((name, int(split)) for name, _, split in others)]


def pair(path: Path, dataset: str, choice: Choice) -> list[Pair]:
    """Find the checkpoints to score on a data set, each with its split.

    Args:
        path: a checkpoint, the folder of one training, or that of a training a split.
        dataset: key of the catalogue.
        choice: which splits; None: for a checkpoint of this data set the split it was trained for, for any other
            the first.

    Raises:
        CheckpointError: there is none.
    """
    trained = {
        int(best.parent.name.removeprefix("split-")): best
        for best in path.glob(f"split-*/{BEST}")
        if re.fullmatch(r"split-\d+", best.parent.name)
    }
    one = path if path.is_file() else path / BEST
    if trained and not one.is_file():
        return [Pair(split, trained[split]) for split in _chosen(path, trained, choice)]
    if not one.is_file():
        raise CheckpointError(
            f"{path}: holds neither {BEST} nor split-0/{BEST} and the like; name a checkpoint, or what `train` wrote"
        )
    if choice == "all":
        return [Pair(split, one) for split in range(CATALOGUE[dataset].splits)]
    about = trained_on(one)
    own = about.split if about and about.dataset == dataset else 0
    return [Pair(own if choice is None else choice, one)]


def trained_on(path: Path) -> TrainedOn | None:
    """Read what a checkpoint says it was trained on; None if it does not say.

    Raises:
        CheckpointError: the file is damaged, or says what makes no sense.
    """
    about = read_header(path).get("about") if path.suffix == ".safetensors" else None
    if not isinstance(about, dict) or "dataset" not in about:
        return None
    try:
        frames = about.get("clip_length")
        return TrainedOn(
            str(about["dataset"]),
            int(about["split"]),
            str(about.get("data", "")),
            None if frames is None else int(frames),
            tuple(str(about.get("starts", "")).split()),
            about.get("whole") == "yes",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: its header makes no sense (trained on {about}); name another file"
        ) from error


def check_unseen(pairs: Sequence[Pair], dataset: str, root: Path) -> None:
    """Refuse to score a checkpoint on anybody it was trained on.

    A checkpoint of another data set has other people's names and is not looked into.

    Raises:
        RecipeError: a checkpoint knows identities of the test.
        DatasetError: the data set is not complete.
    """
    for one in pairs:
        about = trained_on(one.weights)
        for name, split in () if about is None else about.splits:
            if (name, split) == (dataset, one.split) or not _same_people(name, dataset):
                continue
            benchmark = load(dataset, root, one.split)
            test = _identities((*benchmark.query, *benchmark.gallery))
            known = test & _identities(load(name, root, split).train)
            if known:
                raise RecipeError(
                    f"{one.weights}: was trained on split {split} of {name}, or started from weights that were, and "
                    f"knows {len(known)} of the {len(test)} identities that split {one.split} of {dataset} tests with; "
                    "score it on that split"
                )


def _chosen(path: Path, trained: dict[int, Path], choice: Choice) -> list[int]:
    if not isinstance(choice, int):
        return sorted(trained)
    if choice not in trained:
        raise CheckpointError(
            f"{path}: has no split-{choice}/{BEST}, but those of splits {', '.join(map(str, sorted(trained)))}"
        )
    return [choice]


def _same_people(one: str, other: str) -> bool:
    """Tell whether two names of the catalogue are the same pictures, divided differently perhaps."""
    return one in CATALOGUE and CATALOGUE[one].layout == CATALOGUE[other].layout


def _identities(tracklets: Sequence[LabelledTracklet]) -> set[str]:
    return {entry.identity for entry in tracklets}

"""Pairs of checkpoints and test splits; a checkpoint that was trained on identities of its test split is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from reid.data.catalogue import CATALOGUE, load_benchmark
from reid.errors import CheckpointError, RecipeError
from reid.weights import read_safetensors_header

Choice = int | Literal["all"] | None
"""One split, all splits, or those that the checkpoints were trained for."""
BEST = "best.safetensors"
"""File name of the checkpoint to use in a folder that `train` wrote."""


class SplitCheckpoint(NamedTuple):
    """A checkpoint and the split it is scored on."""

    split: int
    weights: Path


@dataclass(frozen=True)
class TrainedOn:
    """The training data that a checkpoint records."""

    dataset: str
    """Key of the catalogue."""
    split: int
    data: str = ""
    """Fingerprint of the training tracklets."""
    clip_length: int | None = None
    """Frames per clip."""
    starts: tuple[str, ...] = ()
    """Splits that the initial weights were trained on, such as `mars:0`."""
    whole: bool = False
    """Whether all weights came from another checkpoint, as for FGReID*."""

    @property
    def splits(self) -> list[tuple[str, int]]:
        """All data sets and splits whose training people the network may know."""
        starts = (name.rpartition(":") for name in self.starts)
        return [(self.dataset, self.split), *((dataset, int(split)) for dataset, _, split in starts)]


def pair_checkpoints(path: Path, dataset: str, choice: Choice) -> list[SplitCheckpoint]:
    """Find the checkpoints to score on a data set, each with its split.

    Args:
        path: a checkpoint, a folder that `train` wrote, or a folder with one of these per split.
        dataset: key of the catalogue.
        choice: the splits; None: for a checkpoint of this data set the split it was trained for, for any other
            checkpoint the first.

    Raises:
        CheckpointError: no checkpoint is found.
    """
    by_split = {
        int(best.parent.name.removeprefix("split-")): best
        for best in path.glob(f"split-*/{BEST}")
        if re.fullmatch(r"split-\d+", best.parent.name)
    }
    checkpoint = path if path.is_file() else path / BEST
    if by_split and not checkpoint.is_file():
        return [SplitCheckpoint(split, by_split[split]) for split in _chosen_splits(path, by_split, choice)]
    if not checkpoint.is_file():
        raise CheckpointError(
            f"{path}: contains neither {BEST} nor split-N/{BEST}; name a checkpoint or a folder that `train` wrote"
        )
    if choice == "all":
        return [SplitCheckpoint(split, checkpoint) for split in range(CATALOGUE[dataset].splits)]
    if choice is None:
        about = trained_on(checkpoint)
        choice = about.split if about and about.dataset == dataset else 0
    return [SplitCheckpoint(choice, checkpoint)]


def trained_on(path: Path) -> TrainedOn | None:
    """Read the training data that a checkpoint records; None if it records none.

    Raises:
        CheckpointError: the file is damaged, or its record is invalid.
    """
    about = read_safetensors_header(path).get("about") if path.suffix == ".safetensors" else None
    if not isinstance(about, dict) or "dataset" not in about:
        return None
    try:
        clip_length = about.get("clip_length")
        return TrainedOn(
            dataset=str(about["dataset"]),
            split=int(about["split"]),
            data=str(about.get("data", "")),
            clip_length=None if clip_length is None else int(clip_length),
            starts=tuple(str(about.get("starts", "")).split()),
            whole=about.get("whole") == "yes",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: its header is invalid (trained on {about}); name another file"
        ) from error


def check_unseen(checkpoints: Sequence[SplitCheckpoint], dataset: str, root: Path) -> None:
    """Raise an error if a checkpoint was trained on people of its test split.

    A checkpoint of another data set is not checked, because the data sets share no people.

    Raises:
        RecipeError: a checkpoint was trained on identities of the test.
        DatasetError: the data set is not complete.
    """
    for checkpoint in checkpoints:
        about = trained_on(checkpoint.weights)
        if about is None:
            continue
        for name, split in about.splits:
            is_own_split = (name, split) == (dataset, checkpoint.split)
            same_images = name in CATALOGUE and CATALOGUE[name].layout == CATALOGUE[dataset].layout
            if is_own_split or not same_images:
                continue
            benchmark = load_benchmark(dataset, root, checkpoint.split)
            test = {tracklet.identity for tracklet in (*benchmark.query, *benchmark.gallery)}
            known = test & {tracklet.identity for tracklet in load_benchmark(name, root, split).train}
            if known:
                raise RecipeError(
                    f"{checkpoint.weights}: was trained on split {split} of {name}, or started from weights that were, "
                    f"with {len(known)} of the {len(test)} test identities of split {checkpoint.split} of {dataset}; "
                    "score it on the split it was trained for"
                )


def _chosen_splits(path: Path, by_split: dict[int, Path], choice: Choice) -> list[int]:
    if not isinstance(choice, int):
        return sorted(by_split)
    if choice not in by_split:
        raise CheckpointError(
            f"{path}: has no split-{choice}/{BEST}, only splits {', '.join(map(str, sorted(by_split)))}"
        )
    return [choice]

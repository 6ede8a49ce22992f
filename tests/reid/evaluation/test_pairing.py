"""Pairing: each checkpoint on its own split, never on people it was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from reid.errors import CheckpointError, RecipeError
from reid.evaluation.pairing import (
    Choice,
    SplitCheckpoint,
    TrainedOn,
    check_unseen,
    pair_checkpoints,
    trained_on,
)
from reid.model.design import VARIANTS
from reid.weights import describe_weights
from samples.miniatures.benchmarks import draw


def checkpoint(path: Path, **about: str) -> Path:
    """A file whose header says what a network was trained on, and nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    words = describe_weights(VARIANTS["fgreid"], (64, 32), 1, about)
    save_file({"nothing": np.zeros(1, np.float32)}, path, {"network": words})
    return path


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """What `train ilids-vid --split all` left when it was stopped in the third split."""
    for split in ("0", "2", "10"):
        checkpoint(tmp_path / f"split-{split}" / "best.safetensors", dataset="ilids-vid", split=split)
    (tmp_path / "split-3").mkdir()
    (tmp_path / "split-x").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("choice", "splits"),
    [pytest.param(None, [0, 2, 10], id="those-there"), ("all", [0, 2, 10]), (2, [2])],
)
def test_each_splits_checkpoint_is_scored_on_its_split(
    trained: Path, choice: Choice, splits: list[int]
) -> None:
    assert pair_checkpoints(trained, "ilids-vid", choice) == [
        SplitCheckpoint(split, trained / f"split-{split}" / "best.safetensors") for split in splits
    ]


def test_a_split_that_was_not_trained_is_named_with_those_that_were(trained: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no split-3/best\.safetensors, only splits 0, 2, 10"):
        pair_checkpoints(trained, "ilids-vid", 3)


def test_a_folder_without_checkpoints_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"contains neither best\.safetensors nor"):
        pair_checkpoints(tmp_path, "mars", None)


@pytest.mark.parametrize("named", ["training", "training/best.safetensors"])
@pytest.mark.parametrize(
    ("about", "dataset", "choice", "splits"),
    [
        pytest.param({"dataset": "ilids-vid", "split": "4"}, "ilids-vid", None, [4], id="its-own"),
        pytest.param({"dataset": "ilids-vid", "split": "4"}, "prid-2011", None, [0], id="another-data-set"),
        pytest.param({}, "ilids-vid", None, [0], id="unknown"),
        pytest.param({"dataset": "mars", "split": "0"}, "prid-2011", "all", [*range(10)], id="all-ten"),
        pytest.param({"dataset": "ilids-vid", "split": "4"}, "ilids-vid", 5, [5], id="as-told"),
    ],
)
def test_one_checkpoint_is_scored_where_it_may_be(
    tmp_path: Path, named: str, about: dict[str, str], dataset: str, choice: Choice, splits: list[int]
) -> None:
    file = checkpoint(tmp_path / "training/best.safetensors", **about)
    assert pair_checkpoints(tmp_path / named, dataset, choice) == [
        SplitCheckpoint(split, file) for split in splits
    ]


def test_a_checkpoint_that_does_not_say_or_cannot_say_is_unknown(tmp_path: Path) -> None:
    assert trained_on(checkpoint(tmp_path / "a.safetensors")) is None
    assert trained_on(tmp_path / "foreign.pt") is None
    assert trained_on(checkpoint(tmp_path / "b.safetensors", dataset="mars", split="0")) == TrainedOn(
        "mars", 0
    )


def test_a_header_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"a\.safetensors: its header is invalid"):
        trained_on(checkpoint(tmp_path / "a.safetensors", dataset="mars", split="first"))


def test_nobody_is_scored_on_people_of_their_training(tmp_path: Path) -> None:
    draw("ilids-vid", tmp_path, identities=8, frames=1, size=(32, 16))
    file = checkpoint(tmp_path / "a.safetensors", dataset="ilids-vid", split="4")
    check_unseen([SplitCheckpoint(4, file)], "ilids-vid", tmp_path)
    with pytest.raises(RecipeError, match=r"trained on split 4 of ilids-vid.* with \d of the 4 .* split 5"):
        check_unseen([SplitCheckpoint(4, file), SplitCheckpoint(5, file)], "ilids-vid", tmp_path)


def test_nobody_is_scored_on_people_whom_the_starting_weights_know(tmp_path: Path) -> None:
    draw("ilids-vid", tmp_path, identities=8, frames=1, size=(32, 16))
    file = checkpoint(tmp_path / "a.safetensors", dataset="ilids-vid", split="5", starts="mars:0 ilids-vid:4")
    with pytest.raises(RecipeError, match=r"split 4 of ilids-vid, or started from weights that were"):
        check_unseen([SplitCheckpoint(5, file)], "ilids-vid", tmp_path)


def test_one_data_set_divided_in_two_ways_is_still_one(tmp_path: Path) -> None:
    (tmp_path / "CUHK01").mkdir()
    for name in (f"{person:04d}{number:03d}.png" for person in range(1, 501) for number in range(1, 5)):
        (tmp_path / "CUHK01" / name).touch()
    file = checkpoint(tmp_path / "a.safetensors", dataset="cuhk01-100", split="0")
    with pytest.raises(RecipeError, match=r"with \d+ of the 486 test identities"):
        check_unseen([SplitCheckpoint(0, file)], "cuhk01-486", tmp_path)


def test_splits_that_only_test_differently_share_a_checkpoint(tmp_path: Path) -> None:
    """VehicleID's splits draw other galleries of the same test vehicles, and its sizes share the training."""
    draw("vehicleid", tmp_path, identities=8, frames=1, size=(32, 32))
    file = checkpoint(tmp_path / "a.safetensors", dataset="vehicleid-800", split="0")
    check_unseen([SplitCheckpoint(split, file) for split in range(10)], "vehicleid-800", tmp_path)
    check_unseen([SplitCheckpoint(0, file)], "vehicleid-2400", tmp_path)


def test_other_data_need_not_be_there(tmp_path: Path) -> None:
    check_unseen(
        [SplitCheckpoint(0, checkpoint(tmp_path / "a.safetensors", dataset="mars", split="0"))],
        "prid-2011",
        tmp_path,
    )
    check_unseen(
        [SplitCheckpoint(0, checkpoint(tmp_path / "b.safetensors", dataset="mine", split="0"))],
        "mars",
        tmp_path,
    )

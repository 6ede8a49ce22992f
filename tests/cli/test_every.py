"""Training and evaluation of every data set and every network through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from reid.data.catalogue import CATALOGUE
from reid.model.design import VARIANTS
from samples.miniatures.benchmarks import BENCHMARKS, draw

IDENTITIES = {"cuhk01-486": 490, "cuhk01-100": 106}
"""Number of identities to draw; with fewer, the test set of CUHK01 leaves none for training."""


def trained(dataset: str, root: Path, out: Path, *more: str) -> dict[str, float]:
    """Train for one epoch, evaluate, and return the measures in percent."""
    length = 2 if CATALOGUE[dataset].kind == "video" else 1
    settings = (
        "size=[32,32]",
        "identities=4",
        "clips=2",
        f"clip_length={length}",
        "warm_up=0",
        "validation=0",
    )
    changes = [word for setting in settings for word in ("--set", setting)]
    command = [
        "train",
        dataset,
        "--data-root",
        str(root),
        "--out",
        str(out),
        "--epochs",
        "1",
        "--workers",
        "0",
    ]
    result = CliRunner().invoke(
        main, [*command, "--coarse-weights", "none", "--device", "cpu", *changes, *more]
    )
    assert result.exit_code == 0, result.output
    report = json.loads((out / "report.json").read_text())
    return {row["measure"]: row["ours"] for row in report["measures"]}


@pytest.mark.parametrize("dataset", list(CATALOGUE))
def test_every_data_set_is_trained_on_and_scored(dataset: str, tmp_path: Path) -> None:
    name = dataset if dataset in BENCHMARKS else dataset.rpartition("-")[0]
    draw(name, tmp_path / "data", identities=IDENTITIES.get(dataset, 12), frames=2, size=(32, 16))
    tiny = ("--backbone", "test_resnet", "--fine-weights", "none")
    measures = trained(dataset, tmp_path / "data", tmp_path / "t", *tiny)
    assert 0 < measures["mAP"] <= 100
    assert measures["R-1"] <= measures["R-5"] <= measures["R-20"] <= 100
    assert (tmp_path / "t" / "ranked.png").is_file()


@pytest.mark.parametrize("network", list(VARIANTS))
def test_every_network_is_trained_and_scored(network: str, drawn_mars: Path, tmp_path: Path) -> None:
    tiny = () if network == "fgreid-lite" else ("--backbone", "test_resnet")
    fine = ("--fine-weights", "none") if "fine" in VARIANTS[network].branches else ()
    measures = trained("mars", drawn_mars, tmp_path / "t", "--network", network, *tiny, *fine)
    assert 0 < measures["mAP"] <= 100
    assert (tmp_path / "t" / "attention.png").is_file() == VARIANTS[network].draws_maps

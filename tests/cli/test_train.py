"""`reid-pipeline train`, as people run it."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from samples.miniatures.benchmarks import draw

SMALL = (
    *("--backbone", "test_resnet", "--coarse-weights", "none", "--fine-weights", "none", "--device", "cpu"),
    *("--workers", "0", "--set", "size=[64,32]", "--set", "identities=4", "--set", "clips=2"),
    *(
        "--set",
        "clip_length=2",
        "--set",
        "epochs=4",
        "--set",
        "validation=0.2",
        "--no-score",
    ),
)

pytestmark = pytest.mark.usefixtures("no_curves")


def train(root: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(
        main, ["train", "mars", "--data-root", str(root), "--out", str(out), *SMALL, *more]
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, drawn_mars: Path) -> Path:
    """A training that was never stopped."""
    out = tmp_path_factory.mktemp("cli") / "whole"
    assert train(drawn_mars, out).exit_code == 0
    return out


def checkpoints(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("best.safetensors", "last.safetensors")]


def started(root: Path, out: Path, *more: str, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a training in a process of its own."""
    command = [sys.executable, *before, "-m", "cli.main", "train", "mars", "--data-root", str(root)]
    return subprocess.Popen(
        [*command, "--out", str(out), *SMALL, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_training_killed_midway_ends_with_the_weights_of_one_never_killed(
    drawn_mars: Path, whole: Path, tmp_path: Path
) -> None:
    killed = started(drawn_mars, tmp_path / "t", "--save-every", "0")
    while killed.poll() is None and len(steps(tmp_path / "t")) < 4:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "t" / "curves.png").exists()
    result = train(drawn_mars, tmp_path / "t")
    assert result.exit_code == 0, result.output
    assert checkpoints(tmp_path / "t") == checkpoints(whole)
    assert steps(tmp_path / "t") == [str(number) for number in range(1, 13)]


def steps(folder: Path) -> list[str]:
    path = folder / "metrics.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [row["step"] for row in csv.DictReader(file)]


def losses(folder: Path) -> list[list[float]]:
    with (folder / "metrics.csv").open(newline="") as file:
        return [
            [float(row[name]) for name in ("identity", "triplet", "osm", "center")]
            for row in csv.DictReader(file)
        ]


def test_torchrun_on_two_processes_trains_as_one_does(drawn_mars: Path, whole: Path, tmp_path: Path) -> None:
    run = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    both = started(drawn_mars, tmp_path / "t", before=run)
    said, _ = both.communicate()
    assert both.returncode == 0, said.decode()
    for together, alone in zip(losses(tmp_path / "t"), losses(whole), strict=True):
        assert together == pytest.approx(alone, rel=0.01, abs=1e-3)  # rounding, which training makes larger


def test_what_is_said_at_the_end_of_help_is_what_data_sets_there_are() -> None:
    from reid.data.catalogue import CATALOGUE

    shown = " ".join(CliRunner().invoke(main, ["train", "--help"]).output.split())
    assert all(name in shown for name in CATALOGUE)


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (("--set", "epoch=3"), 2, "did you mean 'epochs'"),
        (("--recipe", "gone.toml"), 2, "gone.toml: cannot read"),
        (("--recipe", "pepar"), 2, "did you mean 'paper'? Recipes are paper, repo, or a TOML file"),
        (("--set", "size=[2048,1024]", "--set", "clips=10000"), 2, "GB are free; add --recompute --set"),
        (("--split", "3"), 2, "mars has no split '3' to train on; give 0"),
        (("--backbone", "resnet_fifty"), 2, "no backbone is called 'resnet_fifty'"),
        (("--fine-weights", "gone.pth"), 1, "gone.pth: cannot read these weights"),
        (("--set", "without=triplets"), 2, "there is no loss 'triplets'"),
        (("--device", "cuda:99"), 1, "does not work here"),
        (("--set", "validation=0.95"), 1, "--set validation=0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    drawn_mars: Path, tmp_path: Path, arguments: tuple[str, ...], status: int, complaint: str
) -> None:
    result = train(drawn_mars, tmp_path / "t", *arguments)
    assert result.exit_code == status
    assert complaint in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_a_log_gets_a_line_an_epoch_and_where_it_goes_on(
    drawn_mars: Path, tmp_path: Path
) -> None:
    begun = train(drawn_mars, tmp_path / "t", "--epochs", "1").stderr.splitlines()
    (line,) = [line for line in begun if line.startswith("mars, epoch 1 of 1: loss ")]
    assert float(line.split()[6].rstrip(",")) == pytest.approx(mean_loss(tmp_path / "t"), rel=0.01)
    gone_on = train(drawn_mars, tmp_path / "t", "--epochs", "3").stderr.splitlines()
    assert f"{tmp_path / 't'}: resumes after step 3 of 9, in epoch 2 of 3" in gone_on
    assert [line.partition(":")[0] for line in gone_on if " of 3: loss" in line] == [
        "mars, epoch 2 of 3",
        "mars, epoch 3 of 3",
    ]
    again = train(drawn_mars, tmp_path / "t", "--epochs", "3").stderr.splitlines()
    assert again[-1] == f"{tmp_path / 't'}: all 3 epochs are already finished"


def mean_loss(folder: Path) -> float:
    with (folder / "metrics.csv").open(newline="") as file:
        totals = [float(row["total"]) for row in csv.DictReader(file)]
    return sum(totals) / len(totals)


def test_match_does_not_trust_a_network_of_a_few_steps(whole: Path, scene: Path, tmp_path: Path) -> None:
    config = tmp_path / "match.toml"
    config.write_text("clips = 1\nclip-length = 1\n")
    command = ["match", str(scene / "east.mp4"), str(scene / "west.mp4"), "--config", str(config)]
    places = [
        "--detections",
        str(scene / "detections.csv"),
        "--out",
        str(tmp_path / "run"),
        "--device",
        "cpu",
    ]
    result = CliRunner().invoke(main, [*command, *places, "--weights", str(whole / "best.safetensors")])
    assert result.exit_code == 0, result.output
    assert "DO NOT TRUST THE LINKS" in result.stderr
    assert "was trained for 12 steps, which is hardly at all" in result.stderr
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert record["links_trusted"] == {"everything": False}


def test_a_data_set_that_is_not_there_is_explained(tmp_path: Path) -> None:
    result = train(tmp_path, tmp_path / "t")
    assert result.exit_code == 1
    assert "bbox_train" in result.output
    assert not (tmp_path / "t").exists()


def test_two_trainings_do_not_share_a_folder(drawn_mars: Path, tmp_path: Path) -> None:
    first = started(drawn_mars, tmp_path / "t")
    try:
        while first.poll() is None and not steps(tmp_path / "t"):
            time.sleep(0.05)
        result = train(drawn_mars, tmp_path / "t")
        assert result.exit_code == 2
        assert "another training is running" in result.output
    finally:
        first.kill()
        first.communicate()


def test_overwrite_begins_anew(drawn_mars: Path, whole: Path, tmp_path: Path) -> None:
    assert train(drawn_mars, tmp_path / "t", "--set", "seed=9").exit_code == 0
    refused = train(drawn_mars, tmp_path / "t")
    assert refused.exit_code == 2
    assert "recipe.seed was 9, now 1" in refused.output
    assert train(drawn_mars, tmp_path / "t", "--overwrite").exit_code == 0
    assert checkpoints(tmp_path / "t") == checkpoints(whole)


def test_pictures_for_training_alone_are_enough(tmp_path: Path) -> None:
    draw("folder", tmp_path / "people", identities=12, frames=4, size=(64, 32))
    for part in ("query", "gallery"):
        shutil.rmtree(tmp_path / "people" / part)
    command = [
        "train",
        "folder",
        "--data-root",
        str(tmp_path / "people"),
        "--out",
        str(tmp_path / "t"),
        *SMALL[:-1],
    ]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "the data set has no query and gallery; the network is not scored" in result.output
    assert (tmp_path / "t" / "best.safetensors").is_file()


def test_tensorboard_gets_the_numbers_of_the_journal(drawn_mars: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert train(drawn_mars, tmp_path / "t", "--tensorboard").exit_code == 0
    events = EventAccumulator(str(tmp_path / "t" / "tensorboard"))
    events.Reload()
    shown = [event.value for event in events.Scalars("identity")]
    assert shown == pytest.approx([row[0] for row in losses(tmp_path / "t")], rel=1e-5)

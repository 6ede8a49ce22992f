"""`reid-pipeline tune`, as people run it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main

SETTINGS = (
    "size=[64,32]", "identities=4", "clips=2", "clip_length=2", "epochs=1", "warm_up=0", "rate=0.003",
    "validation=0.2",
)  # fmt: skip
SMALL = (
    *("--backbone", "test_resnet", "--coarse-weights", "none", "--fine-weights", "none"),
    *("--device", "cpu", "--workers", "0"),
)

pytestmark = pytest.mark.usefixtures("no_curves")


def run(command: str, root: Path, out: Path, *more: str) -> Result:
    words = [command, "mars", "--data-root", str(root), "--out", str(out), *SMALL, *more]
    return CliRunner().invoke(main, words)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory, drawn_mars: Path) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("tune") / "out"
    changes = [word for setting in SETTINGS for word in ("--set", setting)]
    return run("tune", drawn_mars, out, *changes, "--trials", "2"), out


def test_each_trial_is_told_and_the_best_ones_settings_are_shown(tuned: tuple[Result, Path]) -> None:
    result, out = tuned
    assert result.exit_code == 0, result.output
    with (out / "history.csv").open(newline="") as file:
        trials = list(csv.DictReader(file))
    for trial in trials:
        assert f"trial {trial['trial']}: complete, mAP {100 * float(trial['mAP']):.1f}" in result.stdout
    best = max(trials, key=lambda trial: float(trial["mAP"]))
    assert f"trial {best['trial']} of 2: mAP {100 * float(best['mAP']):.1f}" in result.stdout
    (row,) = [line.split() for line in result.stdout.splitlines() if "losses.beta" in line]
    assert row[3] == f"{float(best['losses.beta']):.4g}"
    assert "optuna" not in result.output.lower()


def test_train_takes_the_recipe_that_was_found(
    tuned: tuple[Result, Path], drawn_mars: Path, tmp_path: Path
) -> None:
    result, out = tuned
    recipe = str(out / "best.toml")
    assert f"--recipe {recipe}" in result.stdout
    again = run("train", drawn_mars, tmp_path / "t", "--recipe", recipe, "--no-score")
    assert again.exit_code == 0, again.output
    (kept,) = out.glob("trial-*/best.safetensors")
    assert (tmp_path / "t" / "best.safetensors").read_bytes() == kept.read_bytes()


def test_a_search_none_of_whose_trials_ends_says_so(drawn_mars: Path, tmp_path: Path) -> None:
    changes = [word for setting in (*SETTINGS, "losses.center=1e38") for word in ("--set", setting)]
    result = run("tune", drawn_mars, tmp_path, *changes, "--trials", "1")
    assert result.exit_code == 1
    assert "trial 1 failed" in result.stderr
    assert "no trial is complete" in result.stderr

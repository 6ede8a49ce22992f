"""A run that is killed at random moments and resumed ends in the same bytes as an uninterrupted run."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main

QUICK = Path(__file__).with_name("quick.toml")
CSVS = ("tracks.csv", "tracklets.csv", "matches.csv")
LATEST = 3.0
"""Seconds after the first commit within which a run is killed; about the time that it needs to finish."""


@pytest.mark.parametrize("kills", [3, pytest.param(60, marks=pytest.mark.soak)])
def test_killed_runs_resume_and_end_in_the_same_bytes(scene: Path, tmp_path: Path, kills: int) -> None:
    expected = finish(scene, tmp_path / "uninterrupted")
    run, moments = tmp_path / "killed", random.Random(0)
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", *arguments(scene, run)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and not list(run.glob("parts/*/*.boxes.parquet")):
            time.sleep(0.005)
        try:
            code = process.wait(moments.uniform(0, LATEST))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        else:  # it finished before its kill; the next one starts anew
            assert (code, contents(run)) == (0, expected)
            shutil.rmtree(run)
    assert finish(scene, run) == expected


def arguments(scene: Path, out: Path) -> list[str]:
    videos = [str(scene / "east.mp4"), str(scene / "west.mp4")]
    options = ["--detections", str(scene / "detections.csv"), "--config", str(QUICK), "--out", str(out)]
    return ["match", *videos, *options]


def finish(scene: Path, out: Path) -> list[bytes]:
    """Start or resume a run in this process, and return its tables."""
    result = CliRunner().invoke(main, arguments(scene, out))
    assert result.exit_code == 0, result.output
    return contents(out)


def contents(run: Path) -> list[bytes]:
    return [(run / name).read_bytes() for name in CSVS]

"""A run that is killed at random moments and resumed ends in the same bytes as an uninterrupted run."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

QUICK = Path(__file__).with_name("quick.toml")
CSVS = ("tracks.csv", "tracklets.csv", "matches.csv")


@pytest.mark.parametrize("kills", [2, pytest.param(40, marks=pytest.mark.soak)])
def test_killed_runs_resume_and_end_in_the_same_bytes(scene: Path, tmp_path: Path, kills: int) -> None:
    """A run that ends before its kill is compared, deleted and started again."""
    expected, run = tmp_path / "uninterrupted", tmp_path / "killed"
    started = time.monotonic()
    assert start_match(scene, expected).wait() == 0
    duration = time.monotonic() - started
    moments = random.Random(0)
    while kills or run.exists():
        process = start_match(scene, run)
        while process.poll() is None and not list(run.glob("parts/*/*.boxes.parquet")):
            time.sleep(0.005)
        try:
            code = process.wait(moments.uniform(0, duration) if kills else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills -= 1
            continue
        assert code == 0
        assert [(run / name).read_bytes() for name in CSVS] == [(expected / name).read_bytes() for name in CSVS]
        shutil.rmtree(run)


def start_match(scene: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start a run of the drawn street in another process."""
    command = [sys.executable, "-m", "cli.main", "match", str(scene / "east.mp4"), str(scene / "west.mp4")]
    options = ["--detections", str(scene / "detections.csv"), "--config", str(QUICK), "--out", str(out)]
    return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

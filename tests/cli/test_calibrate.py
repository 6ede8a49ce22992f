"""`reid-pipeline calibrate` measures thresholds with ground truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from pipeline.embedding.networks import ClassNetwork
from pipeline.matching.match import Matched, Matching
from pipeline.matching.outcome import Status
from pipeline.matching.pairs.gallery import build_gallery
from pipeline.results.galleries import write_galleries
from pipeline.results.thresholds_file import read_thresholds
from pipeline.tracking.tracklets import Tracklet
from reid.weights import Weights
from tests.pipeline.scoring.drawn import Trail, View, at, draw_run, draw_truth, stay
from tests.runs import keep_changes

PEOPLE = 12
FRAMES = range(10)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two cameras that see the same twelve people, who look nearly alike in both."""
    trails = [Trail(person, stay(FRAMES, 30.0 * person), identity=person) for person in range(1, PEOPLE + 1)]
    folder = draw_run(tmp_path / "run", {name: View(FRAMES, trails) for name in "ab"})
    networks = [ClassNetwork(classes, Weights("file", None, "abc", 0)) for classes in ("people", "vehicles")]
    found = [looks("person", PEOPLE), looks("car", 2)]
    write_galleries(folder / "gallery.parquet", found, networks)
    keep_changes(folder)
    draw_truth(
        tmp_path / "truth.csv",
        [
            (camera, frame, person, at(30.0 * person))
            for camera in "ab"
            for frame in FRAMES
            for person in range(1, PEOPLE + 1)
        ],
    )
    return folder


def looks(kind: str, count: int) -> Matched:
    rng = np.random.default_rng(0)
    own = rng.normal(size=(count, 16))
    tracks = list(range(1, count + 1)) if kind == "person" else list(range(101, 101 + count))
    box, one = np.zeros((1, 4), np.float32), np.ones(1, np.float32)
    tracklets = [
        Tracklet(camera, track, kind, np.zeros(1, np.int64), np.zeros(1), box, one, one)
        for camera in "ab"
        for track in tracks
    ]
    seen = (np.concatenate([own, own]) + 0.3 * rng.normal(size=(2 * count, 16))).astype(np.float32)
    gallery = build_gallery(tracklets, list(seen[:, None]), weights=[one] * len(seen), prototypes=4)
    alone: Status = "single_camera"
    return Matched(gallery, Matching(np.arange(2 * count), (alone,) * (2 * count), ()))


def calibrate(run: Path, *options: object) -> Result:
    truth = str(run.parent / "truth.csv")
    return CliRunner().invoke(main, ["calibrate", str(run), "--truth", truth, *map(str, options)])


def test_thresholds_are_printed_written_and_drawn(run: Path) -> None:
    out, plot = run.parent / "c.toml", run.parent / "c.png"
    said = calibrate(run, "--false-match-rate", 0.03, "--out", out, "--plot", plot)
    assert said.exit_code == 0, said.output
    saved = read_thresholds(out)
    assert list(saved) == ["people"]
    assert (
        f"people: threshold {saved['people'].threshold:.3f} (chosen from 132 labelled pairs of different objects)."
        in said.output
    )
    assert f"        3.00%      {saved['people'].threshold:.3f}               0.0%" in said.output
    assert "skipped: vehicles: 0 labelled pairs of different objects" in said.output
    assert "network abc" in saved["people"].scale
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_the_same_run_gives_the_same_file(run: Path) -> None:
    texts = []
    for name in ("one.toml", "two.toml"):
        assert calibrate(run, "--out", run.parent / name).exit_code == 0
        texts.append((run.parent / name).read_bytes())
    assert texts[0] == texts[1]


def test_a_stricter_rate_takes_a_higher_threshold(run: Path) -> None:
    cuts = []
    for rate in (0.1, 0.001):
        assert calibrate(run, "--false-match-rate", rate, "--out", run.parent / "c.toml").exit_code == 0
        cuts.append(read_thresholds(run.parent / "c.toml")["people"].threshold)
    assert cuts[0] < cuts[1]


def test_too_few_labels_are_said_in_one_line(run: Path) -> None:
    draw_truth(run.parent / "truth.csv", [("a", 0, 1, at(30.0))])
    said = calibrate(run, "--out", run.parent / "c.toml")
    assert said.exit_code == 1
    assert "people: 0 labelled pairs of different objects in two cameras are too few" in said.output
    assert "Traceback" not in said.output
    assert not (run.parent / "c.toml").exists()


@pytest.mark.parametrize("rate", ["0", "1", "nan", "much"])
def test_a_rate_that_is_none_is_refused_in_one_line(run: Path, rate: str) -> None:
    said = calibrate(run, "--false-match-rate", rate, "--out", run.parent / "c.toml")
    assert said.exit_code in (1, 2)
    assert not (run.parent / "c.toml").exists()
    assert said.output.count("Error: ") == 1


def test_thresholds_and_picture_do_not_take_one_file(run: Path) -> None:
    said = calibrate(run, "--out", run.parent / "c.toml", "--plot", run.parent / "c.toml")
    assert (said.exit_code, (run.parent / "c.toml").exists()) == (2, False)
    assert "--out and --plot name the same file" in said.output


@pytest.mark.parametrize(("lost", "said"), [("gallery.parquet", "gallery.parquet"), ("run.json", "run.json")])
def test_a_file_of_the_run_that_is_missing_is_named(run: Path, lost: str, said: str) -> None:
    (run / lost).unlink()
    result = calibrate(run, "--out", run.parent / "c.toml")
    assert result.exit_code == 1
    assert said in result.output

"""`samples.check` evaluates a run against ground truth, and the sample contains what its README lists."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from pipeline.errors import PipelineError
from pipeline.scoring.links import ScoredTracklet
from pipeline.scoring.truth import read_truth
from samples.check import judge_people, main, people_in_two_cameras

PLAZA = Path(__file__).parents[2] / "samples" / "plaza"


def tracklet(camera: str, track: int, identity: int, person: int | None) -> ScoredTracklet:
    return ScoredTracklet((camera, track), identity, person)


def test_a_wrong_link_makes_both_people_wrong() -> None:
    verdicts = judge_people(
        [
            tracklet("a", 1, 1, 10), tracklet("b", 1, 1, 10),
            tracklet("a", 2, 2, 20), tracklet("b", 2, 3, 20),
            tracklet("a", 3, 4, 30), tracklet("b", 3, 5, 30), tracklet("b", 4, 4, 40),
        ]
    )  # fmt: skip
    assert verdicts == {10: "right", 20: "missed", 30: "wrong"}


def test_a_missing_ground_truth_is_an_error_message_of_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [str(tmp_path), str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_a_run_of_other_cameras_is_refused() -> None:
    with pytest.raises(PipelineError, match="has no camera gate"):
        read_truth(PLAZA / "truth.csv", ["gate", "c1"])


def sightings() -> dict[int, dict[str, set[int]]]:
    """Return the frames of each camera in which the sample shows each identity."""
    seen: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    with (PLAZA / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            seen[int(row["identity"])][row["camera"]].add(int(row["frame"]))
    return seen


def test_in_the_sample_a_person_leaves_all_views_and_returns_and_two_people_are_in_one_view_only() -> None:
    seen = sightings()
    assert len(seen) >= 12
    frames = sorted(set().union(*seen[10].values()))
    assert max(np.diff(frames)) > 3 * 8  # seconds, of 8 frames
    assert set(seen[2]) == set(seen[3]) == {"c3"}


@pytest.mark.parametrize("pair", [(7, 8), (11, 12), (13, 14)])
def test_in_the_sample_twins_are_together_in_all_views(pair: tuple[int, int]) -> None:
    first, second = (sightings()[identity] for identity in pair)
    for camera in ("c1", "c2", "c3"):
        assert len(first[camera] & second[camera]) > 5 * 8


def test_the_sample_is_the_one_that_its_page_describes() -> None:
    page = (PLAZA / "README.md").read_text(encoding="utf-8")
    sums = dict(re.findall(r"^    ([0-9a-f]{64})  (\S+)$", page, re.MULTILINE))
    assert set(sums.values()) == {path.name for path in PLAZA.iterdir()} - {"README.md"}
    for digest, name in sums.items():
        assert hashlib.sha256((PLAZA / name).read_bytes()).hexdigest() == digest


def test_the_sample_is_three_recordings_of_twenty_seconds_in_ten_megabytes() -> None:
    files = sorted(PLAZA.glob("*.mp4"))
    assert [file.stem for file in files] == ["c1", "c2", "c3"]
    assert sum(file.stat().st_size for file in files) < 10e6
    for file in files:
        with av.open(str(file)) as recording:
            stream = recording.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert float(stream.duration * stream.time_base) >= 20
    truth = read_truth(PLAZA / "truth.csv", ["c1", "c2"])
    assert len(people_in_two_cameras(truth)) >= 8

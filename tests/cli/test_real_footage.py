from __future__ import annotations

import csv
from pathlib import Path

from click.testing import CliRunner

from cli.main import main


def test_people_and_cars_of_real_recordings_are_followed(shared: Path, tmp_path: Path) -> None:
    clips = shared / "footage/one-by-one-person.mp4", shared / "footage/car-detection.mp4"
    weights = shared / "weights/yolo11n-requantised.pt"
    options = ["--detector-weights", weights, "--vid-stride", "2", "--start", "26", "--end", "28"]
    quick = ["--config", Path(__file__).with_name("quick.toml"), "--out", tmp_path / "run"]
    result = CliRunner().invoke(main, ["match", *map(str, [*clips, *options, *quick])])
    assert result.exit_code == 0, result.output
    with (tmp_path / "run/tracks.csv").open(encoding="utf-8", newline="") as file:
        tracks = list(csv.DictReader(file))
    people = [row for row in tracks if row["class"] == "person"]
    assert {row["camera"] for row in people} == {"one-by-one-person"}
    assert {row["track"] for row in people} == {"1"}  # one person is there all the time
    assert [int(row["frame"]) for row in people] == list(range(260, 280, 2))
    assert [float(row["time_s"]) for row in people] == [int(row["frame"]) / 10 for row in people]
    assert {row["class"] for row in tracks if row["camera"] == "car-detection"} == {"car"}

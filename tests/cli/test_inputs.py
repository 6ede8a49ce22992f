"""Files beside the recordings, as other tools write them: read as they are meant, or told."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

import cli.progress
from cli.main import main
from pipeline.footage.caller_frames import keep_frames
from pipeline.footage.reader import FrameReader

QUICK = ("--config", str(Path(__file__).with_name("quick.toml")), "--device", "cpu")
COLUMNS = "camera", "track", "identity", "class", "start_frame", "end_frame", "boxes", "status"
Row = dict[str, str]


def match(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["match", *map(str, arguments), *QUICK])


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def found(run: Path) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in COLUMNS) for row in rows(run / "tracklets.csv")]


def write(path: Path, table: list[Row], delimiter: str = ",") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def boxes(scene: Path) -> list[Row]:
    return rows(scene / "detections.csv")


@pytest.fixture(scope="module")
def whole(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, ...]]:
    """The tracklets that the scene's own boxes give."""
    run = tmp_path_factory.mktemp("whole") / "run"
    assert match(*videos(scene), "--detections", scene / "detections.csv", "--out", run).exit_code == 0
    return found(run)


def videos(scene: Path) -> tuple[Path, Path]:
    return scene / "east.mp4", scene / "west.mp4"


def scaled(table: list[Row], x: float, y: float) -> list[Row]:
    factors = {"bb_left": x, "bb_width": x, "bb_top": y, "bb_height": y}
    return [
        row | {name: f"{float(row[name]) * factor:.6f}" for name, factor in factors.items()} for row in table
    ]


@pytest.mark.parametrize(
    ("shrink", "told", "option"),
    [
        pytest.param(2, "its boxes reach to x", "{half}", id="half-size"),
        pytest.param(0.5, "made for a larger picture? (--detections-size", "{twice}", id="double-size"),
        pytest.param(None, "give --detections-size 1x1", "1x1", id="normalised"),
    ],
)
def test_boxes_of_another_size_are_told_and_put_right(
    scene: Path,
    boxes: list[Row],
    whole: list[tuple[str, ...]],
    tmp_path: Path,
    shrink: float | None,
    told: str,
    option: str,
) -> None:
    with FrameReader(scene / "east.mp4") as reader:
        width, height = reader.footage.width, reader.footage.height
    factors = (1 / width, 1 / height) if shrink is None else (1 / shrink, 1 / shrink)
    file = write(tmp_path / "boxes.csv", scaled(boxes, *factors))
    result = match(*videos(scene), "--detections", file, "--out", tmp_path / "told")
    assert told in result.stderr
    size = option.format(half=f"{width // 2}x{height // 2}", twice=f"{width * 2}x{height * 2}")
    right = match(*videos(scene), "--detections", file, "--detections-size", size, "--out", tmp_path / "run")
    assert right.exit_code == 0 and "--detections-size" not in right.stderr
    assert found(tmp_path / "run") == whole


def test_boxes_of_half_the_frame_rate_are_told_and_put_right(
    scene: Path, boxes: list[Row], whole: list[tuple[str, ...]], tmp_path: Path
) -> None:
    half = [row | {"frame": str(int(row["frame"]) // 2)} for row in boxes if int(row["frame"]) % 2 == 0]
    file = write(tmp_path / "half.csv", half)
    told = match(*videos(scene), "--detections", file, "--out", tmp_path / "told")
    assert (
        "its boxes end at frame 69 of 140: made at 1/2 of the frame rate? (--detections-fps)" in told.stderr
    )
    right = match(*videos(scene), "--detections", file, "--detections-fps", "5", "--out", tmp_path / "run")
    assert right.exit_code == 0 and "--detections-fps" not in right.stderr
    ends = [(row[0], int(row[4]) // 20, int(row[5]) // 20) for row in whole if row[7] == "linked"]
    again = [
        (row[0], int(row[4]) // 20, int(row[5]) // 20)
        for row in found(tmp_path / "run")
        if row[7] == "linked"
    ]
    assert len(again) == len(ends)


def german(table: list[Row], path: Path) -> Path:
    write(path, [{name: value.replace(".", ",") for name, value in row.items()} for row in table], ";")
    return path


def tabs_in_utf_16(table: list[Row], path: Path) -> Path:
    text = write(path, table, "\t").read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(text.encode("utf-16"))
    return path


def empty_rows(table: list[Row], path: Path) -> Path:
    lines = write(path, table).read_text(encoding="utf-8").splitlines()
    commas = "," * lines[0].count(",")
    path.write_text(
        "\ufeff" + "\n".join([lines[0], commas, "", *lines[1:], commas, "  ", ""]), encoding="utf-8"
    )
    return path


def other_words(table: list[Row], path: Path) -> Path:
    words = {"person": "Pedestrian"}
    return write(path, [row | {"class": words.get(row["class"], row["class"].upper())} for row in table])


@pytest.mark.parametrize("form", [german, tabs_in_utf_16, empty_rows, other_words])
def test_boxes_are_read_as_other_programs_write_them(
    scene: Path,
    boxes: list[Row],
    whole: list[tuple[str, ...]],
    tmp_path: Path,
    form: Callable[[list[Row], Path], Path],
) -> None:
    file = form(boxes, tmp_path / "boxes.csv")
    result = match(*videos(scene), "--detections", file, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert found(tmp_path / "run") == whole


def test_a_camera_that_a_common_file_does_not_name_saw_nothing(
    scene: Path, boxes: list[Row], tmp_path: Path
) -> None:
    only = write(tmp_path / "east.csv", [row for row in boxes if row["camera"] == "east"])
    result = match(*videos(scene), "--detections", only, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "west" in result.stderr and "has no box in the processed frames" in result.stderr
    assert {row[0] for row in found(tmp_path / "run")} == {"east"}
    again = match(*videos(scene), "--detections", tmp_path / "run/tracks.csv", "--out", tmp_path / "again")
    assert again.exit_code == 0, again.output
    assert {row[0] for row in found(tmp_path / "again")} == {"east"}


def test_raw_scores_are_mapped_and_told(scene: Path, boxes: list[Row], tmp_path: Path) -> None:
    lines = [
        f"{int(row['frame']) + 1},-1,{float(row['bb_left']) + 1},{float(row['bb_top']) + 1},{row['bb_width']},"
        f"{row['bb_height']},{4 * float(row['conf']) - 1.5:.4f},-1,-1,-1\n"
        for row in boxes
        if row["camera"] == "east" and row["class"] == "person"
    ]
    (tmp_path / "det.txt").write_text("".join(lines))
    result = match(scene / "east.mp4", "--detections", tmp_path / "det.txt", "--out", tmp_path / "run")
    assert result.exit_code == 0
    assert "its scores are not in [0, 1] and were mapped by the logistic function" in result.stderr
    assert any(row[7] == "single_camera" for row in found(tmp_path / "run"))


def test_a_camera_without_colour_is_named(scene: Path, tmp_path: Path) -> None:
    with FrameReader(scene / "west.mp4") as reader:
        grey = [
            (frame.seconds, np.repeat(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2))
            for frame in reader
        ]
    west = keep_frames(grey, tmp_path / "west.mkv")
    boxes = scene / "detections.csv"
    result = match(scene / "east.mp4", west, "--detections", boxes, "--out", tmp_path / "run")
    assert "west: the pictures have no colour, as infrared footage" in result.stderr


def test_json_quiet_and_verbose(scene: Path, tmp_path: Path) -> None:
    command = (*videos(scene), "--detections", scene / "detections.csv", "--out", tmp_path / "run")
    loud = match(*command, "-v", "--json")
    summary = json.loads(loud.stdout)
    assert summary["state"] == "done"
    assert set(summary["cameras"]) == {"east", "west"}
    assert sum(camera["tracklets"] for camera in summary["cameras"].values()) == len(found(tmp_path / "run"))
    assert summary["identities"] >= summary["seen_by_several_cameras"] > 0
    assert "east: 140 frames and" in loud.stderr
    quiet = match(*command, "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")
    assert "warning" not in match(*command, "--log-level", "error").stderr


def test_without_a_terminal_progress_is_lines(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.progress, "INTERVAL", 0.0)
    result = match(scene / "east.mp4", "--detections", scene / "detections.csv", "--out", tmp_path / "run")
    assert "east: 8 of 140" in result.stderr
    assert "per second" in result.stderr and "left" in result.stderr

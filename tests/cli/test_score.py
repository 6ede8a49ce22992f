"""`reid-pipeline score` evaluates a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from tests.pipeline.scoring.drawn import Trail, View, at, draw_run, draw_truth, stay


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run of two cameras that see person 1; in b person 2 has the identity of person 1."""
    one = Trail(1, stay(range(10), 100))
    other = Trail(2, stay(range(10), 200), status="linked")
    draw_truth(
        tmp_path / "truth.csv",
        [(camera, frame, 1, at(100)) for camera in "ab" for frame in range(10)]
        + [("b", frame, 2, at(200)) for frame in range(10)],
    )
    return draw_run(tmp_path / "run", {"a": View(range(10), [one]), "b": View(range(10), [one, other])})


def first_rows(output: str) -> dict[str, list[str]]:
    """Return the words of each line by their first word, which is unique in the first table."""
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        if words := line.split():
            found.setdefault(words[0], words)
    return found


def test_tables_and_json_say_the_same(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "score.json"
    arguments = ["score", str(run), "--truth", str(tmp_path / "truth.csv"), "--json", str(out)]
    said = CliRunner().invoke(main, arguments)
    assert said.exit_code == 0, said.output
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["overall"]["idf1"] == pytest.approx(40 / 60)
    ours = first_rows(said.output)
    assert ours["person"][1:4] == ["0.667", "0.667", "0.667"]
    assert ours["a"][1:4] == ["1.000"] * 3
    rows = [line.split() for line in said.output.splitlines()]
    assert ["a", "→", "b", "2", "1", "0.500", "1", "1.000"] in [row[:8] for row in rows]
    assert ["b/2", "1", "2", "10", "10", "linked", "linked", "wrongly"] in rows
    assert document["steps"]["linked_wrongly"] == 10


def test_truth_may_be_given_camera_by_camera(run: Path, tmp_path: Path) -> None:
    lines = {name: tmp_path / f"{name}.txt" for name in "ab"}
    for path in lines.values():
        path.write_text("".join(f"{frame},1,101,1,10,20,1,-1,-1,-1\n" for frame in range(1, 11)))
    truth = [option for name, path in lines.items() for option in ("--truth", f"{name}={path}")]
    said = CliRunner().invoke(main, ["score", str(run), *truth])
    assert said.exit_code == 0, said.output
    assert "the ground truth has no classes" in said.output
    assert first_rows(said.output)["all"][1:4] == ["0.800", "0.667", "1.000"]


@pytest.mark.parametrize(
    ("truth", "said"),
    [
        ("nowhere.csv", "nowhere.csv cannot be read"),
        ("a=nowhere.csv", "once for each camera of the run: a, b"),
    ],
)
def test_missing_ground_truth_is_an_error_of_one_line(run: Path, truth: str, said: str) -> None:
    result = CliRunner().invoke(main, ["score", str(run), "--truth", truth])
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["score", str(tmp_path), "--truth", "x.csv"])
    assert result.exit_code == 1
    assert "name the folder of a finished run" in result.output


@pytest.mark.parametrize("target", ["truth.csv", "run/tracks.csv", "run/parts/new.json"])
def test_files_that_are_read_are_not_overwritten(run: Path, tmp_path: Path, target: str) -> None:
    path = tmp_path / target
    before = path.read_bytes() if path.exists() else None
    arguments = ["score", str(run), "--truth", str(tmp_path / "truth.csv"), "--json", str(tmp_path / target)]
    said = CliRunner().invoke(main, arguments)
    assert said.exit_code == 2
    assert "choose another path" in said.output
    assert (path.read_bytes() if path.exists() else None) == before


def test_ground_truth_of_other_frames_is_refused(run: Path, tmp_path: Path) -> None:
    draw_truth(tmp_path / "late.csv", [("a", 5000, 1, at(100))])
    said = CliRunner().invoke(main, ["score", str(run), "--truth", str(tmp_path / "late.csv")])
    assert said.exit_code == 1
    assert "the run processed no frame that the ground truth covers" in said.output


def test_a_camera_without_a_true_box_is_named(run: Path, tmp_path: Path) -> None:
    draw_truth(tmp_path / "one.csv", [("a", frame, 1, at(100)) for frame in range(10)])
    said = CliRunner().invoke(main, ["score", str(run), "--truth", str(tmp_path / "one.csv")])
    assert said.exit_code == 0, said.output
    assert "the ground truth has no box in b" in said.output


def score_damaged(run: Path) -> str:
    """Score a damaged run, and return the error message; it is one sentence."""
    result = CliRunner().invoke(main, ["score", str(run), "--truth", str(run.parent / "truth.csv")])
    assert (result.exit_code, result.output.count("\n")) == (1, 1), result.output
    assert result.output.startswith("Error: ")
    return result.output


@pytest.mark.parametrize(
    ("name", "row"),
    [
        pytest.param("tracks.csv", "hall,0,0.000,1,1,person,0,0,9,9,1.0", id="unknown-camera"),
        pytest.param("tracks.csv", "a,0,0.0,1,1,person,x,0,9,9,1.0", id="text"),
        pytest.param("tracklets.csv", "a,1,1,person,0,9,0.000,0.900,10,1,1.0,linked", id="repeated-tracklet"),
    ],
)
def test_a_damaged_table_is_an_error_of_one_sentence(run: Path, name: str, row: str) -> None:
    with (run / name).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    assert f"{name}: is damaged or was changed after the run wrote it" in score_damaged(run)


@pytest.mark.parametrize("text", ["[" * 200_000, "[]", "{", '{"state": "done"}', ""])
def test_a_damaged_record_is_an_error_of_one_sentence(run: Path, text: str) -> None:
    (run / "run.json").write_text(text, encoding="utf-8")
    assert "run.json: is damaged" in score_damaged(run)


def test_missing_parts_are_an_error_of_one_sentence(run: Path) -> None:
    for part in (run / "parts" / "a").iterdir():
        part.unlink()
    assert "parts of the run are missing" in score_damaged(run)

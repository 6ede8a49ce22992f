"""`reid-pipeline transitions` learns travel times from a finished run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from pipeline.results.run_record import read_record, write_record
from pipeline.results.travel_file import read_statistics
from tests.pipeline.scoring.drawn import Trail, View, at, draw_run, draw_truth, stay


def transitions(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["transitions", *map(str, arguments)])


def draw(folder: Path, *, people: int, known: bool = True) -> Path:
    """People who are in a for a second and 4.1 s later, at half the frame rate, in b; who the run thinks is one person
    is two by truth wherever the number is even."""
    a = [Trail(k, stay(range(10 * k, 10 * k + 11), 100), identity=k) for k in range(1, people + 1)]
    b = [Trail(k, stay(range(5 * k + 26, 5 * k + 31), 100), identity=k) for k in range(1, people + 1)]
    run = draw_run(
        folder / "run", {"a": View(range(10 * people + 50), a), "b": View(range(5 * people + 50), b, fps=5.0)}
    )
    record = read_record(run)
    cameras = {name: replace(camera, offset_known=known) for name, camera in record.cameras.items()}
    write_record(run, replace(record, cameras=cameras))
    rows = [("a", frame, one.track, at(100)) for one in a for frame in one.boxes if frame % 10]
    rows += [
        ("b", frame, one.track + 1000 * (1 - one.track % 2), at(100)) for one in b for frame in one.boxes
    ]
    draw_truth(folder / "truth.csv", rows)
    return run


def test_from_the_runs_own_links(tmp_path: Path) -> None:
    run = draw(tmp_path, people=15)
    result = transitions(run, "--out", tmp_path / "t.toml", "--plot", tmp_path / "t.png")
    assert result.exit_code == 0, result.output
    assert "wrote 15 gaps from the links of the run" in result.output
    assert "person, a to b: 15 gaps, median 4.2 s" in result.output
    assert read_statistics(tmp_path / "t.toml").gaps == {("person", "a", "b"): pytest.approx((4.2,) * 15)}
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_too_few_links_of_its_own_are_refused(tmp_path: Path) -> None:
    result = transitions(draw(tmp_path, people=14), "--out", tmp_path / "t.toml")
    assert result.exit_code == 1
    assert "14 gaps" in result.output
    assert "15 are needed" in result.output
    assert not (tmp_path / "t.toml").exists()


def test_truth_overrules_the_runs_links_and_few_will_do(tmp_path: Path) -> None:
    run = draw(tmp_path, people=6)
    result = transitions(run, "--truth", tmp_path / "truth.csv", "--out", tmp_path / "t.toml")
    assert result.exit_code == 0, result.output
    assert len(read_statistics(tmp_path / "t.toml")) == 3


def test_unknown_clocks_are_named(tmp_path: Path) -> None:
    result = transitions(draw(tmp_path, people=15, known=False), "--out", tmp_path / "t.toml")
    assert result.exit_code == 1
    assert "those of a, b are unknown" in result.output


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text("mine")
    result = transitions(draw(tmp_path, people=15), "--out", tmp_path / "t.toml")
    assert result.exit_code == 2
    assert "already" in result.output
    assert (tmp_path / "t.toml").read_text() == "mine"


def test_a_folder_of_something_else_is_named(tmp_path: Path) -> None:
    result = transitions(tmp_path, "--out", tmp_path / "t.toml")
    assert result.exit_code == 1
    assert "name the folder of a finished run" in result.output


def test_travel_times_and_their_plot_do_not_share_a_file(tmp_path: Path) -> None:
    result = transitions(
        draw(tmp_path, people=15), "--out", tmp_path / "t.toml", "--plot", tmp_path / "t.toml"
    )
    assert result.exit_code == 2
    assert "--out and --plot name the same file" in result.output
    assert not (tmp_path / "t.toml").exists()

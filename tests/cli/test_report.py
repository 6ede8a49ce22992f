"""Options and outputs of `report`; the page itself is tested in a browser elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from cli.main import main
from pipeline.results.run_record import read_record, write_record
from pipeline.tracking.config import TrackingConfig
from tests.pipeline.report.written import write_run


def test_the_report_in_the_run_folder_is_replaced(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    for _ in range(2):
        result = CliRunner().invoke(main, ["report", str(run)])
        assert result.exit_code == 0, result.stderr
        assert f"{run / 'report.html'}: " in result.output and "can be recognised" in result.output
    assert (run / "report.html").read_text().startswith("<!doctype html>")


def test_a_report_outside_the_run_folder_blurs_heads_by_default(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    told = [
        CliRunner().invoke(main, ["report", str(run), "--out", str(tmp_path / name), *more]).output
        for name, more in (("a.html", []), ("b.html", ["--blur", "people"]), ("c.html", ["--blur", "none"]))
    ]
    said = ("heads are blurred", "people are blurred", "people can be recognised")
    assert [line.strip().split("MB; ")[1] for line in told] == list(said)


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    result = CliRunner().invoke(
        main, ["report", str(write_run(tmp_path / "run")), "--out", str(tmp_path / "mine.html")]
    )
    assert result.exit_code == 2 and "exists already" in result.stderr
    assert (tmp_path / "mine.html").read_text() == "mine"


def test_a_run_that_did_not_detect_people_cannot_promise_to_blur_them(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    record = read_record(run)
    settings = replace(record.settings, tracking=TrackingConfig(classes=("car",)))
    write_record(run, replace(record, settings=settings))
    out = tmp_path / "cars.html"
    result = CliRunner().invoke(main, ["report", str(run), "--out", str(out)])
    assert (result.exit_code, out.exists()) == (1, False)
    assert "did not detect people (--classes), so they cannot be blurred; use --blur none" in result.stderr


def test_a_folder_without_a_run_is_an_error_of_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 1
    assert "has no run.json; name the folder of a finished run" in result.stderr
    assert not (tmp_path / "report.html").exists()

"""Copies of a run's own CSV files."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import RunError
from pipeline.folder.atomic import whole_file
from pipeline.results.boxes import read_boxes
from pipeline.results.records import FinishedRun

FILES = ("tracks.csv", "tracklets.csv", "matches.csv")


def export_csv(run: FinishedRun, folder: Path) -> list[Path]:
    """Copy tracks.csv, tracklets.csv and matches.csv to a folder, which is created, and return the copies.

    Raises:
        RunError: tracks.csv is missing or damaged, a copy cannot be written, or `folder` is the run folder.
    """
    if folder.resolve() == run.folder.resolve():
        raise RunError(f"{folder}: is the run folder, which has these files; choose another folder")
    read_boxes(run.folder)  # a damaged file is not copied; `read_run` has checked the other two
    for name in FILES:
        with (
            (run.folder / name).open(encoding="utf-8", newline="") as file,
            whole_file(folder / name) as copy,
        ):
            copy.writelines(file)
    return [folder / name for name in FILES]

"""Copies of a run's own CSV files."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.errors import RunError
from pipeline.folder.atomic import atomic_path
from pipeline.results.records import FinishedRun
from pipeline.results.run_record import TABLES
from reid.files import real_path


def export_csv(run: FinishedRun, folder: Path) -> list[Path]:
    """Copy tracks.csv, tracklets.csv and matches.csv to a folder, which is created, and return the copies.

    Raises:
        RunError: a table is missing or changed, a copy cannot be written, or `folder` is the run folder.
    """
    if real_path(folder) == real_path(run.folder):
        raise RunError(f"{folder}: is the run folder, which has these files; choose another folder")
    tables = [run.file(name) for name in TABLES]
    for table in tables:
        with atomic_path(folder / table.name) as copy:
            shutil.copyfile(table, copy)
    return [folder / table.name for table in tables]

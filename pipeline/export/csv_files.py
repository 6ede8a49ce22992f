"""The run's own CSV files, copied to where they are wanted."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import RunError
from pipeline.folder.atomic import whole_file
from pipeline.results.reading import rows, run_record
from pipeline.results.tables import MATCHES, TRACKLETS, TRACKS

FILES = {"tracks.csv": TRACKS, "tracklets.csv": TRACKLETS, "matches.csv": MATCHES}


def export_csv(run: Path, folder: Path) -> list[Path]:
    """Copy tracks.csv, tracklets.csv and matches.csv.

    Raises:
        RunError: a file is missing or damaged, or `folder` is the run itself.
    """
    if folder.resolve() == run.resolve():
        raise RunError(f"{folder}: is the run itself, which has these files already; name another folder")
    run_record(run)  # refuses an unfinished run
    for name, columns in FILES.items():
        for _ in rows(run, name, columns):  # all is sound, or nothing is written
            continue
    return [_copy(run, name, folder) for name in FILES]


def _copy(run: Path, name: str, folder: Path) -> Path:
    with (run / name).open(encoding="utf-8", newline="") as source, whole_file(folder / name) as target:
        target.writelines(source)
    return folder / name

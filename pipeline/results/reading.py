"""A finished run's own files, read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import RunError
from pipeline.results.tables import MATCHES, TRACKLETS, TRACKS


class Box(NamedTuple):
    """A row of tracks.csv; a tuple, for there are millions."""

    camera: str
    frame: int
    """Frame of the source file, from 0."""
    identity: int | None
    left: float
    top: float
    width: float
    height: float
    conf: float


def boxes(run: Path) -> Iterator[Box]:
    """Read tracks.csv row by row, in its order: by camera, frame and track.

    Raises:
        RunError: it is missing or damaged.
    """
    for number, row in enumerate(rows(run, "tracks.csv", TRACKS), start=2):
        try:
            yield _box(row)
        except ValueError as error:
            raise RunError(f"{run / 'tracks.csv'}: row {number} holds no number where one belongs") from error


def _box(row: list[str]) -> Box:
    """Understand one row."""
    camera, frame, _, _, identity, _, *sides = row
    left, top, width, height, conf = map(float, sides)
    return Box(camera, int(frame), int(identity) if identity else None, left, top, width, height, conf)


def tracklet_rows(run: Path) -> list[dict[str, str]]:
    """Read tracklets.csv."""
    return _by_column(run, "tracklets.csv", TRACKLETS)


def match_rows(run: Path) -> list[dict[str, str]]:
    """Read matches.csv."""
    return _by_column(run, "matches.csv", MATCHES)


def _by_column(run: Path, name: str, header: str) -> list[dict[str, str]]:
    """Read a whole file as text by column."""
    return [dict(zip(header.split(","), row, strict=True)) for row in rows(run, name, header)]


def rows(run: Path, name: str, header: str) -> Iterator[list[str]]:
    """Read one of a run's CSV files row by row, as text.

    Raises:
        RunError: it is missing, or not what this version of the program writes.
    """
    path, columns = run / name, header.split(",")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if next(reader, None) != columns:
                raise RunError(f"{path}: its first line is not {header!r}; run the match again")
            for number, row in enumerate(reader, start=2):
                if len(row) != len(columns):
                    raise RunError(
                        f"{path}: row {number} has {len(row)} of {len(columns)} columns; it is damaged"
                    )
                yield row
    except OSError as error:
        raise RunError(f"{run}: {name} cannot be read ({error.strerror}); is this a finished run?") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RunError(f"{path}: damaged, not readable as CSV in UTF-8 ({error})") from error


def run_record(run: Path) -> dict[str, object]:
    """Read run.json: how the run was made.

    Raises:
        RunError: it is missing or damaged.
    """
    path = run / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(
            f"{run}: run.json cannot be read ({error.strerror}); is this a finished run?"
        ) from error
    except ValueError as error:
        raise RunError(f"{path}: damaged, not readable as JSON ({error})") from error
    if not isinstance(record, dict):
        raise RunError(f"{path}: damaged, expected an object")
    if record.get("state") == "running":
        raise RunError(f"{run}: the run is not finished; give its command again first")
    return record


def cameras_of(run: Path) -> list[str]:
    """List the run's cameras by name, those without a single box, too.

    Raises:
        RunError: run.json is missing, damaged or of an unfinished run.
    """
    cameras = run_record(run).get("cameras")
    if not isinstance(cameras, dict):
        raise RunError(f"{run / 'run.json'}: damaged, it names no cameras")
    return sorted(cameras)

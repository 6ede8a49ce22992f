"""One JSON document that says everything about a run but its single boxes."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.errors import RunError
from pipeline.folder.atomic import whole_file
from pipeline.results.reading import cameras_of, match_rows, run_record, tracklet_rows

Row = dict[str, str | int | float | None]

WHOLE = {
    *("track", "identity", "start_frame", "end_frame", "boxes", "clips"),
    *("match", "track_a", "track_b"),
}
REAL = {
    *("start_time_s", "end_time_s", "quality", "gap_s", "appearance", "spacetime", "score", "margin"),
    *("threshold", "start_time_a_s", "end_time_a_s", "start_time_b_s", "end_time_b_s"),
}


def export_json(run: Path, path: Path) -> None:
    """Write cameras, identities with their tracklets, tracklets without one, links and the run's record.

    Field names and units are those of the CSV files; frames count from 0; unknown is null.

    Args:
        run: folder of a finished run.
        path: file to write.

    Raises:
        RunError: the run's files are missing or damaged.
    """
    tracklets = [typed(row) for row in tracklet_rows(run)]
    links = [typed(row) for row in match_rows(run)]
    document = {
        "cameras": cameras_of(run),
        "identities": _identities(tracklets),
        "rejected": [row for row in tracklets if row["identity"] is None],
        "links": links,
        "run": run_record(run),
    }
    with whole_file(path) as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")


def _identities(tracklets: list[Row]) -> list[dict[str, object]]:
    """Group tracklets by identity, first appearance first in each."""
    members: dict[int, list[Row]] = {}
    for row in tracklets:
        if isinstance(row["identity"], int):
            members.setdefault(row["identity"], []).append(row)
    return [
        {"identity": identity, "tracklets": sorted(members[identity], key=_when)}
        for identity in sorted(members)
    ]


def _when(row: Row) -> tuple[float, str, int]:
    """Order tracklets by time, camera and track."""
    return float(row["start_time_s"] or 0), str(row["camera"]), int(row["track"] or 0)


def typed(row: dict[str, str]) -> Row:
    """Give a CSV row's fields their types.

    >>> typed({"camera": "7", "track": "7", "score": "0.5", "identity": ""})
    {'camera': '7', 'track': 7, 'score': 0.5, 'identity': None}
    """
    return {name: _value(name, text) for name, text in row.items()}


def _value(name: str, text: str) -> str | int | float | None:
    """Understand one field; empty is unknown."""
    kind = int if name in WHOLE else float if name in REAL else str
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise RunError(f"a row of the run is damaged: its {name} holds {text!r}, not a number") from error

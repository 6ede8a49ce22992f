"""One JSON document with everything about a run except its boxes."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

from pipeline.folder.atomic import whole_file
from pipeline.results.records import FinishedRun, MatchRecord, TrackletRecord
from pipeline.results.run_record import as_json
from pipeline.results.tables import MATCHES, TRACKLETS


def export_json(run: FinishedRun, path: Path) -> None:
    """Write cameras, identities with their tracklets, tracklets without identity, links and the run's record.

    The keys of tracklets and links are the columns of the CSV files. Frames count from 0; null is unknown. If the file
    cannot be written, a `RunError` is raised.
    """
    document = {
        "cameras": run.cameras,
        "identities": [
            {
                "identity": identity.number,
                "tracklets": [_row(TRACKLETS, run.by_name[name]) for name in identity.tracklets],
            }
            for identity in run.identities
        ],
        "rejected": [_row(TRACKLETS, tracklet) for tracklet in run.tracklets if tracklet.identity is None],
        "links": [_row(MATCHES, match) for match in run.matches],
        "run": as_json(run.record),
    }
    with whole_file(path) as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")


def _row(header: str, record: TrackletRecord | MatchRecord) -> dict[str, Any]:
    return dict(zip(header.split(","), astuple(record), strict=True))

"""Folders of small finished runs, written without footage or networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config import RunConfig
from pipeline.footage.cameras import Camera
from pipeline.footage.recording import Recording
from pipeline.matching.config import MatchingConfig
from pipeline.results.run_record import (
    GALLERY,
    TABLES,
    CameraRecord,
    CameraSettings,
    EmbeddingSettings,
    NetworkRecord,
    RunInputs,
    RunRecord,
    Settings,
    WeightsRecord,
    read_record,
    write_record,
)
from pipeline.results.tables import MATCHES, TRACKLETS, TRACKS
from pipeline.tracking.camera_job import CameraReport
from pipeline.tracking.config import TrackingConfig
from reid.files import sha256


def run_record(**changes: Any) -> RunRecord:
    """Return the record of a finished run of the cameras gate and yard, with networks for people and vehicles.

    Args:
        changes: fields of `RunRecord` to replace.
    """
    network = NetworkRecord("file", "network.pt", "abc", "fgreid")
    cameras = changes.get("cameras") or {
        name: camera_record(files=(f"/footage/{name}.mp4",)) for name in ("gate", "yard")
    }
    given = tuple(
        Camera(name, Recording(tuple(map(Path, camera.files))), camera.offset_s)
        for name, camera in cameras.items()
    )
    record = RunRecord(
        state="done",
        command="reid-pipeline match gate.mp4 yard.mp4",
        started="2026-01-01T00:00:00+00:00",
        versions={"reid-pipeline": "1.0"},
        weights=WeightsRecord(None, {"people": network, "vehicles": network}),
        links_trusted={"people": True, "vehicles": True},
        seed=0,
        device="cpu",
        settings=run_settings(*changes.get("cameras", ("gate", "yard"))),
        given=RunInputs(given, (), RunConfig()),
        matching={"people": MatchingConfig(), "vehicles": MatchingConfig()},
        finished="2026-01-01T00:01:00+00:00",
        cameras=cameras,
        seconds={"track": 1.0},
    )
    return replace(record, **changes)


def run_settings(*cameras: str) -> Settings:
    """Return the settings of a run of some cameras without ignored polygons."""
    return Settings(
        meaning=1,
        cameras={name: CameraSettings("abc", "def", (), None) for name in cameras},
        tracking=TrackingConfig(),
        embedding=EmbeddingSettings(
            networks="people abc", clips=8, clip_length=4, min_boxes=8, min_area=300.0, seed=0
        ),
    )


def camera_record(*, frames: int = 100, **changes: Any) -> CameraRecord:
    """Return the record of a camera that was read: 100 frames of 10 a second.

    Args:
        frames: number of its frames.
        changes: fields of `CameraRecord` to replace.
    """
    report = CameraReport(
        fps=10.0,
        width=640,
        height=360,
        frames_decoded=frames,
        frames_expected=frames,
        boxes=0,
        parts=1,
        truncated=False,
        notes=(),
        seconds={"decode": 1.0},
    )
    record = CameraRecord(
        files=("/footage/gate.mp4",),
        detections=None,
        offset_s=0.0,
        offset_known=True,
        failed=None,
        report=report,
    )
    return replace(record, **changes)


def write_run(
    folder: Path,
    *,
    record: RunRecord | None = None,
    tracklets: str | Iterable[str] = "",
    matches: str | Iterable[str] = "",
    tracks: str | Iterable[str] = "",
) -> Path:
    """Write tracklets.csv, matches.csv, tracks.csv and run.json, and return the folder.

    Args:
        folder: folder of the run; created.
        record: content of run.json; None: `run_record()`.
        tracklets: rows of tracklets.csv without the header, as text or as lines.
        matches: rows of matches.csv.
        tracks: rows of tracks.csv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"tracklets": (TRACKLETS, tracklets), "matches": (MATCHES, matches), "tracks": (TRACKS, tracks)}
    for name, (header, rows) in tables.items():
        lines = rows.splitlines() if isinstance(rows, str) else rows
        text = "".join(f"{line}\n" for line in (header, *lines))
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    keep_changes(folder, record or run_record())
    return folder


def keep_changes(folder: Path, record: RunRecord | None = None) -> None:
    """Note the results as they are now in run.json, as if the run had written them so."""
    checksums = {name: sha256(folder / name) for name in (*TABLES, GALLERY) if (folder / name).exists()}
    write_record(folder, replace(record or read_record(folder), checksums=checksums))

"""A small finished run, written down by hand: hostile camera names, every kind of link, real parts with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa

from pipeline.folder.store import BOXES, CROPS, TRACKS, RunFolder
from pipeline.results.tables import csv_line
from pipeline.tracking.camera_job import CameraReport
from pipeline.tracking.crops import encode_crop
from tests import runs
from tests.runs import camera_record, run_record

GATE = "<script>alert('1')</script>"
YARD = 'yard "\u202eEDOC\u202c" & <b>'
HALL = "hall-2"
CAMERAS = tuple(sorted((GATE, YARD, HALL)))
FRAMES = 50
"""Of each tracklet; ten a second."""

Tracklet = tuple[str, int, int | None, str, float, str]
"""Camera, track, identity, class, first second and status."""
SEEN: tuple[Tracklet, ...] = (
    (GATE, 1, 1, "person", 0, "linked"),
    (YARD, 1, 1, "person", 10, "linked"),
    (HALL, 1, 2, "person", 20, "ambiguous"),
    (GATE, 2, 3, "person", 20, "ambiguous"),
    (GATE, 3, 4, "car", 30, "single_camera"),
    (HALL, 2, None, "person", 40, "rejected_short"),
    (HALL, 3, 5, "person", 100, "single_camera"),
)
Link = tuple[Tracklet, Tracklet, float, Tracklet | None, float | None, str, str]
"""Two tracklets, score, runner-up, margin, decision and reason."""
CONSIDERED: tuple[Link, ...] = (
    (SEEN[0], SEEN[1], 0.78, SEEN[3], 0.06, "accepted", f"it is 0.060 better than {GATE}/2"),
    (SEEN[0], SEEN[2], 0.2, None, None, "rejected", "cosine 0.200 is under the threshold 0.600"),
    (SEEN[3], SEEN[2], 0.7, SEEN[0], 0.02, "ambiguous", f"{YARD}/1 and others: too close to call"),
    (SEEN[3], SEEN[1], 0.65, None, None, "rejected", f"for {YARD}/1 {GATE}/1 was closer"),
)


def write_run(folder: Path, seen: Sequence[Tracklet] = SEEN, considered: Sequence[Link] = CONSIDERED) -> Path:
    """Write the run folder, with pictures; the head of every person is red and green."""
    cameras = sorted({tracklet[0] for tracklet in seen})
    for camera in cameras:
        write_parts(folder, camera, [tracklet for tracklet in seen if tracklet[0] == camera])
    record = run_record(
        warnings=("<img src=x onerror=alert(2)> is a warning about /home/anna lee/gate.mp4",),
        links_trusted={"people": True, "vehicles": False},
        cameras={
            name: replace(
                camera_record(files=("/home/anna lee/gate.mp4",), offset_s=1.5), report=report_with(name)
            )
            for name in cameras
        },
    )
    runs.write_run(
        folder,
        record=record,
        tracklets=[_tracklet_row(tracklet) for tracklet in seen],
        matches=[_match_row(number, link) for number, link in enumerate(considered, 1)],
    )
    return folder


def report_with(note: str) -> CameraReport:
    """The report of a camera with a note."""
    report = camera_record().report
    assert report is not None
    return replace(report, notes=(note,))


def _tracklet_row(tracklet: Tracklet) -> str:
    camera, track, identity, kind, start, status = tracklet
    first = round(start * 10)
    fields = [
        camera,
        str(track),
        "" if identity is None else str(identity),
        kind,
        str(first),
        str(first + FRAMES - 1),
        f"{start:.3f}",
        f"{start + 4.9:.3f}",
        str(FRAMES),
        "8",
        "0.5000",
        status,
    ]
    return csv_line(fields).removesuffix("\n")


def _match_row(number: int, link: Link) -> str:
    a, b, score, rival, margin, decision, reason = link
    fields = [
        str(number),
        str(a[2]) if a[2] == b[2] else "",
        a[3],
        *_side(a),
        *_side(b),
        f"{b[4] - a[4] - 4.9:.3f}",
        f"{score:.4f}",
        "",
        f"{score:.4f}",
        f"{rival[0]}/{rival[1]}" if rival else "",
        "" if margin is None else f"{margin:.4f}",
        "0.6000",
        decision,
        "program",
        reason,
    ]
    return csv_line(fields).removesuffix("\n")


def _side(tracklet: Tracklet) -> list[str]:
    camera, track, _, _, start, _ = tracklet
    return [camera, str(track), f"{start:.3f}", f"{start + 4.9:.3f}"]


def write_parts(folder: Path, camera: str, seen: Sequence[Tracklet]) -> None:
    parts = RunFolder(folder).camera(camera)
    parts.folder.mkdir(parents=True)
    crops, tracks = [], []
    for _, track, _, kind, start, _ in seen:
        first = round(start * 10)
        for frame in range(first, first + FRAMES):
            quality = 0.9 if frame % 10 == 5 else 0.5
            crops.append(
                {"track": track, "frame": frame, "quality": quality, "jpeg": encode_crop(looks(track))}
            )
            box = {"x0": 100.0 * track, "y0": 50.0, "x1": 100.0 * track + 40, "y1": 130.0}
            tracks.append(
                {"frame": frame, "seconds": frame / 10, "track": track, "class": kind, "score": 0.9, **box}
                | {"quality": quality}
            )
    parts.commit(
        boxes=pa.Table.from_pylist([], schema=BOXES),
        tracks=pa.Table.from_pylist(tracks, schema=TRACKS),
        crops=pa.Table.from_pylist(crops, schema=CROPS),
    )


def looks(track: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Draw a person: a face of red and green stripes over a blue body, 80 × 40 pixels."""
    picture = np.zeros((80, 40, 3), np.uint8)
    picture[:, :, 2] = 60 * (track % 5)
    picture[:16, ::8] = picture[:16, 1::8] = picture[:16, 2::8] = picture[:16, 3::8] = (255, 0, 0)
    picture[:16, 4::8] = picture[:16, 5::8] = picture[:16, 6::8] = picture[:16, 7::8] = (0, 255, 0)
    cv2.circle(picture, (20, 50), 8, (255, 255, 255), -1)
    return picture

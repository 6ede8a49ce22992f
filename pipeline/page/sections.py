"""The sections of the page on cameras, warnings, plots and settings."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from pipeline.matching.config import Chosen
from pipeline.results.records import FinishedRun
from pipeline.results.run_record import CameraRecord, RunRecord, as_json

PLOTS = {
    "flow.png": "Passages from camera to camera: number and median time (at once: both cameras saw the object together)",
    "offsets.png": "Estimated clock offsets between the cameras",
    "calibration.png": "Scores of pairs of different objects (seen together) and of the same object (halves of a tracklet)",
    "transitions.png": "Travel times from camera to camera",
}
"""Captions of the plots in a run folder."""
PNG = b"\x89PNG\r\n\x1a\n"
"""First bytes of a PNG file."""
_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")


@dataclass(frozen=True)
class CameraLine:
    """A row of the table of cameras, as text and counts."""

    name: str
    recording: str
    picture: str
    clock: str
    tracklets: int
    left_out: int
    """Number of tracklets without identity."""
    identities: int
    shared: int
    """Number of identities that another camera saw as well."""
    notes: tuple[str, ...]


def camera_lines(run: FinishedRun) -> list[CameraLine]:
    """Return the row of each camera."""
    cameras_of = {identity.number: identity.cameras for identity in run.identities}
    lines = []
    for name in run.cameras:
        camera = run.record.cameras[name]
        more = len(camera.files) - 1
        tracklets = [tracklet for tracklet in run.tracklets if tracklet.camera == name]
        identities = {tracklet.identity for tracklet in tracklets if tracklet.identity is not None}
        lines.append(
            CameraLine(
                name=name,
                recording=PurePath(camera.files[0]).name + (f" and {more} more" if more else ""),
                picture=_picture(camera),
                clock=_clock(camera),
                tracklets=len(tracklets),
                left_out=sum(tracklet.identity is None for tracklet in tracklets),
                identities=len(identities),
                shared=sum(len(cameras_of[identity]) > 1 for identity in identities),
                notes=tuple(without_folders(note, run.record) for note in _notes(camera)),
            )
        )
    return lines


def _picture(camera: CameraRecord) -> str:
    report = camera.report
    if report is None:
        return "not read"
    rate = f"{report.fps:g} frames a second" if report.fps else "unknown rate"
    return f"{report.width} × {report.height}, {rate}, {report.frames_decoded} frames"


def _clock(camera: CameraRecord) -> str:
    if not camera.offset_known:
        return "unknown, 0 s assumed"
    return f"{camera.offset_s:+g} s" if camera.offset_s else "0 s"


def _notes(camera: CameraRecord) -> Iterator[str]:
    if camera.failed:
        yield f"left out: {camera.failed}"
    if camera.report is not None:
        if camera.report.truncated:
            yield "the recording is truncated or damaged"
        yield from camera.report.notes


def shared_identities(run: FinishedRun) -> list[list[int]]:
    """Return the (cameras, cameras) number of identities that both cameras saw."""
    counts = Counter(
        (a, b) for identity in run.identities for a in identity.cameras for b in identity.cameras
    )
    return [[counts[a, b] for b in run.cameras] for a in run.cameras]


def list_warnings(record: RunRecord) -> list[str]:
    """Return the warnings of a run, then the expected errors of its links; files are named without their folders."""
    expectations = [
        f"{classes}: {sentence}"
        for classes, calibration in record.calibration.items()
        for sentence in calibration.sentences
    ]
    return [without_folders(text, record) for text in (*record.warnings, *expectations)]


def settings_groups(record: RunRecord) -> dict[str, list[tuple[str, str]]]:
    """Return the settings of a run as names and values, in groups; files are named without their folders."""
    groups: dict[str, Any] = {
        "Run": {
            "started": record.started,
            "finished": record.finished,
            "device": record.device,
            "seed": record.seed,
        },
        **{
            f"Matching {classes}": as_json(config)
            | {"threshold": _chosen(config.threshold)}
            | {"stitch_threshold": _chosen(config.stitch_threshold)}
            for classes, config in record.matching.items()
        },
        "Detector": as_json(record.weights.detector),
        "Networks": as_json(record.weights.network),
        "Detection and tracking": as_json(record.settings.tracking),
        "Embedding": as_json(record.settings.embedding),
        "Declared transitions between cameras": {
            str(number): as_json(transition) for number, transition in enumerate(record.given.transitions, 1)
        },
        "Corrections": as_json(record.corrections),
        "Seconds taken": record.seconds,
        "Versions": record.versions,
    }
    rows = {
        title: [(name, without_folders(value, record)) for name, value in _flatten(group)]
        for title, group in groups.items()
    }
    return {title: values for title, values in rows.items() if values}


def _chosen(threshold: Chosen) -> str:
    return f"{threshold.value:.4g} ({threshold.by})"


def _flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and values of nested settings; unset values are left out."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(item, f"{name}, {key}" if name else str(key))
    elif value not in (None, (), [], ""):
        yield name.replace("_", " "), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value))
    return _HASH.sub(r"\1…", str(value))


def without_folders(text: str, record: RunRecord) -> str:
    """Remove the folders from the names of a run's files in a text, because folders may hold people's names."""
    files = [
        path for camera in record.cameras.values() for path in (*camera.files, camera.detections) if path
    ]
    files += [network.file for network in record.weights.network.values() if network.file]
    if record.weights.detector:
        files.append(record.weights.detector.file)
    if record.corrections:
        files.append(record.corrections.file)
    config = record.given.config
    files += [str(path) for path in (config.calibration, config.corrections, config.transitions) if path]
    for path in sorted(set(files), key=len, reverse=True):
        text = text.replace(path, PurePath(path).name)
    return text


def plots(run: Path) -> list[tuple[str, str]]:
    """Return the plots of a run folder, as captions and data URLs."""
    images = []
    for name, caption in PLOTS.items():
        path = run / name
        content = path.read_bytes() if path.is_file() else b""
        if content.startswith(PNG):
            images.append((caption, f"data:image/png;base64,{base64.b64encode(content).decode()}"))
    return images

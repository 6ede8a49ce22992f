"""What a report tells beside who is who: its cameras, and how the run was made."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from pipeline.page.document import Findings

PLOTS = {
    "flow.png": "From which camera to which they went: how many, and the median time between the two sightings",
    "offsets.png": "How the clocks of the cameras were told from each other",
    "calibration.png": "Scores of pairs that are surely two (seen side by side) and surely one (halves of one tracklet)",
    "transitions.png": "How long it takes from one camera to another",
}
"""Pictures that other commands leave in the run folder."""
LEFT_OUT = ("rejected_short", "rejected_quality", "ignored")
_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class CameraLine:
    """A camera's statistics, as text."""

    name: str
    recording: str
    picture: str
    clock: str
    tracklets: int
    left_out: int
    identities: int
    shared: int
    """Identities that another camera saw, too."""
    notes: tuple[str, ...]


def camera_lines(findings: Findings, record: Mapping[str, Any]) -> list[CameraLine]:
    """Count what each camera saw."""
    seen = {name: [one for one in findings.tracklets if one.camera == name] for name in findings.cameras}
    cameras_of: dict[int, set[str]] = {}
    for one in findings.tracklets:
        if one.identity is not None:
            cameras_of.setdefault(one.identity, set()).add(one.camera)
    lines = []
    for name, own in seen.items():
        known = record["cameras"].get(name, {})
        identities = {one.identity for one in own if one.identity is not None}
        lines.append(
            CameraLine(
                name,
                PurePath(str(known.get("file", ""))).name,
                _picture(known),
                _clock(known),
                tracklets=len(own),
                left_out=sum(one.identity is None for one in own),
                identities=len(identities),
                shared=sum(len(cameras_of[identity]) > 1 for identity in identities),
                notes=tuple(without_folders(note, record) for note in _notes(known)),
            )
        )
    return lines


def _picture(known: Mapping[str, Any]) -> str:
    if known.get("width") is None:
        return "not read"
    rate = f"{known['fps']:g} frames a second" if known.get("fps") else "unknown rate"
    return f"{known['width']} × {known['height']}, {rate}, {known.get('frames_decoded', 0)} frames"


def _clock(known: Mapping[str, Any]) -> str:
    if not known.get("offset_known", True):
        return "unknown, counts as 0 s"
    offset = known.get("offset_s") or 0
    return f"{offset:+g} s" if offset else "0 s"


def _notes(known: Mapping[str, Any]) -> Iterator[str]:
    if known.get("failed"):
        yield f"left out: {known['failed']}"
    if known.get("truncated"):
        yield "the recording is truncated or damaged"
    yield from known.get("notes", ())


def flow(findings: Findings) -> list[list[int]]:
    """Count the identities that each two cameras saw both; (cameras, cameras)."""
    seen: dict[int, set[str]] = {}
    for one in findings.tracklets:
        if one.identity is not None:
            seen.setdefault(one.identity, set()).add(one.camera)
    pairs = Counter((a, b) for cameras in seen.values() for a in cameras for b in cameras)
    return [[pairs[a, b] for b in findings.cameras] for a in findings.cameras]


def cautions(record: Mapping[str, Any]) -> list[str]:
    """List the run's warnings, then what is to be expected of its links; of files only their names.

    >>> cautions({"warnings": ["careful"], "calibration": {"people": {"sentences": ["2 are false"]}}})
    ['careful', 'people: 2 are false']
    """
    told, calibration = record.get("warnings"), record.get("calibration")
    expected = [
        f"{classes}: {sentence}"
        for classes, own in (calibration.items() if isinstance(calibration, Mapping) else ())
        if isinstance(own, Mapping)
        for sentence in own.get("sentences") or ()
    ]
    warnings = told if isinstance(told, list) else []
    return [without_folders(str(said), record) for said in (*warnings, *expected)]


def settings(record: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """List how the run was made, as names and values in groups; of files only their names."""
    own, weights = record.get("settings", {}), record.get("weights", {})
    groups: dict[str, Any] = {
        "Run": {name: record[name] for name in ("started", "finished", "device", "seed") if name in record},
        **{
            f"Matching {classes}": {name: _chosen(value) for name, value in values.items()}
            for classes, values in record.get("matching", {}).items()
        },
        "Detector": weights.get("detector") or {},
        "Networks": weights.get("network") or {},
        "Detecting and following": own.get("tracking", {}),
        "Embedding": own.get("embedding", {}),
        "Declared ways between cameras": {
            str(n): way for n, way in enumerate(record.get("transitions", []), 1)
        },
        "Corrections": record.get("corrections") or {},
        "Seconds taken": record.get("seconds", {}),
        "Versions": record.get("versions", {}),
    }
    flat = {
        title: [(name, without_folders(value, record)) for name, value in _flat(group)]
        for title, group in groups.items()
    }
    return {title: rows for title, rows in flat.items() if rows}


def _chosen(setting: Any) -> Any:
    if isinstance(setting, Mapping) and {"value", "chosen"} <= setting.keys():
        return f"{_text(setting['value'])} ({setting['chosen']})"
    return setting


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Spell out nested settings, leaving out what is not set."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}, {key}" if name else str(key))
    elif value not in (None, [], ""):
        yield name.replace("_", " "), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text, value))
    return _HASH.sub(r"\1…", str(value))


def without_folders(text: str, record: Mapping[str, Any]) -> str:
    """Take the folders from the names of a run's files in a text: they may hold people's names."""
    for path in sorted(set(_paths(record)), key=len, reverse=True):
        text = text.replace(path, PurePath(path).name)
    return text


def _paths(value: Any, name: str = "") -> Iterator[str]:
    """List all files that a record names."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, key)
    elif isinstance(value, str) and name in ("file", "detections") and value:
        yield value


def plots(run: Path) -> list[tuple[str, str]]:
    """Read the plots that are there, as captions and data addresses."""
    found = []
    for name, caption in PLOTS.items():
        path = run / name
        content = path.read_bytes() if path.is_file() else b""
        if content.startswith(PNG):
            found.append((caption, f"data:image/png;base64,{base64.b64encode(content).decode()}"))
    return found

"""Whether a folder may resume a run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

from pipeline.errors import RunError
from pipeline.folder.store import RunFolder, read_json
from pipeline.footage.cameras import Camera
from pipeline.footage.fingerprint import fingerprint
from reid.weights import sha256

KEPT_IN = {"parts": "parts", "tracking": "parts", "embedding": "embeddings"}
"""Groups of settings, and the folder whose content depends on them: while it is not there, they may change."""
MEANING = 1
"""Counts up when boxes, tracks, crops or embeddings come to mean something else."""
Settings = dict[str, Any]


def _camera(camera: Camera, before: Settings, *, cut: bool) -> Settings:
    """Fingerprint what is read of a camera; files that are gone count as those that were there `before`."""
    boxes = camera.detections and (fingerprint(camera.detections) or before.get("detections"))
    return {
        "footage": fingerprint(camera.path) or before.get("footage"),
        "detections": boxes,
        "ignore": [[list(corner) for corner in polygon] for polygon in camera.ignore],
        "offset": camera.offset if cut else None,  # decides where start and end cut the file
    }


def _digest(weights: Path) -> str:
    """SHA-256 of a weights file, or of those in a folder of weights."""
    if weights.is_file():
        return sha256(weights)
    files = sorted(path for path in weights.rglob("*") if path.is_file())
    return hashlib.sha256("".join(map(sha256, files)).encode()).hexdigest()


def check_settings(run: RunFolder, settings: Settings) -> None:
    """Refuse a folder that was made from other inputs or with other settings.

    Raises:
        RunError: naming the first difference.
    """
    before = settings_before(run)
    if before is None:
        return
    made = {stage: before[stage] for stage, folder in KEPT_IN.items() if (run.path / folder).exists()}
    found = _cameras_differ(run, before["cameras"], settings["cameras"]) or _differ(made, settings)
    if found:
        raise RunError(
            f"{run.path}: was made with {found}; choose another folder with --out, or --overwrite it"
        )


def settings_before(run: RunFolder) -> Settings | None:
    """Read what a folder was made with, None for a new one.

    Raises:
        RunError: if its record is damaged.
    """
    if not run.record.exists():
        if (run.path / "parts").exists():
            raise RunError(
                f"{run.path}: has parts of an unknown run (no run.json); use --overwrite or another --out"
            )
        return None
    settings = read_json(run.record).get("settings")
    stages = (
        [settings.get(stage) for stage in ("cameras", *KEPT_IN)] if isinstance(settings, dict) else [None]
    )
    cameras = stages[0].values() if isinstance(stages[0], dict) else [None]
    if not all(isinstance(table, dict) and table for table in (*stages, *cameras)):
        raise RunError(f"{run.record}: is damaged (no settings); run again with --overwrite")
    return cast(Settings, settings)


def _cameras_differ(run: RunFolder, before: Settings, now: Settings) -> str | None:
    if set(before) != set(now):
        return f"the cameras {', '.join(sorted(before))}, not {', '.join(sorted(now))}"
    for name, old in before.items():
        own = run.camera(name)
        if own.count() == 0 and not own.report.exists():
            continue  # nothing was made of it: it may be mended
        for key, value in now[name].items():
            if key == "offset" and None in (value, old.get(key)):
                continue  # start or end differ, which are named themselves
            if value != old.get(key):
                return f"{key} of camera {name!r} that differ"
    return None


def _differ(before: Settings, now: Settings) -> str | None:
    for stage, settings in before.items():
        for key, value in now[stage].items():
            if value != settings.get(key):
                return f"{stage} {key} {_short(settings.get(key))}, not {_short(value)}"
    return None


def _short(value: object) -> str:
    text = "none" if value in (None, []) else str(value)
    return text if len(text) <= 32 else f"{text[:20]}…"

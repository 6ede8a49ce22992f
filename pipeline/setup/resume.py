"""Whether a folder may resume a run: the settings with which it was begun, compared with those of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from pipeline.errors import RunError
from pipeline.folder.store import RunFolder
from pipeline.results.run_record import CameraSettings, Settings, read_settings

STORED = {"tracking": "parts", "embedding": "embeddings"}
"""Groups of settings and the folder whose content depends on them; without the folder they may change."""


def previous_settings(run: RunFolder) -> Settings | None:
    """Return the settings with which a folder was begun, None for a new one; raise `RunError` if they are damaged."""
    settings = read_settings(run.path)
    if settings is None and (run.path / "parts").exists():
        raise RunError(
            f"{run.path}: holds parts of a run without its run.json; use --overwrite or another --out"
        )
    return settings


def check_settings(run: RunFolder, previous: Settings | None, settings: Settings) -> None:
    """Raise a `RunError` that names the first difference if a folder was begun with other inputs or settings."""
    if previous is None:
        return
    difference = _cameras_difference(run, previous.cameras, settings.cameras)
    if difference is None and (run.path / "parts").exists() and previous.meaning != settings.meaning:
        difference = "another version of this program"
    for group, folder in STORED.items():
        if difference is None and (run.path / folder).exists():
            difference = _settings_difference(group, getattr(previous, group), getattr(settings, group))
    if difference:
        raise RunError(
            f"{run.path}: was begun with {difference}; choose another folder with --out, or use --overwrite"
        )


def _cameras_difference(
    run: RunFolder, previous: Mapping[str, CameraSettings], settings: Mapping[str, CameraSettings]
) -> str | None:
    if set(previous) != set(settings):
        return f"the cameras {', '.join(sorted(previous))}, not {', '.join(sorted(settings))}"
    for name, old in previous.items():
        parts, new = run.camera(name), settings[name]
        if parts.count() == 0 and not parts.report.exists():
            continue  # nothing is stored of this camera, so its recording may be replaced
        for key in ("footage", "detections", "ignore", "timing", "detections_fps", "detections_size"):
            if getattr(old, key) != getattr(new, key):
                return f"other {key} of camera {name!r}"
        if None not in (old.offset, new.offset) and old.offset != new.offset:
            return f"another offset of camera {name!r}"
    return None


def _settings_difference(group: str, previous: object, settings: object) -> str | None:
    for field in fields(previous):  # type: ignore[arg-type]  # both are dataclasses
        old, new = getattr(previous, field.name), getattr(settings, field.name)
        if old != new:
            return f"{group} {field.name} {_shorten(old)}, not {_shorten(new)}"
    return None


def _shorten(value: object) -> str:
    text = "none" if value in (None, ()) else str(value)
    return text if len(text) <= 32 else f"{text[:20]}…"

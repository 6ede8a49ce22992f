"""What a run was given, written down so that the same can be given again when its footage is gone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.errors import RunError
from pipeline.footage.cameras import Camera, CameraSet, Transition
from pipeline.matching.config import MatchingConfig
from pipeline.tracking.config import TrackingConfig

CAMERA = ("name", "path", "offset", "offset_known", "ignore", "detections")
"""What is written down of a camera."""


def given(cameras: CameraSet, config: RunConfig) -> dict[str, Any]:
    """Write down cameras and settings as JSON knows them; files by their whole paths."""
    return {
        "cameras": [{name: _plain(getattr(camera, name)) for name in CAMERA} for camera in cameras.cameras],
        "transitions": [_plain(asdict(transition)) for transition in cameras.transitions],
        "config": _plain(asdict(config)),
    }


def given_again(folder: Path, record: Mapping[str, Any]) -> tuple[CameraSet, RunConfig]:
    """Understand what `given` wrote.

    Args:
        folder: of the run, for what is said of it.
        record: its run.json.

    Raises:
        RunError: it was not written, or is damaged.
    """
    try:
        told = record["given"]
        cameras = CameraSet(
            tuple(_camera(one) for one in told["cameras"]),
            tuple(_transition(one) for one in told["transitions"]),
        )
        return cameras, _config(told["config"])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{folder}: run.json does not tell how the run was made; give the command of its match once more "
            f"(only matching runs again)"
        ) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, Path):
        return str(value.absolute())
    return None if value == math.inf else value


def _camera(told: Mapping[str, Any]) -> Camera:
    polygons = tuple(tuple((x, y) for x, y in polygon) for polygon in told["ignore"])
    known = {"path": Path(told["path"]), "detections": _path(told["detections"]), "ignore": polygons}
    return Camera(**{**told, **known})


def _transition(told: Mapping[str, Any]) -> Transition:
    a, b = told["cameras"]
    longest = math.inf if told["maximum"] is None else told["maximum"]
    return Transition(**{**told, "cameras": (a, b), "maximum": longest})


def _config(told: Mapping[str, Any]) -> RunConfig:
    tracking, embedding = told["tracking"], told["embedding"]
    travel = told["transitions"]
    files = {name: _path(told[name]) for name in ("calibration", "corrections", "shipped")}
    groups = {
        "tracking": TrackingConfig(**{**tracking, "classes": tuple(tracking["classes"])}),
        "embedding": EmbeddingConfig(**{**embedding, "weights": _path(embedding["weights"])}),
        "matching": MatchingConfig(**told["matching"]),
        "transitions": travel if travel == "run" else _path(travel),
    }
    return RunConfig(**cast("dict[str, Any]", {**told, **files, **groups}))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)

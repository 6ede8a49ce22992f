"""The record of a run, run.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.setup.inputs import Inputs

import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

from pipeline.embedding.networks import ClassNetwork
from pipeline.footage.cameras import Camera, Transition
from pipeline.matching.config import MatchingConfig
from pipeline.matching.corrections import VERDICTS, Corrections
from pipeline.matching.learn import Learnt
from pipeline.results.settings_saved import given
from pipeline.tracking.camera_job import CameraReport
from reid.weights import Weights, sha256

PACKAGES = (
    "torch",
    "torchvision",
    "ultralytics",
    "decord2",
    "av",
    "opencv-python",
    "numpy",
    "scipy",
    "pyarrow",
)
NOTHING: Mapping[str, Learnt] = {}


def describe(inputs: Inputs, state: str, learnt: Mapping[str, Learnt] = NOTHING) -> dict[str, Any]:
    """Write down what is about to be run, for `run.json`; `learnt` is, by network, what it then learnt of itself."""
    return {
        "state": state,
        "command": inputs.command,
        "started": inputs.started,
        "versions": versions(),
        "weights": _weights(inputs),
        "links_trusted": {network.classes: network.trusted for network in inputs.networks},
        "seed": inputs.config.embedding.seed,
        "device": inputs.config.device or "automatic",
        "settings": inputs.settings,
        "given": given(inputs.cameras, inputs.config),
        "matching": {
            network.classes: _matching(inputs, network, learnt.get(network.classes))
            for network in inputs.networks
        },
        "calibration": {name: _calibration(one) for name, one in learnt.items()},
        "transitions": [_transition(transition) for transition in inputs.cameras.transitions],
        "corrections": _corrections(inputs.corrections),
    }


def describe_outcome(
    inputs: Inputs,
    reports: Mapping[str, CameraReport],
    failures: Mapping[str, str],
    *,
    learnt: Mapping[str, Learnt],
    warnings: Sequence[str],
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """Add what became of it: thresholds, cameras, warnings, wall time by stage."""
    return describe(inputs, "failed" if failures else "done", learnt) | {
        "finished": _now(),
        "warnings": list(warnings),
        "cameras": {
            camera.name: _camera_document(camera, reports.get(camera.name), failures.get(camera.name))
            for camera in inputs.cameras.cameras
        },
        "seconds": dict(seconds),
    }


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _matching(inputs: Inputs, network: ClassNetwork, learnt: Learnt | None) -> dict[str, Any]:
    """Every threshold and how it was chosen."""
    defaults, told = asdict(MatchingConfig()), asdict(inputs.matching(network))

    def chosen(name: str, value: object) -> str:
        if value != told[name]:
            return "by labels" if inputs.thresholds else "by the false-match rate"
        origin = network.origin(name, inputs.config.threshold)
        return origin or ("default" if value == defaults[name] else "for this run")

    held = asdict(learnt.config) if learnt else told
    return {name: {"value": value, "chosen": chosen(name, value)} for name, value in held.items()}


def _calibration(learnt: Learnt) -> dict[str, Any]:
    """What is to be expected of the thresholds, and what else was learnt."""
    numbers = asdict(learnt.calibrated.calibration) if learnt.calibrated else {}
    return numbers | {"sentences": list(learnt.sentences)}


def _transition(transition: Transition) -> dict[str, Any]:
    known = asdict(transition)
    return known | {"maximum": None if math.isinf(transition.maximum) else transition.maximum}


def _corrections(corrections: Corrections) -> dict[str, Any] | None:
    """The file that was honoured, and how many rows of each verdict it has."""
    if corrections.path is None:
        return None
    counts = {verdict: sum(row.verdict == verdict for row in corrections.rows) for verdict in VERDICTS}
    return {"file": str(corrections.path), "sha256": sha256(corrections.path)} | counts


def _weights(inputs: Inputs) -> dict[str, Any]:
    detector = inputs.detector
    return {
        "detector": detector
        and {"source": detector.source, "file": str(detector.path), "sha256": inputs.detector_sha256},
        "network": {network.classes: _network(network.weights) for network in inputs.networks},
    }


def _network(weights: Weights) -> dict[str, str | None]:
    return {
        "source": weights.source,
        "file": None if weights.path is None else str(weights.path),
        "sha256": weights.sha256,
        "variant": weights.design.variant,
    }


def _camera_document(camera: Camera, report: CameraReport | None, failure: str | None) -> dict[str, Any]:
    return {
        "file": str(camera.path),
        "detections": camera.detections and str(camera.detections),
        "offset_s": camera.offset,
        "offset_known": camera.offset_known,
        "failed": failure,
        **(asdict(report) if report else {}),
    }


def versions() -> dict[str, str]:
    """Versions of this program, Python and the packages that decide results."""
    found = {"python": platform.python_version()}
    for package in ("reid-pipeline", *PACKAGES):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found

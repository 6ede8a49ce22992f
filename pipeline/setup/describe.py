"""The record of a run, put together from its inputs and its results."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from pipeline.config import OWN_LINKS, RunConfig
from pipeline.embedding.networks import Classes
from pipeline.footage.cameras import CameraSet
from pipeline.matching.corrections import Corrections
from pipeline.matching.learn import Learnt
from pipeline.results.run_record import (
    CalibrationRecord,
    CameraRecord,
    CorrectionsRecord,
    NetworkRecord,
    RunInputs,
    RunRecord,
)
from pipeline.tracking.camera_job import CameraReport
from reid.files import sha256
from reid.weights import Weights

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
"""Packages whose versions decide results."""


def finished_record(
    record: RunRecord,
    cameras: CameraSet,
    reports: Mapping[str, CameraReport],
    failures: Mapping[str, str],
    learnt: Mapping[Classes, Learnt],
    warnings: Sequence[str],
    seconds: Mapping[str, float],
    checksums: Mapping[str, str],
) -> RunRecord:
    """Return the record of a run that is done: with its thresholds, cameras, warnings and times.

    `record` is that of the run's begin; `failures` holds why cameras without a report were left out; `learnt`, what
    the links were made with; `seconds`, the wall time by stage; `checksums`, the SHA-256 of each result file.
    """
    calibration = {}
    for classes, result in learnt.items():
        estimate = result.calibrated.calibration if result.calibrated else None
        sentences = (estimate.sentence, *result.sentences) if estimate else result.sentences
        calibration[classes] = CalibrationRecord(estimate, sentences)
    return replace(
        record,
        state="failed" if failures else "done",
        finished=utc_now(),
        matching=record.matching | {classes: result.config for classes, result in learnt.items()},
        calibration=calibration,
        warnings=tuple(warnings),
        cameras={
            camera.name: CameraRecord(
                files=tuple(map(str, camera.recording.files)),
                detections=None if camera.detections is None else str(camera.detections),
                offset_s=camera.offset,
                offset_known=camera.offset_known,
                failed=failures.get(camera.name),
                report=reports.get(camera.name),
            )
            for camera in cameras.cameras
        },
        seconds=dict(seconds),
        checksums=dict(checksums),
    )


def run_inputs(cameras: CameraSet, config: RunConfig) -> RunInputs:
    """Return cameras and configuration with absolute paths, so that the run can be matched again from any folder."""
    embedding = config.embedding
    absolute = []
    for camera in cameras.cameras:
        detections = camera.detections and camera.detections.absolute()
        files = tuple(path.absolute() for path in camera.recording.files)
        recording = replace(camera.recording, files=files)
        absolute.append(replace(camera, recording=recording, detections=detections))
    return RunInputs(
        cameras=tuple(absolute),
        transitions=cameras.transitions,
        config=replace(
            config,
            embedding=replace(embedding, weights=embedding.weights and embedding.weights.absolute()),
            calibration=config.calibration and config.calibration.absolute(),
            corrections=config.corrections and config.corrections.absolute(),
            shipped=config.shipped and config.shipped.absolute(),
            transitions=config.transitions
            if config.transitions in (None, OWN_LINKS)
            else str(Path(config.transitions).absolute()),
        ),
    )


def describe_network(weights: Weights) -> NetworkRecord:
    """Return the record of a network's weights."""
    return NetworkRecord(
        source=weights.source,
        file=None if weights.path is None else str(weights.path),
        sha256=weights.sha256,
        variant=weights.design.variant,
    )


def describe_corrections(corrections: Corrections) -> CorrectionsRecord | None:
    """Return the record of a corrections file; None without one."""
    if corrections.path is None:
        return None
    verdicts = [row.verdict for row in corrections.rows]
    return CorrectionsRecord(
        file=str(corrections.path),
        sha256=sha256(corrections.path),
        same=verdicts.count("same"),
        different=verdicts.count("different"),
        ignore=verdicts.count("ignore"),
    )


def package_versions() -> dict[str, str]:
    """Return the versions of Python, of this program and of the packages that decide results."""
    versions = {"python": platform.python_version()}
    for package in ("reid-pipeline", *PACKAGES):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


def utc_now() -> str:
    """Return the time in ISO 8601, UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")

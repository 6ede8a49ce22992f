"""The record of a run: what was run on what, and whether a folder may go on with it."""

from __future__ import annotations

import hashlib
import math
import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, cast

from detectors.weights import DetectorWeights
from pipeline import wiring
from pipeline.camera_job import CameraReport
from pipeline.cameras import Camera, CameraSet, Transition
from pipeline.config import RunConfig
from pipeline.corrections import VERDICTS, Corrections, read_corrections, spelt
from pipeline.errors import PipelineError, RunError
from pipeline.export.calibrations import SavedThresholds, read_calibrations, scale_of
from pipeline.export.native import Outcome
from pipeline.given import given
from pipeline.matching.config import MatchingConfig
from pipeline.matching.declared import overruled
from pipeline.matching.gallery import Gallery
from pipeline.matching.learnt import Asked, Learnt
from pipeline.matching.travel import TravelStatistics
from pipeline.matching.travel_files import read_statistics
from pipeline.networks import ClassNetwork
from pipeline.store import RunFolder, read_json
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
SAMPLES = 64
"""Blocks of a recording that go into its fingerprint."""
BLOCK = 1 << 16
KEPT_IN = {"parts": "parts", "tracking": "parts", "embedding": "embeddings"}
"""Groups of settings, and the folder whose content depends on them: while it is not there, they may change."""
MEANING = 1
"""Counts up when boxes, tracks, crops or embeddings come to mean something else."""

Settings = dict[str, Any]
NOTHING: Mapping[str, Learnt] = {}


@dataclass(frozen=True)
class Inputs:
    """All that a run works from, found before anything is done."""

    cameras: CameraSet
    config: RunConfig
    command: str
    started: str
    detector: DetectorWeights | None
    """Detector weights; None where every camera brings its own detections."""
    detector_sha256: str | None
    networks: tuple[ClassNetwork, ...]
    """Each class of object is embedded by one of them."""
    clips: int
    """Most clips a tracklet."""
    corrections: Corrections
    """What the operator knows better."""
    thresholds: Mapping[str, SavedThresholds]
    """What was measured by labels, by what a network embeds."""
    asked: Asked
    """What is to be learnt from the tracklets."""
    before: Settings | None = None
    """What the folder was made with; None for a new one."""

    @classmethod
    def find(
        cls, cameras: CameraSet, config: RunConfig, before: Settings | None, command: Sequence[str]
    ) -> Inputs:
        """Find weights and decide what was left open; `before` is what the folder was made with.

        Raises:
            CorrectionsError: if corrections cannot be understood, contradict each other or name an unknown camera.
            PipelineError: if a file of thresholds or of travel times cannot be understood.
            WeightsError, CheckpointError, ReidError: if weights or the device are not to be had.
        """
        corrections = read_corrections(config.corrections) if config.corrections else Corrections()
        corrections.check_cameras([camera.name for camera in cameras.cameras])
        begun_with = None if before is None else before["tracking"].get("weights")
        detector = wiring.find_detector_weights(cameras, config, begun_with)
        return cls(
            cameras=cameras,
            config=config,
            command=shlex.join(["reid-pipeline", *command]),
            started=_now(),
            detector=detector,
            detector_sha256=_digest(detector.path) if detector else None,
            networks=wiring.find_networks(config),
            clips=config.embedding.clips
            or (before and before["embedding"].get("clips"))
            or wiring.default_clips(config.device),
            corrections=corrections,
            thresholds=read_calibrations(config.calibration) if config.calibration else {},
            asked=Asked(
                config.false_match_rate,
                read_statistics(config.transitions)
                if isinstance(config.transitions, Path)
                else config.transitions,
                config.estimate_offsets,
            ),
            before=before,
        )

    def matching(self, network: ClassNetwork) -> MatchingConfig:
        """Put together how tracklets that this network embedded are linked."""
        return network.matching(self.config.matching, self.config.threshold)

    def calibrated(self, network: ClassNetwork, gallery: Gallery) -> MatchingConfig:
        """Put in the thresholds that were measured by labels, where there are some.

        Raises:
            PipelineError: they were measured on scores of another kind.
        """
        config, own = self.matching(network), self.thresholds.get(network.classes)
        if own is None or not len(gallery):
            return config
        scale = scale_of(gallery, config, network.weights.sha256)
        if own.scale != scale:
            raise PipelineError(
                f"{self.config.calibration}: was measured on other scores ({own.scale}) than this run's "
                f"({scale}); calibrate on a run like this one"
            )
        return replace(config, threshold=own.threshold, stitch_threshold=own.stitch_threshold)

    @cached_property
    def settings(self) -> Settings:
        """All that boxes, tracks and embeddings depend on; matching options are not among it."""
        tracking, embedding = asdict(self.config.tracking), asdict(self.config.embedding)
        key = ", ".join(network.key for network in self.networks)
        cut = self.config.tracking.start is not None or self.config.tracking.end is not None
        known = {} if self.before is None else self.before["cameras"]
        return {
            "parts": {"meaning": MEANING},
            "cameras": {
                camera.name: _camera(camera, known.get(camera.name, {}), cut=cut)
                for camera in self.cameras.cameras
            },
            "tracking": tracking | {"weights": self.detector_sha256, "classes": list(tracking["classes"])},
            "embedding": embedding | {"weights": key, "clips": self.clips},
        }


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


def fingerprint(path: Path) -> str | None:
    """Tell a recording from any other without reading all of it: SHA-256 of its size and 64 spread blocks.

    None for a file that cannot be read.
    """
    digest = hashlib.sha256()
    if not path.is_file():  # a pipe would wait for ever
        return None
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            digest.update(str(size).encode())
            for index in range(SAMPLES):
                file.seek(max(size - BLOCK, 0) * index // (SAMPLES - 1))
                digest.update(file.read(BLOCK))
    except OSError:
        return None
    return digest.hexdigest()


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


def warnings_before(inputs: Inputs) -> list[str]:
    """List what must be known before the work begins."""
    found = [
        f"DO NOT TRUST THE LINKS: {network.note}"
        for network in inputs.networks
        if network.classes == "everything" and not network.trusted
    ]
    given = inputs.config.threshold
    chosen = (given, inputs.config.false_match_rate, inputs.config.calibration)
    for network in inputs.networks:
        if (
            network.trusted
            and network.weights.threshold is None
            and not any(one is not None for one in chosen)
        ):
            found.append(
                f"{network.classes}: the weights tell no threshold, and {inputs.config.matching.threshold:.3f} was not "
                "measured for them; give --threshold, --false-match-rate or --calibration"
            )
        own = network.weights.threshold if network.trusted else None
        if given is not None and own is not None and given < own:
            found.append(
                f"{network.classes}: the threshold {given:.3f} is below their network's own {own:.3f}: expect more false "
                "links"
            )
    if inputs.detector and inputs.detector.note:
        found.append(inputs.detector.note)
    cameras = inputs.cameras.cameras
    if isinstance(inputs.asked.travel, TravelStatistics):
        ways = inputs.asked.travel.gaps
        strange = sorted({name for _, *both in ways for name in both} - {camera.name for camera in cameras})
        if strange or not ways:
            names = (
                f"names {', '.join(strange)}, none of this run's cameras"
                if strange
                else "holds no travel times"
            )
            found.append(f"{inputs.config.transitions} {names}")
    unknown = [camera.name for camera in cameras if not camera.offset_known]
    if len(cameras) > 1 and unknown:
        found.append(f"clock offsets are unknown and count as 0: {', '.join(unknown)}")
    return found


def warnings_after(
    inputs: Inputs,
    reports: Mapping[str, CameraReport],
    failures: Mapping[str, str],
    outcomes: Sequence[Outcome],
) -> list[str]:
    """List what became of the inputs that a reader of the results must know."""
    found = [f"{name} was left out: {why}" for name, why in failures.items()]
    matched = {one.tracklet.kind for one in outcomes if one.identity is not None}
    for network in inputs.networks:  # of a class that may not be there; of everything it was said before
        if not network.trusted and network.classes != "everything" and any(map(network.embeds, matched)):
            found.append(f"DO NOT TRUST THE LINKS OF {network.classes.upper()}: {network.note}")
        if (
            inputs.thresholds
            and network.classes not in inputs.thresholds
            and any(map(network.embeds, matched))
        ):
            found.append(
                f"{inputs.config.calibration} has no thresholds of {network.classes}; theirs are as without it"
            )
    for name, report in reports.items():
        if report.truncated:
            counts = f"{report.frames_decoded} frames of it were read"
            found.append(f"{name}: the recording is truncated or damaged; {counts}")
        found += [f"{name}: {note}" for note in report.notes]
        own = [one for one in outcomes if one.tracklet.camera == name and one.status != "ignored"]
        short = sum(one.clips == 0 for one in own)
        if 2 * short > len(own):
            found.append(f"{name}: {short} of {len(own)} tracklets are too short or too small to be matched")
    tracklets = [one.tracklet for one in outcomes]
    same = inputs.corrections.same
    for a, b, rule in overruled(tracklets, inputs.cameras, inputs.config.matching, same):
        found.append(
            f"{spelt(a)} and {spelt(b)} are one identity as you said, against a rule: {rule.sentence}"
        )
    return found

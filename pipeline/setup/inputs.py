"""The record of a run: what was run on what, and whether a folder may go on with it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from detectors.weights import DetectorWeights
from pipeline.config import RunConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.errors import PipelineError
from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.corrections import Corrections, read_corrections
from pipeline.matching.learn import Asked
from pipeline.matching.pairs.gallery import Gallery
from pipeline.results.run_record import _now
from pipeline.results.thresholds_file import SavedThresholds, read_calibrations, scale_of
from pipeline.results.travel_file import read_statistics
from pipeline.setup import build as wiring
from pipeline.setup.resume import MEANING, Settings, _camera, _digest


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

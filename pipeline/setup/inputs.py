"""The inputs of a run, found and checked before any work is done."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Literal

from pipeline.config import OWN_LINKS, RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.folder.store import RunFolder
from pipeline.footage.caller_frames import CamerasArgument, build_camera_set
from pipeline.footage.cameras import CameraSet
from pipeline.footage.fingerprint import files_sha256, fingerprint
from pipeline.identify import NetworkMatching
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.corrections import NAME, Corrections, read_corrections
from pipeline.matching.learn import Asked
from pipeline.matching.travel.travel_times import TravelStatistics
from pipeline.protocols import StartProgress
from pipeline.results.run_record import (
    CameraSettings,
    DetectorRecord,
    EmbeddingSettings,
    RunRecord,
    Settings,
    WeightsRecord,
    write_record,
)
from pipeline.results.thresholds_file import read_thresholds
from pipeline.results.travel_file import read_statistics
from pipeline.setup import resume
from pipeline.setup.build import Parts, default_clips, find_detector_weights, find_networks
from pipeline.setup.describe import (
    describe_corrections,
    describe_network,
    package_versions,
    run_inputs,
    utc_now,
)
from pipeline.setup.run_warnings import list_input_warnings
from reid.files import real_path

MEANING = 2
"""Version of the stored boxes, tracks, crops and embeddings: raised when one of them changes its meaning."""


@dataclass(frozen=True)
class Inputs:
    """Everything that a run works from."""

    cameras: CameraSet
    config: RunConfig
    parts: Parts
    """The detectors and networks, built on first use."""
    networks: tuple[NetworkMatching, ...]
    """Each class of object is embedded and matched by one of them."""
    embedding: EmbeddingConfig
    """As in `config`, with the maximum number of clips decided."""
    corrections: Corrections
    learning: Asked
    """What is to be learnt from the tracklets."""
    record: RunRecord
    """The record of the run, in the state "running"."""
    warnings: tuple[str, ...]
    """What a user should know before the run begins."""


def prepare(
    cameras: CamerasArgument,
    config: RunConfig,
    run: RunFolder,
    overwrite: bool,
    command: Sequence[str],
    start_progress: StartProgress,
) -> Inputs:
    """Find the inputs of a run, and prepare its folder: cleared, begun, or checked for resuming.

    The arguments are those of `pipeline.run.match`.

    Raises:
        CamerasError, CorrectionsError: the cameras or the corrections contradict themselves.
        PipelineError: a file of thresholds or travel times cannot be read, or the folder was begun with other inputs.
        DetectorError, ReidError: weights or a device cannot be used.
    """
    known = build_camera_set(cameras, run, overwrite=overwrite)
    previous = None if overwrite else resume.previous_settings(run)
    config, unused = _choose_corrections(run, config, resumes=previous is not None)
    if previous is None:  # a run that resumes may no longer need its files
        known.check_files()
    inputs = _find(known, config, previous, command, start_progress)
    if overwrite:
        if run.record.exists():
            inputs.parts.build_all(known, tuple(matching.network for matching in inputs.networks))
        run.clear(keep=[path for camera in known.cameras for path in camera.recording.files])
    else:
        resume.check_settings(run, previous, inputs.record.settings)
        if (
            inputs.config.embedding.weights is not None
        ):  # what cannot be used is found before hours of tracking
            inputs.parts.network(inputs.networks[0].network.weights)
    if previous != inputs.record.settings:  # otherwise the finished record stays until there are new results
        write_record(run.path, inputs.record)
    if unused is None:
        return inputs
    note = set_aside_corrections(unused, resumes=previous is not None)
    return replace(inputs, warnings=(note, *inputs.warnings))


def _find(
    cameras: CameraSet,
    config: RunConfig,
    previous: Settings | None,
    command: Sequence[str],
    start_progress: StartProgress,
) -> Inputs:
    """Find weights, corrections and statistics, and choose what the configuration leaves open."""
    corrections = read_corrections(config.corrections) if config.corrections else Corrections()
    corrections.check_cameras([camera.name for camera in cameras.cameras])
    previous_detector = previous.tracking.weights if previous else None
    detector = find_detector_weights(cameras, config, previous_detector, start_progress)
    networks = find_networks(config)
    clips = config.embedding.clips or (previous and previous.embedding.clips) or default_clips(config.device)
    measured = read_thresholds(config.calibration) if config.calibration else {}
    matchings = []
    for network in networks:
        matching = matching_config(network, config.matching, config.threshold)
        matchings.append(NetworkMatching(network, matching, measured.get(network.classes)))
    travel: TravelStatistics | Literal["run"] | None = None
    if config.transitions == OWN_LINKS:
        travel = OWN_LINKS
    elif config.transitions is not None:
        travel = read_statistics(Path(config.transitions))
    digest = files_sha256(detector.path) if detector else None
    settings = _settings(cameras, config, digest, networks, clips, previous)
    weights = WeightsRecord(
        DetectorRecord(detector.source, str(detector.path), str(digest)) if detector else None,
        {network.classes: describe_network(network.weights) for network in networks},
    )
    return Inputs(
        cameras=cameras,
        config=config,
        parts=Parts(config, detector, [camera.name for camera in cameras.cameras]),
        networks=tuple(matchings),
        embedding=replace(config.embedding, clips=clips),
        corrections=corrections,
        learning=Asked(config.false_match_rate, travel, config.estimate_offsets),
        record=RunRecord(
            state="running",
            command=shlex.join(["reid-pipeline", *command]),
            started=utc_now(),
            versions=package_versions(),
            weights=weights,
            links_trusted={network.classes: network.trusted for network in networks},
            seed=config.embedding.seed,
            device=config.device or "automatic",
            settings=settings,
            given=run_inputs(cameras, config),
            matching={entry.network.classes: entry.config for entry in matchings},
            corrections=describe_corrections(corrections),
        ),
        warnings=tuple(list_input_warnings(config, cameras, networks, detector, travel, settings)),
    )


def matching_config(network: ClassNetwork, config: MatchingConfig, threshold: float | None) -> MatchingConfig:
    """Return how the tracklets that a network embedded are matched.

    The user's threshold comes first, then the network's own, then that of `config`. A network that is not trusted uses
    the statistics of the run, and none of its own thresholds.

    `threshold` is the user's threshold between cameras; the threshold within a camera never falls below it.
    """
    between, within = config.threshold, config.stitch_threshold
    if network.trusted and network.weights.threshold is not None:
        between = Chosen(network.weights.threshold, "network")
    if network.trusted and network.weights.stitch_threshold is not None:
        within = Chosen(network.weights.stitch_threshold, "network")
    if threshold is not None:
        between = Chosen(threshold, "user")
    return replace(
        config,
        threshold=between,
        stitch_threshold=within if within.value >= between.value else between,
        statistics=config.statistics if network.trusted else "run",
    )


def _settings(
    cameras: CameraSet,
    config: RunConfig,
    detector: str | None,
    networks: Sequence[ClassNetwork],
    clips: int,
    previous: Settings | None,
) -> Settings:
    """Return everything that stored boxes, tracks and embeddings depend on.

    A recording that is gone keeps its previous fingerprint: a run can resume without its footage.
    """
    tracking, embedding = config.tracking, config.embedding
    is_cut = tracking.start is not None or tracking.end is not None
    known: dict[str, CameraSettings] = {}
    for camera in cameras.cameras:
        old = previous.cameras.get(camera.name) if previous else None
        footage, detections = fingerprint(camera.recording.files), None
        if camera.detections is not None:
            detections = fingerprint([camera.detections]) or (old.detections if old else None)
        known[camera.name] = CameraSettings(
            footage=footage or (old.footage if old else None),
            detections=detections,
            ignore=camera.ignore,
            timing=camera.recording.timing,
            detections_fps=camera.detections_fps,
            detections_size=camera.detections_size,
            offset=camera.offset if is_cut else None,  # then it decides which frames are read
        )
    return Settings(
        meaning=MEANING,
        cameras=known,
        tracking=replace(tracking, weights=detector),
        embedding=EmbeddingSettings(
            networks=", ".join(network.key for network in networks),
            clips=clips,
            clip_length=embedding.clip_length,
            min_boxes=embedding.min_boxes,
            min_area=embedding.min_area,
            seed=embedding.seed,
        ),
    )


def _choose_corrections(run: RunFolder, config: RunConfig, *, resumes: bool) -> tuple[RunConfig, Path | None]:
    """Decide whether the corrections in the run folder, which a review of the run wrote, are used.

    A run that resumes uses them unless it is given others.

    Returns:
        The configuration with the corrections to use, and the file in the folder if it is not used.
    """
    path = run.path / NAME
    if not path.is_file() or (config.corrections and real_path(config.corrections) == real_path(path)):
        return config, None
    if resumes and config.corrections is None:
        return replace(config, corrections=path), None
    return config, path


def set_aside_corrections(path: Path, *, resumes: bool) -> str:
    """Return the warning about corrections that are not used; those of an earlier run are renamed.

    Otherwise the next resume of the new run would use corrections of an earlier run's tracklets.
    """
    if resumes:
        return f"{path} is not used. To use it, add its rows to the file given with --corrections."
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(1))
    renamed = next(candidate for candidate in numbered if not candidate.exists())
    path.rename(renamed)
    return f"{path} is not used: it corrects an earlier run. It was renamed to {renamed.name}."

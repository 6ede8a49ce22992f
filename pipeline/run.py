"""The job on one screen: cameras to tracklets to embeddings to identities to files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from detectors.errors import DetectionsError
from pipeline import parts
from pipeline.camera_job import CameraReport, finished, track_camera
from pipeline.cameras import CameraSet
from pipeline.clock import Clock
from pipeline.config import RunConfig
from pipeline.embedding import Embedded, embed_tracklets, rejected
from pipeline.errors import FootageError
from pipeline.export.native import Outcome, write_matches, write_tracklets, write_tracks
from pipeline.matching.gallery import Gallery, build_gallery
from pipeline.matching.match import Matching
from pipeline.matching.match import match as match_gallery
from pipeline.protocols import Begin, Detector
from pipeline.record import Inputs, check_settings, describe, describe_outcome, warnings_of
from pipeline.store import RunFolder, open_run, write_json
from pipeline.tracks import Followed, collect


@dataclass(frozen=True)
class RunResult:
    """What a run found."""

    folder: Path
    reports: dict[str, CameraReport]
    """What was read of each camera that could be read."""
    failures: dict[str, str]
    """Why each other camera was left out, in a sentence."""
    outcomes: tuple[Outcome, ...]
    """Every tracklet and what became of it, by camera and track."""
    warnings: tuple[str, ...]
    """What a reader of the results must know."""


def match(
    cameras: CameraSet,
    config: RunConfig,
    folder: Path,
    *,
    overwrite: bool = False,
    command: Sequence[str] = (),
    begin: Begin,
) -> RunResult:
    """Find which tracklet of one camera is which of another, and write it all down.

    Work that the folder already holds is not done again: a run killed at any moment goes on where its
    last part was committed, and ends in the same bytes.

    Args:
        cameras: the recordings.
        config: what to do with them.
        folder: the run folder; made, or gone on with.
        overwrite: delete what an earlier run wrote there and begin anew.
        command: what the operator typed, for the record.
        begin: shows progress.

    Raises:
        PipelineError, DetectorError, ReidError: with what was wrong, where, and what to do. A camera
            that fails by itself is left out instead, and named in the result.
    """
    with open_run(folder) as run:
        if overwrite:
            run.clear()
        inputs = Inputs.find(cameras, config, run, command)
        check_settings(run, inputs.settings)
        write_json(run.record, describe(inputs, "running"))
        clock = Clock()
        reports, failures = _track(run, inputs, begin)
        followed = [one for name in reports for one in collect(cameras[name], run.camera(name))]
        with clock.stage("embed"):
            embedded = _embed(run, followed, inputs, begin)
        with clock.stage("match"):
            gallery = _gallery(followed, embedded, config)
            matching = match_gallery(gallery, cameras, config.matching)
        with clock.stage("write"):
            outcomes = _write(run, followed, embedded, gallery, matching, config)
        warnings = warnings_of(inputs, reports, failures)
        outcome = describe_outcome(inputs, reports, failures, warnings=warnings, seconds=clock.seconds)
        write_json(run.record, outcome)
    return RunResult(folder, reports, failures, outcomes, tuple(warnings))


def _track(run: RunFolder, inputs: Inputs, begin: Begin) -> tuple[dict[str, CameraReport], dict[str, str]]:
    """Do what is left to do of each camera; those that fail are named, and the others go on."""
    reports: dict[str, CameraReport] = {}
    failures: dict[str, str] = {}

    @cache
    def yolo() -> Detector:
        assert inputs.detector is not None
        return parts.build_yolo(inputs.detector, inputs.config)

    for camera in inputs.cameras.cameras:
        own = run.camera(camera.name)
        try:
            reports[camera.name] = finished(own) or track_camera(
                camera,
                inputs.config.tracking,
                parts=own,
                detector=parts.build_recorded(camera) if camera.detections else yolo(),
                tracker=parts.build_tracker(),
                begin=begin,
            )
        except (FootageError, DetectionsError) as error:
            failures[camera.name] = str(error)
    return reports, failures


def _embed(run: RunFolder, followed: Sequence[Followed], inputs: Inputs, begin: Begin) -> dict[int, Embedded]:
    """Embed the tracklets that are long and large enough; by their index."""
    config = inputs.config.embedding
    worthy = [index for index, one in enumerate(followed) if rejected(one.tracklet, config) is None]
    embedded = embed_tracklets(
        run,
        [followed[index] for index in worthy],
        length=config.clip_length,
        most=inputs.clips,
        embedder=lambda: parts.build_embedder(inputs.network, inputs.config),
        progress=begin("embedding"),
    )
    return {index: one for index, one in zip(worthy, embedded, strict=True) if len(one.weights)}


def _gallery(followed: Sequence[Followed], embedded: dict[int, Embedded], config: RunConfig) -> Gallery:
    return build_gallery(
        [followed[index].tracklet for index in embedded],
        [one.vectors for one in embedded.values()],
        weights=[one.weights for one in embedded.values()],
        prototypes=config.matching.prototypes,
    )


def _write(
    run: RunFolder,
    followed: Sequence[Followed],
    embedded: dict[int, Embedded],
    gallery: Gallery,
    matching: Matching,
    config: RunConfig,
) -> tuple[Outcome, ...]:
    """Write the three CSV files; every tracklet and what became of it."""
    place = {key: index for index, key in enumerate(gallery.keys)}
    outcomes = []
    for index, one in enumerate(followed):
        tracklet = one.tracklet
        if index in embedded:
            row = place[tracklet.camera, tracklet.track]
            identity, status = int(matching.identities[row]), matching.statuses[row]
            outcomes.append(Outcome(tracklet, identity, len(embedded[index].weights), status))
        else:
            reason = rejected(tracklet, config.embedding) or "rejected_quality"
            outcomes.append(Outcome(tracklet, None, 0, reason))
    write_tracks(run.path / "tracks.csv", ((one.tracklet, one.identity) for one in outcomes))
    write_tracklets(run.path / "tracklets.csv", outcomes)
    write_matches(run.path / "matches.csv", gallery, matching)
    return tuple(outcomes)

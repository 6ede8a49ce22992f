"""The stages of a run: track each camera, embed the tracklets, write the results."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from detectors.errors import DetectorError
from pipeline.embedding.config import EmbeddingConfig
from pipeline.embedding.embed import EmbeddedTracklet, Rejection, embed_tracklets, rejection_reason
from pipeline.embedding.splitting import number_pieces, split_tracklet
from pipeline.errors import FootageError
from pipeline.folder.store import PICTURES, RunFolder
from pipeline.footage.cameras import CameraSet
from pipeline.footage.reader import probe
from pipeline.identify import Identified, NetworkMatching
from pipeline.matching.thresholds.calibration import Calibrated
from pipeline.plots.calibration import draw_calibrations
from pipeline.plots.clock_offsets import draw_offsets
from pipeline.plots.passages import draw_passages, passages_of
from pipeline.protocols import StartProgress
from pipeline.results.galleries import write_galleries
from pipeline.results.tables import write_matches, write_tracklets, write_tracks
from pipeline.setup.build import Parts, build_tracker
from pipeline.tracking.camera_job import CameraReport, read_camera_report, track_camera
from pipeline.tracking.collect import StoredTracklet, collect_tracklets
from pipeline.tracking.config import TrackingConfig
from pipeline.tracking.tracklets import Tracklet

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tracked:
    """What detection and tracking found in all cameras."""

    tracklets: list[StoredTracklet]
    """By camera and track."""
    reports: dict[str, CameraReport]
    """What was read of each camera."""
    failures: dict[str, str]
    """Why each other camera was left out, in a sentence."""


def track_cameras(
    run: RunFolder, cameras: CameraSet, config: TrackingConfig, parts: Parts, start_progress: StartProgress
) -> Tracked:
    """Detect and track in all cameras; work that the folder already holds is not repeated."""
    tracklets: list[StoredTracklet] = []
    reports: dict[str, CameraReport] = {}
    failures: dict[str, str] = {}
    for camera in cameras.cameras:
        stored = run.camera(camera.name)
        try:
            report = read_camera_report(stored)
            if report is None:
                footage = probe(camera.recording)
                report = track_camera(
                    camera,
                    footage,
                    config,
                    parts=stored,
                    detector=parts.detector(camera, footage),
                    tracker=build_tracker(),
                    start_progress=start_progress,
                )
        except (FootageError, DetectorError) as error:
            failures[camera.name] = str(error)
            continue
        reports[camera.name] = report
        logger.debug(
            "%s: %d frames and %d boxes, %s",
            camera.name,
            report.frames_decoded,
            report.boxes,
            ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items()),
        )
        tracklets += collect_tracklets(camera, stored, (report.width, report.height))
    return Tracked(tracklets, reports, failures)


def embed_all(
    run: RunFolder,
    tracklets: Sequence[StoredTracklet],
    networks: Sequence[NetworkMatching],
    config: EmbeddingConfig,
    strides: Mapping[str, float],
    parts: Parts,
    start_progress: StartProgress,
) -> tuple[list[EmbeddedTracklet], list[tuple[Tracklet, Rejection]]]:
    """Embed the tracklets that are long and large enough, and split those with an identity switch.

    Args:
        run: folder of the run.
        tracklets: by camera and track.
        networks: each embeds the tracklets of its classes.
        config: number and length of clips, and the smallest tracklets to embed.
        strides: every n-th frame was read, by camera.
        parts: builds the networks.
        start_progress: shows the progress.

    Returns:
        The embedded tracklets by camera and track, and the rejected tracklets with the reasons.
    """
    rejected: list[tuple[Tracklet, Rejection]] = []
    usable: list[StoredTracklet] = []
    for item in tracklets:
        reason = rejection_reason(item.tracklet, config, strides[item.tracklet.camera])
        if reason is None:
            usable.append(item)
        else:
            rejected.append((item.tracklet, reason))
    embedded: list[EmbeddedTracklet] = []
    for network in (entry.network for entry in networks):
        embedded += embed_tracklets(
            run,
            [item for item in usable if network.embeds(item.tracklet.kind)],
            clip_length=config.clip_length,
            max_clips=config.clips or 1,
            embedder=partial(parts.network, network.weights),
            progress=start_progress(f"embedding {network.classes}"),
        )
    cameras = {item.tracklet.camera for item in embedded}
    precomputed = {camera for camera in cameras if run.camera(camera).has_precomputed_tracks()}
    pieces: list[EmbeddedTracklet] = []
    for embedding in embedded:
        if not len(embedding.weights):  # none of its crops was usable
            rejected.append((embedding.tracklet, "rejected_quality"))
        elif embedding.tracklet.camera in precomputed:  # precomputed tracks are taken as they are
            pieces.append(embedding)
        else:
            pieces += split_tracklet(embedding)
    return number_pieces(pieces, [item.tracklet for item in tracklets]), rejected


def write_results(run: RunFolder, identified: Identified, networks: Sequence[NetworkMatching]) -> None:
    """Write the tables, the galleries and the plots of a run; plots of an earlier matching are deleted.

    Raises:
        RunError: a file cannot be written.
    """
    outcomes = identified.outcomes
    write_tracks(run.path / "tracks.csv", ((outcome.tracklet, outcome.identity) for outcome in outcomes))
    write_tracklets(run.path / "tracklets.csv", outcomes)
    write_matches(run.path / "matches.csv", [*identified.matched, identified.across])
    write_galleries(run.path / "gallery.parquet", identified.matched, [entry.network for entry in networks])
    for name in PICTURES:
        (run.path / name).unlink(missing_ok=True)
    calibrated: dict[str, Calibrated] = {
        classes: learnt.calibrated for classes, learnt in identified.learnt.items() if learnt.calibrated
    }
    if calibrated:
        draw_calibrations(calibrated, run.path / "calibration.png")
    if passages := passages_of(outcomes):
        draw_passages(passages, run.path / "flow.png")
    for learnt in identified.learnt.values():
        if learnt.proposal is not None:
            draw_offsets(learnt.proposal, run.path / "offsets.png")

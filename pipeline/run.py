"""The job on one screen: cameras to tracklets to embeddings to identities to files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import count, groupby
from pathlib import Path

from detectors.errors import DetectorError
from pipeline.config import RunConfig
from pipeline.embedding.embed import EmbeddedTracklet, embed_tracklets, rejected
from pipeline.errors import FootageError
from pipeline.folder.store import PICTURES, RunFolder, open_run, write_json
from pipeline.footage.caller_frames import Given, camera_set
from pipeline.footage.cameras import Camera
from pipeline.footage.reader import probe
from pipeline.identify import Identified, identify
from pipeline.matching.corrections import NAME
from pipeline.matching.learn import Learnt
from pipeline.matching.outcome import Outcome
from pipeline.plots.calibration import draw_calibrations
from pipeline.plots.clock_offsets import draw_offsets
from pipeline.plots.passages import draw_passages, passages_of
from pipeline.protocols import Begin, Detector, silently
from pipeline.report.write import write_report
from pipeline.results.galleries import write_galleries
from pipeline.results.records import (
    FinishedRun,
    IdentityRecord,
    MatchRecord,
    Records,
    TrackletRecord,
    read_run,
)
from pipeline.results.run_record import describe, describe_outcome
from pipeline.results.tables import write_matches, write_tracklets, write_tracks
from pipeline.setup import build as wiring
from pipeline.setup.cautions import warnings_after, warnings_before
from pipeline.setup.inputs import Inputs
from pipeline.setup.resume import check_settings, settings_before
from pipeline.tracking.camera_job import CameraReport, finished, track_camera
from pipeline.tracking.collect import Followed, collect
from pipeline.tracking.stopwatch import Clock
from pipeline.tracking.tracklets import Tracklet, key_of


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
    learnt: Mapping[str, Learnt]
    """What the links were made by, by what a network embeds."""

    @property
    def tracklets(self) -> Records[TrackletRecord]:
        """Everybody seen by a camera, as written down."""
        return self._written.tracklets

    @property
    def identities(self) -> Records[IdentityRecord]:
        """Who is one person or vehicle, in however many cameras."""
        return self._written.identities

    @property
    def matches(self) -> Records[MatchRecord]:
        """The links that were considered."""
        return self._written.matches

    @cached_property
    def _written(self) -> FinishedRun:
        return read_run(self.folder)


def match(
    cameras: Given,
    config: RunConfig | None = None,
    folder: str | Path = "reid-run",
    *,
    overwrite: bool = False,
    command: Sequence[str] = (),
    begin: Begin = silently,
    warn: Callable[[str], None] = warnings.warn,
) -> RunResult:
    """Find which tracklet of one camera is which of another, and write it all down.

    Work that the folder already holds is not done again: a run killed at any moment goes on where its
    last part was committed, and ends in the same bytes.

    Args:
        cameras: recordings, as paths, by name, or as a `CameraSet` that tells more of them. Under a name may also
            stand frames of one's own, pairs of seconds and (h, w, 3) RGB uint8 pixels in the order of time: they are
            kept as a recording in the folder, and taken from there when the run is gone on with.
        config: what to do with them; None: as `reid-pipeline match` without options.
        folder: the run folder; made, or gone on with.
        overwrite: delete what an earlier run wrote there and begin anew.
        command: what the operator typed, for the record.
        begin: shows progress.
        warn: called with what a reader of the results must know, as soon as it is known.

    Raises:
        PipelineError, DetectorError, ReidError: with what was wrong, where, and what to do. A camera
            that fails by itself is left out instead, and named in the result.
    """
    with open_run(Path(folder)) as run:
        known = camera_set(cameras, run, overwrite=overwrite)
        before = None if overwrite else settings_before(run)
        config = config or RunConfig()
        own = _own_corrections(run, config)
        if own and before is not None and config.corrections is None:
            config, own = replace(config, corrections=own), None
        inputs = Inputs.find(known, config, before, command)
        built = _Built(inputs)
        if overwrite:
            if run.record.exists():
                built.all()  # so that nothing is deleted for what cannot be used
            run.clear(keep=[camera.path for camera in known.cameras])
        check_settings(run, inputs.settings)
        if before != inputs.settings:  # else what a finished run found stays, until there is something new
            write_json(run.record, describe(inputs, "running"))
        first = warnings_before(inputs)
        if own:
            first.insert(0, _leave(own, begun=before is not None))
        for warning in first:
            warn(warning)
        clock = Clock()
        reports, failures = _track(run, inputs, built, begin)
        followed = [
            one
            for name, report in reports.items()
            for one in collect(known[name], run.camera(name), (report.width, report.height))
        ]
        with clock.stage("embed"):
            embedded, left_out = _embed(run, followed, inputs, built, begin)
        with clock.stage("match"):
            who = identify(embedded, left_out, inputs)
        with clock.stage("write"):
            write_json(run.record, describe(inputs, "running"))
            write_tracks(run.path / "tracks.csv", ((one.tracklet, one.identity) for one in who.outcomes))
            write_tracklets(run.path / "tracklets.csv", who.outcomes)
            write_matches(run.path / "matches.csv", [*who.found, who.across])
            write_galleries(run.path / "gallery.parquet", who.found, inputs.networks)
            _draw(run, who)
        last = warnings_after(inputs, reports, failures, who.outcomes)
        outcome = describe_outcome(
            *(inputs, reports, failures),
            learnt=who.learnt,
            warnings=first + last,
            seconds=clock.seconds,
        )
        write_json(run.record, outcome)
        write_report(run.path, run.path / "report.html", blur="none")
        for warning in last:
            warn(warning)
    return RunResult(run.path, reports, failures, who.outcomes, who.learnt)


class _Built:
    """Detectors and networks, each built when it is first asked for."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self.network = cache(lambda weights: wiring.build_embedder(weights, inputs.config))

    @cached_property
    def yolo(self) -> Detector:
        """Of all cameras without recorded detections."""
        assert self._inputs.detector is not None
        return wiring.build_yolo(self._inputs.detector.path, self._inputs.config)

    def detector(self, camera: Camera) -> Detector:
        """Of one camera."""
        return wiring.build_recorded(camera) if camera.detections else self.yolo

    def all(self) -> None:
        """Build whatever the run may need.

        Raises:
            PipelineError, DetectorError, ReidError: some of it cannot be had.
        """
        for camera in self._inputs.cameras.cameras:
            if not camera.path.exists():
                raise FootageError(f"{camera.path}: there is no such file; correct its name")
            self.detector(camera)
        for network in self._inputs.networks:
            self.network(network.weights)


def _own_corrections(run: RunFolder, config: RunConfig) -> Path | None:
    """Find what was said in the run's review, unless it is what was given."""
    own = run.path / NAME
    named = config.corrections is not None and config.corrections.resolve() == own.resolve()
    return own if own.is_file() and not named else None


def _leave(own: Path, *, begun: bool) -> str:
    """Say that corrections are not used; those of a run that is there no more are kept out of the next one's way."""
    if begun:
        return f"{own} is not used; to use it, add its rows to what --corrections names"
    numbered = (own.with_name(f"{own.stem}-{number}{own.suffix}") for number in count(1))
    kept = next(path for path in numbered if not path.exists())
    own.rename(kept)
    return f"{own} is not used: it is of an earlier run's tracklets, and kept as {kept.name}"


def _track(
    run: RunFolder, inputs: Inputs, built: _Built, begin: Begin
) -> tuple[dict[str, CameraReport], dict[str, str]]:
    """Do what is left to do of each camera; those that fail are named, and the others go on."""
    reports: dict[str, CameraReport] = {}
    failures: dict[str, str] = {}
    for camera in inputs.cameras.cameras:
        own = run.camera(camera.name)
        try:
            reports[camera.name] = finished(own) or track_camera(
                camera,
                probe(camera.path),
                inputs.config.tracking,
                parts=own,
                detector=built.detector(camera),
                tracker=wiring.build_tracker(),
                begin=begin,
            )
        except (FootageError, DetectorError) as error:
            failures[camera.name] = str(error)
    return reports, failures


def _embed(
    run: RunFolder, followed: Sequence[Followed], inputs: Inputs, built: _Built, begin: Begin
) -> tuple[list[EmbeddedTracklet], list[Outcome]]:
    """Embed the tracklets that are long and large enough, by camera and track; and those left out."""
    config = inputs.config.embedding
    stride = inputs.config.tracking.vid_stride
    reasons = [rejected(one.tracklet, config, stride) for one in followed]
    usable = [one for one, reason in zip(followed, reasons, strict=True) if reason is None]
    embedded = []
    for network in inputs.networks:
        embedded += embed_tracklets(
            run,
            [one for one in usable if network.embeds(one.tracklet.kind)],
            length=config.clip_length,
            most=inputs.clips,
            embedder=partial(built.network, network.weights),
            progress=begin(f"embedding {network.classes}"),
        )
    faceless = [one.tracklet for one in embedded if not len(one.weights)]
    left_out = [
        *(Outcome(one.tracklet, None, 0, why) for one, why in zip(followed, reasons, strict=True) if why),
        *(Outcome(tracklet, None, 0, "rejected_quality") for tracklet in faceless),
    ]
    names = {one.tracklet.camera for one in embedded}
    whole = {name for name in names if run.camera(name).come_with_tracks()}  # these are taken as they are
    pieces = [
        piece
        for one in embedded
        if len(one.weights)
        for piece in ([one] if one.tracklet.camera in whole else one.split())
    ]
    return _numbered(pieces, [one.tracklet for one in followed]), left_out


def _draw(run: RunFolder, who: Identified) -> None:
    """Draw who went where, scores of pairs known to be one object or two, and clock offsets; earlier pictures go."""
    for name in PICTURES:
        (run.path / name).unlink(missing_ok=True)
    found = {name: one.calibrated for name, one in who.learnt.items() if one.calibrated}
    if found:
        draw_calibrations(found, run.path / "calibration.png")
    if ways := passages_of(who.outcomes):
        draw_passages(ways, run.path / "flow.png")
    for one in who.learnt.values():
        if one.proposal is not None:
            draw_offsets(one.proposal, run.path / "offsets.png")


def _numbered(pieces: Sequence[EmbeddedTracklet], tracklets: Sequence[Tracklet]) -> list[EmbeddedTracklet]:
    """Give the later pieces of split tracks numbers of their own, after the camera's last."""
    last = {camera: max(t.track for t in group) for camera, group in groupby(tracklets, lambda t: t.camera)}
    taken: set[tuple[str, int]] = set()
    numbered = []
    for piece in pieces:
        camera, track = piece.tracklet.camera, piece.tracklet.track
        if (camera, track) in taken:
            last[camera] = track = last[camera] + 1
        taken.add((camera, track))
        numbered.append(replace(piece, tracklet=replace(piece.tracklet, track=track)))
    return sorted(numbered, key=lambda one: key_of(one.tracklet))

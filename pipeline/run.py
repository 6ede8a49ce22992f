"""A run: cameras to tracklets to embeddings to identities to files. Start reading here."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline.config import RunConfig
from pipeline.embedding.networks import Classes
from pipeline.folder.store import RunFolder, open_run
from pipeline.footage.caller_frames import CamerasArgument
from pipeline.identify import Identified, identify
from pipeline.matching.learn import Learnt
from pipeline.matching.outcome import Outcome
from pipeline.protocols import StartProgress, no_progress
from pipeline.report.write import write_report
from pipeline.results.records import (
    FinishedRun,
    IdentityRecord,
    MatchRecord,
    Records,
    TrackletRecord,
    read_run,
)
from pipeline.results.run_record import checksums, write_record
from pipeline.setup.describe import finished_record
from pipeline.setup.inputs import Inputs, prepare
from pipeline.setup.run_warnings import list_result_warnings
from pipeline.stages import Tracked, embed_all, track_cameras, write_results
from pipeline.tracking.camera_job import CameraReport
from pipeline.tracking.stopwatch import Stopwatch

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunResult:
    """The result of a run."""

    folder: Path
    reports: dict[str, CameraReport]
    """What was read of each camera."""
    failures: dict[str, str]
    """Why each other camera was left out, in a sentence."""
    outcomes: tuple[Outcome, ...]
    """Outcome of every tracklet, by camera and track."""
    learnt: dict[Classes, Learnt]
    """What the links were made with, by the classes that a network embeds."""

    @cached_property
    def run(self) -> FinishedRun:
        """Everything that was written down, read back from the folder."""
        return read_run(self.folder)

    @property
    def tracklets(self) -> Records[TrackletRecord]:
        """All tracklets, by camera and track."""
        return self.run.tracklets

    @property
    def identities(self) -> Records[IdentityRecord]:
        """All identities, by number."""
        return self.run.identities

    @property
    def matches(self) -> Records[MatchRecord]:
        """All considered links, by number."""
        return self.run.matches


def match(
    cameras: CamerasArgument,
    config: RunConfig | None = None,
    folder: str | Path = "reid-run",
    *,
    overwrite: bool = False,
    command: Sequence[str] = (),
    start_progress: StartProgress = no_progress,
    warn: Callable[[str], None] = warnings.warn,
) -> RunResult:
    """Match the tracklets of all cameras, and write the results to a run folder.

    An interrupted run resumes from its last stored part, and ends with the same bytes.

    Args:
        cameras: paths, a mapping of names to paths or frames, or a `CameraSet`. Frames are pairs of seconds and
            (h, w, 3) RGB uint8 pixels in the order of time; the folder keeps them as a recording.
        config: settings; None: the defaults of `reid-pipeline match`.
        folder: run folder, made or resumed.
        overwrite: first delete what an earlier run wrote to the folder.
        command: arguments of the command line, for the record.
        start_progress: shows the progress.
        warn: receives each warning as soon as it is known.

    Raises:
        PipelineError, DetectorError, ReidError: what is wrong, where, and what to do. A camera that cannot be read
            does not raise; it is left out and named in `failures`.
    """
    with open_run(Path(folder)) as run:
        inputs = prepare(cameras, config or RunConfig(), run, overwrite, command, start_progress)
        for warning in inputs.warnings:
            warn(warning)
        logger.debug("%s: %d cameras", run.path, len(inputs.cameras.cameras))
        stopwatch = Stopwatch()
        tracked = track_cameras(run, inputs.cameras, inputs.config.tracking, inputs.parts, start_progress)
        with stopwatch.stage("embed"):
            embedded, rejected = embed_all(
                run,
                tracked.tracklets,
                inputs.networks,
                inputs.embedding,
                {name: report.stride for name, report in tracked.reports.items()},
                inputs.parts,
                start_progress,
            )
        with stopwatch.stage("match"):
            identified = identify(
                embedded, rejected, inputs.networks, inputs.cameras, inputs.corrections, inputs.learning
            )
        with stopwatch.stage("write"):
            write_record(run.path, inputs.record)
            write_results(run, identified, inputs.networks)
        logger.debug("%d tracklets embedded, %d left out", len(embedded), len(rejected))
        _conclude(run, inputs, tracked, identified, stopwatch.seconds, warn)
    return RunResult(run.path, tracked.reports, tracked.failures, identified.outcomes, identified.learnt)


def _conclude(
    run: RunFolder,
    inputs: Inputs,
    tracked: Tracked,
    identified: Identified,
    seconds: Mapping[str, float],
    warn: Callable[[str], None],
) -> None:
    """Write the finished record and the report, then issue the warnings about the results."""
    result_warnings = list_result_warnings(
        inputs.networks,
        inputs.config,
        inputs.cameras,
        inputs.corrections.same,
        tracked.reports,
        tracked.failures,
        identified.outcomes,
    )
    record = finished_record(
        inputs.record,
        inputs.cameras,
        tracked.reports,
        tracked.failures,
        identified.learnt,
        [*inputs.warnings, *result_warnings],
        seconds,
        checksums(run.path),
    )
    write_record(run.path, record)
    write_report(read_run(run.path), run.path / "report.html", blur="none")
    for warning in result_warnings:
        warn(warning)

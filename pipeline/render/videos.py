"""Rendering of a run: the videos to draw, and which of them exist already. Start reading here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

from detectors.class_names import PERSON
from pipeline.errors import CamerasError, FootageError, RunError
from pipeline.folder.file_names import file_name
from pipeline.footage.reader import FrameReader
from pipeline.protocols import StartProgress, no_progress
from pipeline.render.blurring import Blurring
from pipeline.render.drawing import Drawing
from pipeline.render.grid import GridCamera, draw_grid
from pipeline.render.sources import Source, list_sources
from pipeline.render.trajectories import camera_trajectories, person_boxes
from pipeline.render.video_file import read_mark, write_video_file
from pipeline.results.pictures import Blur, check_blur
from pipeline.results.records import FinishedRun
from reid.files import real_path

GRID = "grid+clock.mp4"
"""File of the grid; `file_name` never writes a plus, so no camera's file has this name."""
BRIDGE = 1.0
"""Maximum gap in seconds over which a track is drawn."""
HOLD = 0.5
"""Seconds before the first and after the last box of a track in which the person is blurred."""
TRAIL = 3.0
"""Length of trails in seconds."""
DEFAULT_FPS = 25.0
"""Frame rate of a recording that does not state its own."""
PREFIX = "reid-pipeline render "
"""Start of the mark of every video."""
MEANING = 1
"""Version of the drawing; a video of another version is drawn again."""


@dataclass(frozen=True)
class RenderRequest:
    """What to draw of a run."""

    blur: Blur
    cameras: tuple[str, ...] = ()
    """Names of cameras; empty: all."""
    identities: tuple[int, ...] = ()
    """Identities to draw; empty: all tracks, also those without identity."""
    start: float | None = None
    """Seconds on the shared timeline; None: from the start of the run."""
    end: float | None = None
    """Seconds on the shared timeline; None: to the end of the run."""
    grid: bool = True
    """Whether to draw several cameras side by side, too."""
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise CamerasError(
                f"start {self.start:g} s is not before end {self.end:g} s; give an earlier start or a later end"
            )


@dataclass(frozen=True)
class RenderResult:
    """The videos of a run."""

    videos: tuple[Path, ...]
    """All videos that were asked for and exist now, in the order of cameras, the grid last."""
    skipped: tuple[Path, ...]
    """The videos among them that existed already."""
    failures: tuple[str, ...]
    """Why each other camera was not drawn, in a sentence."""


@dataclass(frozen=True)
class RenderJob:
    """The video of one camera, to be drawn."""

    source: Source
    path: Path
    mark: str
    """Digest of everything that the video is drawn from."""
    start: float | None
    """Seconds of the file's own clock."""
    end: float | None
    """Seconds of the file's own clock."""
    stride: int
    """Frames from one that the run processed to the next."""


def render_run(
    run: FinishedRun,
    folder: Path,
    request: RenderRequest,
    *,
    moved: Mapping[str, Path] | None = None,
    start_progress: StartProgress = no_progress,
) -> RenderResult:
    """Draw the cameras of a finished run, and all of them side by side.

    A video that was drawn from the same run, footage and options is skipped. A file that `render` did not write is
    replaced only with `overwrite`.

    `moved` holds the recordings that are no longer where the run read them, by camera.

    Raises:
        CamerasError: the run has no such camera or identity.
        RunError: the run is damaged, or a file exists that `render` did not write.
    """
    jobs = plan_videos(run, folder, request, moved or {})
    grid = folder / GRID
    paths = [job.path for job in jobs]
    if request.grid and len(jobs) > 1:
        paths.append(grid)
    for path in paths:
        if not request.overwrite and path.exists() and not (read_mark(path) or "").startswith(PREFIX):
            raise RunError(
                f"{path}: exists already and was not written by render; choose another --out or use --overwrite"
            )
    drawn: list[RenderJob] = []
    skipped: list[Path] = []
    failures: list[str] = []
    for job in jobs:
        if not request.overwrite and read_mark(job.path) == job.mark:
            skipped.append(job.path)
        else:
            try:
                draw_camera(run, job, request, start_progress(job.source.name))
            except FootageError as error:
                failures.append(str(error))
                continue
        drawn.append(job)
    videos = [job.path for job in drawn]
    if request.grid and len(drawn) > 1:
        mark = _mark([(job.mark, job.source.offset) for job in drawn])
        if not request.overwrite and read_mark(grid) == mark:
            skipped.append(grid)
        else:
            cameras = []
            for job in drawn:
                label = file_name(job.source.name).split("~")[0]  # in letters that OpenCV can draw
                cameras.append(GridCamera(label, job.path, job.source.offset))
            draw_grid(cameras, grid, mark, start_progress("grid"))
        videos.append(grid)
    return RenderResult(tuple(videos), tuple(skipped), tuple(failures))


def plan_videos(
    run: FinishedRun, folder: Path, request: RenderRequest, moved: Mapping[str, Path]
) -> list[RenderJob]:
    """Return the videos to draw, by camera.

    Raises:
        CamerasError: the run has no such camera or identity.
        RunError: tracks.csv is missing, or people are to be blurred but the run did not detect people.
    """
    for name in (*request.cameras, *moved):
        if name not in run.cameras:
            raise CamerasError(f"{run.folder} has no camera {name!r}; it has {', '.join(run.cameras)}")
    identities = {identity.number for identity in run.identities}
    for number in request.identities:
        if number not in identities:
            raise CamerasError(f"{run.folder} has no identity {number}; tracklets.csv lists them")
    tracking = run.record.settings.tracking
    check_blur(run, request.blur)
    start = max((time for time in (request.start, tracking.start) if time is not None), default=None)
    end = min((time for time in (request.end, tracking.end) if time is not None), default=None)
    run.file("tracks.csv")  # raises
    jobs = []
    for source in list_sources(run, moved):
        path = folder / f"{file_name(source.name)}.mp4"
        if real_path(path) in map(real_path, source.recording.files):
            raise RunError(f"{path}: is the recording itself; choose another --out")
        if request.cameras and source.name not in request.cameras:
            continue
        content = (
            MEANING,
            run.record.checksums["tracks.csv"],
            source.digest,
            request.blur,
            request.identities,
            start,
            end,
        )
        jobs.append(
            RenderJob(
                source=source,
                path=path,
                mark=_mark(source.name, content),
                start=None if start is None else start - source.offset,
                end=None if end is None else end - source.offset,
                stride=tracking.vid_stride,
            )
        )
    return jobs


def draw_camera(
    run: FinishedRun, job: RenderJob, request: RenderRequest, progress: Callable[[int, int | None], None]
) -> None:
    """Write the video of one camera, atomically.

    Raises:
        FootageError: the footage is missing, is another file now, or cannot be read.
        RunError: the run is damaged, or the video cannot be written.
    """
    job.source.check()
    camera = job.source.name
    with FrameReader(job.source.recording, start=job.start, end=job.end) as reader:
        footage = reader.footage
        first = next(reader, None)
        if first is None:
            raise FootageError(
                f"{camera}: {job.source.recording} has no frame in the requested time; change --start or --end"
            )
        fps = footage.fps or DEFAULT_FPS
        trajectories = camera_trajectories(run, camera)
        drawn = trajectories
        if request.identities:
            drawn = [member for member in trajectories if member.identity in request.identities]
        bridge = max(job.stride, round(BRIDGE * fps))
        drawing = Drawing.of(drawn, bridge=bridge, trail=round(TRAIL * fps))
        blurring = Blurring.of(
            request.blur,
            [trajectory for trajectory in trajectories if trajectory.kind == PERSON],
            [] if request.blur == "none" else person_boxes(run, camera),
            hold=max(job.stride, round(HOLD * fps)),
            step=job.stride - 1,
        )
        size = footage.width, footage.height
        with write_video_file(job.path, size, Fraction(fps).limit_denominator(1001), job.mark) as video:
            for done, frame in enumerate(chain([first], reader), start=1):
                blurring.apply(frame.pixels, frame.number)
                drawing.apply(frame.pixels, frame.number)
                video.add(frame.pixels, frame.seconds)
                progress(done, reader.expected)


def _mark(*content: object) -> str:
    """Return the mark of a video: a digest of everything that it is drawn from."""
    return PREFIX + hashlib.sha256(repr(content).encode("utf-8", "backslashreplace")).hexdigest()

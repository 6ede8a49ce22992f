"""What does it take to draw a whole run: which films, from what, and which are there already?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from detectors.boxes import PERSON
from pipeline.errors import CamerasError, FootageError, RunError
from pipeline.folder.file_names import file_name
from pipeline.footage.reader import Frame, FrameReader
from pipeline.protocols import StartProgress
from pipeline.render.blurring import Blurring
from pipeline.render.drawing import Drawing
from pipeline.render.grid import View, draw_grid
from pipeline.render.sources import Source, sources
from pipeline.render.trajectories import Course, read_courses, read_detections
from pipeline.render.video_file import filming, mark_of
from pipeline.results.pictures import Blur
from pipeline.results.reading import run_record

GRID = "grid+clock.mp4"
"""No camera's file is called so: `file_name` never writes a plus."""
BRIDGE, HOLD, TRAIL = 1.0, 0.5, 3.0
"""Seconds: gaps over which a track is drawn; for which heads stay hidden around a track; of trails."""
PREFIX = "reid-pipeline render "
"""How the mark of a film begins."""
MEANING = 1
"""Counts up when films of the same run come to look otherwise."""


@dataclass(frozen=True)
class Request:
    """What is to be drawn."""

    blur: Blur
    cameras: tuple[str, ...] = ()
    """All where none is named."""
    identities: tuple[int, ...] = ()
    """Those that are drawn; all where none is named."""
    start: float | None = None
    end: float | None = None
    """Seconds of the shared timeline."""
    grid: bool = True
    """Whether several cameras are also shown side by side."""
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise CamerasError(
                f"nothing lies from {self.start:g} to {self.end:g} seconds; give an --end after --start"
            )


@dataclass(frozen=True)
class Drawn:
    """What came of it."""

    films: tuple[Path, ...]
    """Those that are there now, in the order of cameras, the grid last."""
    kept: tuple[Path, ...]
    """Those among them that were there before."""
    failures: tuple[str, ...]
    """What could not be drawn, a sentence each."""


@dataclass(frozen=True)
class Job:
    """One camera's film, to be drawn."""

    source: Source
    path: Path
    mark: str
    start: float | None
    end: float | None
    """Seconds of the file's own clock."""
    stride: int


def render_run(run: Path, out: Path, request: Request, *, moved: dict[str, Path], begin: StartProgress) -> Drawn:
    """Draw a finished run's cameras, and all of them side by side.

    A film that is there and was drawn from the same is kept; one that this program has not drawn is never replaced
    unless asked to.

    Args:
        run: its folder.
        out: folder to write to.
        request: what is to be drawn.
        moved: footage that lies elsewhere now, by camera.
        begin: called with what begins.

    Raises:
        CamerasError: the run has no such camera or identity.
        RunError: the run is not finished or damaged, or a file is there that is not ours.
    """
    jobs = plan(run, out, request, moved)
    grid = out / GRID
    _refuse_foreign(
        [*(job.path for job in jobs), *([grid] if request.grid and len(jobs) > 1 else [])], request
    )
    films: list[Job] = []
    kept: list[Path] = []
    failures: list[str] = []
    for job in jobs:
        if _current(job.path, job.mark, request):
            kept.append(job.path)
        else:
            try:
                draw_camera(run, job, request, begin(job.source.name))
            except FootageError as error:
                failures.append(str(error))
                continue
        films.append(job)
    paths = [job.path for job in films]
    if request.grid and len(films) > 1:
        mark = _digest([(job.mark, job.source.offset) for job in films])
        if _current(grid, mark, request):
            kept.append(grid)
        else:
            views = [View(_label(job.source.name), job.path, job.source.offset) for job in films]
            draw_grid(views, grid, mark, begin("grid"))
        paths.append(grid)
    return Drawn(tuple(paths), tuple(kept), tuple(failures))


def plan(run: Path, out: Path, request: Request, moved: dict[str, Path]) -> list[Job]:
    """List the films that are asked for, by camera.

    Raises:
        CamerasError: the run has no such camera or identity.
        RunError: the run is not finished or damaged.
    """
    record = run_record(run)
    known = sources(run, record, moved)
    names = [source.name for source in known]
    for name in (*request.cameras, *moved):
        if name not in names:
            raise CamerasError(f"{run} has no camera {name!r}; it has {', '.join(names)}")
    there = {one.identity for name in names if request.identities for one in read_courses(run, name)}
    for identity in request.identities:
        if identity not in there:
            raise CamerasError(f"{run} has no identity {identity}; tracklets.csv lists those it has")
    tracking = cast("dict[str, Any]", record["settings"])["tracking"]
    if request.blur != "none" and tracking["classes"] and PERSON not in tracking["classes"]:
        raise RunError(
            f"{run}: no people were looked for (--classes), so none can be blurred; say --blur none"
        )
    begin = max((t for t in (request.start, tracking["start"]) if t is not None), default=None)
    end = min((t for t in (request.end, tracking["end"]) if t is not None), default=None)
    seen = hashlib.sha256((run / "tracks.csv").read_bytes()).hexdigest()
    jobs = []
    for source in known:
        if not request.cameras or source.name in request.cameras:
            what = (MEANING, seen, source.digest, request.blur, request.identities, begin, end)
            start, stop = (None if time is None else time - source.offset for time in (begin, end))
            path = out / f"{file_name(source.name)}.mp4"
            jobs.append(
                Job(source, path, _digest(source.name, what), start, stop, int(tracking["vid_stride"]))
            )
    return jobs


def draw_camera(run: Path, job: Job, request: Request, report: Callable[[int, int | None], None]) -> None:
    """Draw one camera's film, whole or not at all.

    Raises:
        FootageError: its footage is not there, is another file now, or cannot be read.
        RunError: the run is damaged, or the film cannot be written.
    """
    job.source.check()
    with FrameReader(job.source.path, start=job.start, end=job.end) as reader:
        footage = reader.footage
        first = next(reader, None)
        if first is None:
            raise FootageError(f"{job.source.name}: no frame of {job.source.path} lies in what was asked for")
        fps = footage.fps or 25.0
        courses = read_courses(run, job.source.name)
        chosen = [one for one in courses if not request.identities or one.identity in request.identities]
        drawing = Drawing.of(chosen, bridge=max(job.stride, round(BRIDGE * fps)), trail=round(TRAIL * fps))
        blurring = _blurring(run, job, courses, request.blur, fps)
        size = footage.width, footage.height
        with filming(job.path, size, Fraction(fps).limit_denominator(1001), job.mark) as film:
            for done, frame in enumerate(chain([first], reader), start=1):
                blurring.apply(frame.pixels, frame.number)
                drawing.apply(frame.pixels, frame.number)
                film.add(_sized(frame, size), frame.seconds)
                report(done, reader.expected)


def _blurring(run: Path, job: Job, courses: Sequence[Course], blur: Blur, fps: float) -> Blurring:
    people = [course for course in courses if course.kind == PERSON]
    boxes = [] if blur == "none" else read_detections(run, job.source.name, PERSON)
    return Blurring.of(blur, people, boxes, hold=max(job.stride, round(HOLD * fps)), step=job.stride - 1)


def _sized(frame: Frame, size: tuple[int, int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Scale frames of a recording that changes its size to that of its first one: a film has one size."""
    if frame.pixels.shape[1::-1] == size:
        return frame.pixels
    return np.asarray(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _current(path: Path, mark: str, request: Request) -> bool:
    return not request.overwrite and mark_of(path) == mark


def _refuse_foreign(paths: Sequence[Path], request: Request) -> None:
    """Protect files that this program has not drawn."""
    for path in paths:
        if path.exists() and not request.overwrite and not (mark_of(path) or "").startswith(PREFIX):
            raise RunError(
                f"{path}: is there already and was not drawn by render; choose another --out or --overwrite"
            )


def _digest(*what: object) -> str:
    return PREFIX + hashlib.sha256(repr(what).encode("utf-8", "backslashreplace")).hexdigest()


def _label(camera: str) -> str:
    """Spell a camera's name in the letters that can be drawn."""
    return file_name(camera).split("~")[0]

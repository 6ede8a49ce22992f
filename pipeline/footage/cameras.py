"""Cameras of a run: their recordings, their clock offsets and the transitions between them."""

from __future__ import annotations

import dataclasses
import glob
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from pipeline.errors import CamerasError
from pipeline.folder.toml_files import path_of, read_toml
from pipeline.footage.recording import ClockRate, Rate, Recording, Timing, describe_missing, find_recording
from reid.files import real_path

LONGEST = 1e9
"""Largest offset or travel time in seconds (about 30 years), and largest coordinate in pixels."""
Bounded = Annotated[float, msgspec.Meta(ge=-LONGEST, le=LONGEST)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
FrameSize = tuple[Positive, Positive]
"""Width and height of a frame in pixels."""
Polygon = Annotated[tuple[tuple[Bounded, Bounded], ...], msgspec.Meta(min_length=3)]
"""Corners (x, y) in source pixels."""


@dataclass(frozen=True)
class Camera:
    """One recording from one fixed place."""

    name: str
    recording: Recording
    offset: Bounded = 0.0
    """Seconds to add to the recording's times to get the shared timeline."""
    offset_known: bool = False
    ignore: tuple[Polygon, ...] = ()
    """Polygons to ignore; a box whose foot point lies inside one is dropped."""
    detections: Path | None = None
    """File of precomputed detections or tracks to use instead of a detector."""
    detections_fps: Rate | None = None
    """Frames a second of the detections; None: each belongs to the frame of its number."""
    detections_size: FrameSize | None = None
    """Width and height of the frames that the detections were made for; None: those of the recording."""


class Transition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Constraints on travel between two cameras, in either direction."""

    cameras: tuple[str, str]
    overlapping: bool = True
    """False: both cameras never see the same object at the same time."""
    reachable: bool = True
    """False: no object gets from one camera to the other."""
    minimum: Bounded = 0.0
    """Shortest travel time, in seconds from leaving one view to entering the other."""
    maximum: Bounded | None = None
    """Longest travel time in seconds; None: no upper limit."""


@dataclass(frozen=True)
class CameraSet:
    """All cameras of a run, sorted by name, and the transitions between them."""

    cameras: tuple[Camera, ...]
    transitions: tuple[Transition, ...] = ()

    def __post_init__(self) -> None:
        if not self.cameras:
            raise CamerasError("no camera given; name at least one recording")
        object.__setattr__(self, "cameras", tuple(sorted(self.cameras, key=lambda camera: camera.name)))
        names = [camera.name for camera in self.cameras]
        _check_unique("name", names)
        _check_unique(
            "file", [str(real_path(path)) for camera in self.cameras for path in camera.recording.files]
        )
        for name in names:
            if not name or name.encode(errors="ignore").decode() != name:  # a file name may be no UTF-8
                raise CamerasError(
                    f"the camera name {name!r} is not readable text; give another with NAME=path"
                )
        for transition in self.transitions:
            _check_transition(transition, names)
        pairs = Counter(" and ".join(sorted(transition.cameras)) for transition in self.transitions)
        repeated = sorted(pair for pair, count in pairs.items() if count > 1)
        if repeated:
            raise CamerasError(f"the transition between {repeated[0]} is given twice; merge the two into one")

    def __getitem__(self, name: str) -> Camera:
        return next(camera for camera in self.cameras if camera.name == name)

    def check_files(self) -> None:
        """Raise `CamerasError` if files do not exist; it names all of them."""
        missing = [path for camera in self.cameras for path in camera.recording.missing]
        missing += sorted(
            {
                camera.detections
                for camera in self.cameras
                if camera.detections and not camera.detections.is_file()
            }
        )
        if missing:
            raise CamerasError(describe_missing(missing))

    def transition(self, a: str, b: str) -> Transition:
        """Return the transition between two cameras; the default transition excludes nothing."""
        for transition in self.transitions:
            if set(transition.cameras) == {a, b}:
                return transition
        return Transition((a, b))


def cameras_from_arguments(
    videos: Sequence[str],
    *,
    cameras_file: Path | None = None,
    detections: Sequence[str] = (),
    detections_fps: float | None = None,
    detections_size: tuple[int, int] | None = None,
) -> CameraSet:
    """Return the camera set that the arguments of a command line describe.

    Args:
        videos: recordings as `path` or `NAME=path`, with the paths of `find_recording`; the path replaces that of a
            camera of this name in the file.
        cameras_file: TOML file with `[[camera]]` and `[[transition]]` tables.
        detections: precomputed detections, as `NAME=FILE`, or as `FILE` for all cameras; its column `camera` tells
            the cameras apart.
        detections_fps: frames a second of all detections, if it is another than that of the footage.
        detections_size: width and height of the frames that they were made for, if they are others.

    Raises:
        CamerasError: a camera or file is missing, unknown or given twice.
    """
    listed, transitions = _read_cameras_file(cameras_file) if cameras_file else ((), ())
    _check_unique(
        "name", [camera.name for camera in listed], ", or list its files, as in file = ['1.mp4', '2.mp4']"
    )
    cameras = {camera.name: camera for camera in listed}
    recordings = [_name_and_path(video) for video in videos]
    default_names = _unique_names([path for name, path in recordings if name is None])
    named = [(name if name is not None else default_names[path], path) for name, path in recordings]
    _check_unique("name", [name for name, _ in named])
    for name, path in named:
        if name in cameras:
            recording = find_recording(path, cameras[name].recording.timing)
            cameras[name] = dataclasses.replace(cameras[name], recording=recording)
        else:
            cameras[name] = Camera(name, find_recording(path))
    for argument in detections:
        target, path = _name_and_path(argument)
        if target is not None and target not in cameras:
            raise CamerasError(
                f"detections are given for the unknown camera {target!r}; the cameras are {', '.join(sorted(cameras))}"
            )
        for name in [target] if target is not None else list(cameras):
            cameras[name] = dataclasses.replace(cameras[name], detections=path)
    for name, camera in cameras.items():
        cameras[name] = dataclasses.replace(
            camera,
            detections_fps=detections_fps or camera.detections_fps,
            detections_size=detections_size or camera.detections_size,
        )
    return CameraSet(tuple(cameras.values()), transitions)


def _name_and_path(text: str) -> tuple[str | None, Path]:
    """Split `NAME=path`; if the text as a whole is an existing file, it is the path and the name is None."""
    name, equals, path = text.partition("=")
    if not equals or not name or Path(text).exists():
        return None, Path(text)
    if not path:
        raise CamerasError(f"{text!r} names no file; write NAME=path")
    return name, Path(path)


def _unique_names(paths: Iterable[Path]) -> dict[Path, str]:
    """Name each path by its stem, preceded by as many parent folders as make the names unique.

    A folder gives its whole name, and a pattern that of its folder.
    """
    names = {path: _name_of(path) for path in paths}
    for depth in range(1, 32):
        counts = Counter(names.values())
        clashing = [path for path, name in names.items() if counts[name] > 1]
        for path in clashing:
            parents = path.absolute().parts[1:-1][-depth:]
            names[path] = "/".join([*parents, path.stem if depth == 1 else path.name])
    return names


def _name_of(path: Path) -> str:
    if glob.has_magic(str(path)) and not path.exists():
        while glob.has_magic(str(path)):
            path = path.parent
        return path.absolute().name
    return path.absolute().name if path.is_dir() else path.stem


def _check_unique(what: str, values: Sequence[str], advice: str = "") -> None:
    repeated = sorted(value for value, count in Counter(values).items() if count > 1)
    if repeated:
        raise CamerasError(
            f"the camera {what} {repeated[0]!r} is given twice; each camera needs its own{advice}"
        )


def _check_transition(transition: Transition, cameras: Sequence[str]) -> None:
    for name in transition.cameras:
        if name not in cameras:
            raise CamerasError(
                f"a transition names the unknown camera {name!r}; the cameras are {', '.join(cameras)}"
            )
    if transition.cameras[0] == transition.cameras[1]:
        raise CamerasError(f"a transition is between {transition.cameras[0]!r} and itself; name two cameras")
    if transition.minimum < 0:
        raise CamerasError(f"between {' and '.join(transition.cameras)}: minimum is below 0")
    if transition.maximum is not None and transition.minimum > transition.maximum:
        raise CamerasError(f"between {' and '.join(transition.cameras)}: minimum exceeds maximum")


class _CameraTable(msgspec.Struct, forbid_unknown_fields=True):
    """A [[camera]] table of a cameras file, with paths relative to the file's folder."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    file: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    fps: Rate | None = None
    offset: Bounded | None = None
    start: datetime | None = None
    rate: ClockRate = 1.0
    ignore: tuple[Polygon, ...] = ()
    detections: Path | None = None
    detections_fps: Rate | None = None
    detections_size: FrameSize | None = None


class _CamerasFile(msgspec.Struct, forbid_unknown_fields=True):
    camera: tuple[_CameraTable, ...] = ()
    transition: tuple[Transition, ...] = ()


def _read_cameras_file(path: Path) -> tuple[tuple[Camera, ...], tuple[Transition, ...]]:
    """Read a cameras file; paths in it are relative to its folder."""
    content = read_toml(path, _CamerasFile, CamerasError)
    starts = [table.start for table in content.camera if table.start is not None]
    if len({start.tzinfo is None for start in starts}) > 1:
        raise CamerasError(f"{path}: start with and without a time zone; give all with one, or none")
    cameras = []
    for number, table in enumerate(content.camera, start=1):
        if table.start is not None and table.offset is not None:
            raise CamerasError(f"{path}: camera {number} has start and offset; give one of them")
        offset = table.offset if table.start is None else (table.start - min(starts)).total_seconds()
        if starts and table.start is None and offset is not None:
            raise CamerasError(
                f"{path}: camera {number} has an offset and others have a start; give all cameras the same"
            )
        cameras.append(
            Camera(
                name=table.name,
                recording=_listed(path, table.file, Timing(table.fps, table.rate, table.start is not None)),
                offset=offset or 0.0,
                offset_known=offset is not None,
                ignore=table.ignore,
                detections=table.detections and path.parent / table.detections,
                detections_fps=table.detections_fps,
                detections_size=table.detections_size,
            )
        )
    return tuple(cameras), content.transition


def _listed(cameras_file: Path, file: str | tuple[str, ...], timing: Timing) -> Recording:
    """Return the recording that `file` names: as in `find_recording`; those of a list follow each other."""
    for name in (file,) if isinstance(file, str) else file:
        try:
            path_of(Path, name)
        except ValueError as error:
            raise CamerasError(f"{cameras_file}: file: {error}; correct the file") from error
    if isinstance(file, str):
        return find_recording(cameras_file.parent / file, timing)
    return Recording(
        tuple(path for name in file for path in find_recording(cameras_file.parent / name).files), timing
    )

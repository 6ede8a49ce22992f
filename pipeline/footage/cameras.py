"""Cameras: which file is which camera, and how their clocks and views relate."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pipeline.errors import CamerasError
from pipeline.folder.toml_files import read_toml

LONGEST = 1e9
"""Seconds, about 30 years, or pixels; longer offsets and ways, and farther corners, are mistakes."""
Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Camera:
    """One recording from one fixed place."""

    name: str
    path: Path
    offset: float = 0.0
    """Seconds to add to the file's own timestamps to get the shared timeline."""
    offset_known: bool = False
    ignore: tuple[Polygon, ...] = ()
    """Polygons of (x, y) source pixels; a box whose foot point lies in one is left out."""
    detections: Path | None = None
    """File of recorded detections or tracks to use in place of a detector."""


@dataclass(frozen=True)
class Transition:
    """What is known of the way between two cameras, in either direction."""

    cameras: tuple[str, str]
    overlapping: bool = True
    """False: nobody is seen by both at one moment."""
    reachable: bool = True
    """False: nobody gets from one to the other."""
    minimum: float = 0.0
    """Shortest travel time, in seconds from leaving one view to entering the other."""
    maximum: float = math.inf
    """Longest travel time, in seconds."""


@dataclass(frozen=True)
class CameraSet:
    """All cameras of a run, sorted by name, and what is known between them."""

    cameras: tuple[Camera, ...]
    transitions: tuple[Transition, ...] = ()

    def __post_init__(self) -> None:
        if not self.cameras:
            raise CamerasError("no camera: name at least one recording")
        object.__setattr__(self, "cameras", tuple(sorted(self.cameras, key=lambda camera: camera.name)))
        _refuse_twice("name", [camera.name for camera in self.cameras])
        _refuse_twice("file", [str(camera.path.resolve()) for camera in self.cameras])
        known = [camera.name for camera in self.cameras]
        for name in known:
            if not name or not _is_text(name):
                raise CamerasError(
                    f"the camera name {name!r} is no readable text; give another with NAME=path"
                )
        for transition in self.transitions:
            for name in transition.cameras:
                if name not in known:
                    raise CamerasError(f"a transition names the camera {name!r}, which is none of {known}")
            if transition.minimum < 0:
                raise CamerasError(f"between {' and '.join(transition.cameras)}: minimum is below 0")
            if transition.minimum > transition.maximum:
                raise CamerasError(f"between {' and '.join(transition.cameras)}: minimum exceeds maximum")
        ways = Counter(" and ".join(sorted(transition.cameras)) for transition in self.transitions)
        twice = sorted(way for way, count in ways.items() if count > 1)
        if twice:
            raise CamerasError(
                f"the transition between {twice[0]} is given twice; put what is known into one"
            )

    def __getitem__(self, name: str) -> Camera:
        return next(camera for camera in self.cameras if camera.name == name)

    def transition(self, a: str, b: str) -> Transition:
        """Look up what is known between two cameras; by default nothing is excluded."""
        for transition in self.transitions:
            if set(transition.cameras) == {a, b}:
                return transition
        return Transition((a, b))


def gather(
    videos: Sequence[str], *, cameras_file: Path | None = None, detections: Sequence[str] = ()
) -> CameraSet:
    """Make the camera set that a command line asks for.

    Args:
        videos: recordings as `path` or `NAME=path`; a name that the file holds too replaces its path.
        cameras_file: TOML file with `[[camera]]` and `[[transition]]` tables.
        detections: recorded detections, as `FILE` (one file for all cameras, told apart by its
            `camera` column) or `NAME=FILE`.

    Raises:
        CamerasError: for anything that is missing, unknown or given twice.
    """
    listed, transitions = _load(cameras_file) if cameras_file else ((), ())
    _refuse_twice("name", [camera.name for camera in listed])
    cameras = {camera.name: camera for camera in listed}
    named = [_name_and_path(video) for video in videos]
    names = _unique_names([path for name, path in named if name is None])
    given = [(name if name is not None else names[path], path) for name, path in named]
    _refuse_twice("name", [name for name, _ in given])
    for name, path in given:
        cameras[name] = dataclasses.replace(cameras.get(name, Camera(name, path)), path=path)
    for entry in detections:
        target, path = _name_and_path(entry)
        if not path.is_file():
            raise CamerasError(f"{path}: no such file of recorded detections")
        if target is not None and target not in cameras:
            raise CamerasError(f"detections are given for {target!r}, which is none of {sorted(cameras)}")
        for name in [target] if target is not None else list(cameras):
            cameras[name] = dataclasses.replace(cameras[name], detections=path)
    return CameraSet(tuple(cameras.values()), transitions)


def _name_and_path(text: str) -> tuple[str | None, Path]:
    """Split `NAME=path`; a text that is an existing file as it stands is a path."""
    name, equals, path = text.partition("=")
    if not equals or not name or Path(text).exists():
        return None, Path(text)
    if not path:
        raise CamerasError(f"{text!r} names no file; write NAME=path")
    return name, Path(path)


def _unique_names(paths: Iterable[Path]) -> dict[Path, str]:
    """Name each file by its stem, with as many parent folders as it takes to tell them apart."""
    names = {path: path.stem for path in paths}
    for depth in range(1, 32):
        counts = Counter(names.values())
        clashing = [path for path, name in names.items() if counts[name] > 1]
        for path in clashing:
            parents = path.absolute().parts[1:-1][-depth:]
            names[path] = "/".join([*parents, path.stem if depth == 1 else path.name])
    return names


def _is_text(name: str) -> bool:
    """Tell whether a name can be written as UTF-8; file names of other systems may not."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_twice(what: str, values: Sequence[str]) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise CamerasError(f"the camera {what} {twice[0]!r} is given twice; each camera needs its own")


def _load(path: Path) -> tuple[tuple[Camera, ...], tuple[Transition, ...]]:
    """Read a cameras file; paths in it are relative to its folder."""
    tables = read_toml(path, CamerasError)
    _refuse_unknown(str(path), tables, {"camera", "transition"})
    cameras = [_camera(path, table) for table in _tables(path, tables, "camera")]
    return tuple(cameras), tuple(_transition(path, table) for table in _tables(path, tables, "transition"))


def _tables(path: Path, tables: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = tables.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise CamerasError(f"{path}: write each {key} as a [[{key}]] table")
    return found


def _camera(file: Path, table: dict[str, Any]) -> Camera:
    where = f"{file}: camera {table.get('name', '?')!r}"
    _refuse_unknown(where, table, {"name", "file", "offset", "ignore", "detections"})
    name, path = table.get("name"), table.get("file")
    if not isinstance(name, str) or not name or not isinstance(path, str) or not path or "\0" in path:
        raise CamerasError(f"{where}: needs a name and a file, both text")
    recorded = table.get("detections")
    if recorded is not None and (not isinstance(recorded, str) or not recorded):
        raise CamerasError(f"{where}: detections must be the path of a file")
    return Camera(
        name=name,
        path=file.parent / path,
        offset=_number(where, table, "offset", 0.0),
        offset_known="offset" in table,
        ignore=_polygons(where, table.get("ignore", [])),
        detections=None if recorded is None else file.parent / recorded,
    )


def _transition(file: Path, table: dict[str, Any]) -> Transition:
    where = f"{file}: transition between {table.get('cameras', '?')}"
    _refuse_unknown(where, table, {"cameras", "overlapping", "reachable", "minimum", "maximum"})
    names = table.get("cameras")
    if not isinstance(names, list) or len(names) != 2 or not all(isinstance(n, str) for n in names):
        raise CamerasError(f'{where}: write cameras = ["one", "other"]')
    if names[0] == names[1]:
        raise CamerasError(f"{where}: the two cameras must differ")
    for key in ("overlapping", "reachable"):
        if not isinstance(table.get(key, True), bool):
            raise CamerasError(f"{where}: {key} must be true or false")
    return Transition(
        cameras=cast(tuple[str, str], tuple(names)),
        overlapping=table.get("overlapping", True),
        reachable=table.get("reachable", True),
        minimum=_number(where, table, "minimum", 0.0),
        maximum=_number(where, table, "maximum", math.inf),
    )


def _number(where: str, table: dict[str, Any], key: str, default: float) -> float:
    value = table.get(key, default)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not (abs(value) <= LONGEST or value == default):
        raise CamerasError(f"{where}: {key} must be a number of seconds, at most {LONGEST:g}")
    return float(value)


def _polygons(where: str, value: object) -> tuple[Polygon, ...]:
    try:
        polygons = tuple(
            tuple((float(x), float(y)) for x, y in polygon) for polygon in cast(list[Any], value)
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise CamerasError(f"{where}: ignore must be a list of polygons [[x, y], …] in pixels") from error
    if not all(abs(number) <= LONGEST for polygon in polygons for corner in polygon for number in corner):
        raise CamerasError(
            f"{where}: the corners of a polygon to ignore must be numbers of pixels, at most {LONGEST:g}"
        )
    if any(len(polygon) < 3 for polygon in polygons):
        raise CamerasError(f"{where}: a polygon to ignore needs at least three corners")
    return polygons


def _refuse_unknown(where: str, table: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise CamerasError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")

"""Who was really where? Truth in our CSV, as MOTChallenge or as AI City, read to arrays by camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import class_group
from pipeline.errors import PipelineError
from pipeline.folder.file_names import camera_numbers, file_name
from pipeline.scoring.columns import (
    SIDES,
    Columns,
    corners,
    first_line,
    read_header,
    read_numbers,
    refuse,
    whole,
)

AICITY = ("camera", "identity", "frame", *SIDES)
MOT = ("frame", "identity", *SIDES, "conf")
MOT_2016 = (*MOT, "class", "visible")
"""The nine columns of MOTChallenge's truth from 2016 on; other files have x, y and z there."""
SPARSE = 20
"""Frames with truth from which a common step between them is no accident: only every n-th was labelled."""


@dataclass(frozen=True, eq=False)
class CameraTruth:
    """Who was where in one camera; arrays share their first axis, `n` boxes."""

    frames: NDArray[np.int64]
    """(n,) frames of the source file, from 0."""
    identities: NDArray[np.int64]
    """(n,) one number a person or vehicle, the same in all cameras."""
    boxes: NDArray[np.float32]
    """(n, 4) pixel corners x0, y0, x1, y1."""
    kinds: NDArray[np.str_]
    """(n,) class names; empty where the format has none."""
    ignored: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, np.bool_))
    """(n,) boxes that are neither demanded nor punished; by default none."""

    def __post_init__(self) -> None:
        n = len(self.frames)
        object.__setattr__(self, "ignored", np.broadcast_to(self.ignored, (n,)))
        if self.boxes.shape != (n, 4) or {self.identities.shape, self.kinds.shape} != {(n,)}:
            raise ValueError(f"expected n matching rows: {self.frames.shape=}, {self.boxes.shape=}")

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def step(self) -> int:
        """Every how many frames somebody looked: the common step of many frames, else 1."""
        frames = np.unique(self.frames)
        return int(np.gcd.reduce(np.diff(frames))) if len(frames) >= SPARSE else 1

    def covers(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of (m,) frames whether the truth would name who is there."""
        step = self.step
        return np.asarray(frames % step == (self.frames[0] % step if len(self) else 0))


@dataclass(frozen=True, eq=False)
class _Rows:
    """The boxes of a file; arrays share their first axis."""

    cameras: NDArray[np.str_]
    frames: NDArray[np.int64]
    identities: NDArray[np.int64]
    boxes: NDArray[np.float32]
    kinds: NDArray[np.str_]
    ignored: NDArray[np.bool_]

    def of(self, camera: str) -> CameraTruth:
        own = self.cameras == camera
        return CameraTruth(
            self.frames[own], self.identities[own], self.boxes[own], self.kinds[own], self.ignored[own]
        )


def read_truth(
    path: Path, cameras: Sequence[str], *, visible: float = 0.0, first_frame: int | None = None
) -> dict[str, CameraTruth]:
    """Read the truth of some cameras, its format told apart by what is there.

    - A folder: MOTChallenge, NAME.txt or NAME/gt/gt.txt for each camera; rows of confidence 0 are ignored.
    - A file that begins with a header: ours, as tracks.csv; columns camera (needless for one camera), frame,
      identity, class (may be missing), bb_left, bb_top, bb_width, bb_height and perhaps visible.
    - Numbers between commas: MOTChallenge, of one camera.
    - Numbers between spaces: AI City; cameras bear the numbers that `export --format aicity` gives them.

    Identities of two class groups that share a number, as person 3 and vehicle 3, are told apart by adding a
    power of ten to one of them.

    Args:
        path: file or folder.
        cameras: those of the run; others are not read.
        visible: boxes that show a smaller share of their object are ignored, where the file has that column.
        first_frame: number of a recording's first frame. None: 0 in ours, 1 in MOTChallenge, and in AI City
            0 if there is a frame 0 (2024), else 1 (2019-2022).

    Raises:
        PipelineError: it cannot be read, or is of other cameras.
    """
    given: list[tuple[str | None, Path]]
    if path.is_dir():
        given = [(name, _mot_file(path, name)) for name in sorted(cameras)]
    elif _form(path) == "mot" and len(cameras) > 1:
        what = "is of one camera" if path.read_bytes().strip() else "is empty"
        raise PipelineError(f"{path} {what}; name a folder of a file a camera, or give NAME=FILE for each")
    else:
        given = [(cameras[0] if len(cameras) == 1 else None, path)]
    read = [_read(file, name, cameras, visible, first_frame) for name, file in given]
    return _by_camera(path, read, cameras)


def read_truths(
    given: Sequence[str], cameras: Sequence[str], *, visible: float = 0.0, first_frame: int | None = None
) -> dict[str, CameraTruth]:
    """Read what a command line names: one PATH for all cameras, or NAME=FILE for each.

    Raises:
        PipelineError: see `read_truth`; or a camera is unknown, missing or named twice.
    """
    if len(given) == 1 and (Path(given[0]).exists() or "=" not in given[0]):
        return read_truth(Path(given[0]), cameras, visible=visible, first_frame=first_frame)
    pairs = [(name, Path(file)) for name, _, file in (entry.partition("=") for entry in given)]
    if sorted(name for name, _ in pairs) != sorted(cameras):
        raise PipelineError(f"give NAME=FILE once for each camera of the run: {', '.join(sorted(cameras))}")
    read = [_read(file, name, [name], visible, first_frame) for name, file in pairs]
    return _by_camera(pairs[0][1], read, cameras)


def _mot_file(folder: Path, camera: str) -> Path:
    """Find a camera's file in a folder of MOTChallenge truth."""
    names = dict.fromkeys([camera, file_name(camera)])
    places = [place for name in names for place in (folder / f"{name}.txt", folder / name / "gt" / "gt.txt")]
    found = [place for place in places if place.is_file()]
    if not found:
        raise PipelineError(
            f"{folder}: holds neither {camera}.txt nor {camera}/gt/gt.txt; name the folder of both"
        )
    return found[0]


def _form(path: Path) -> Literal["ours", "mot", "aicity"]:
    """Tell a file's format by its first line: words, or numbers between commas or spaces."""
    line = first_line(path)
    try:
        float((line.replace(",", " ").split() or ["0"])[0])
    except ValueError:
        return "ours"
    return "mot" if "," in line or not line else "aicity"


def _read(
    path: Path, camera: str | None, cameras: Sequence[str], visible: float, first_frame: int | None
) -> _Rows:
    """Read one file; all of it is of `camera` where it does not say."""
    form = _form(path)
    if form == "ours":
        columns, first = _ours(path), 0
    elif form == "mot":
        columns, first = _mot(path), 1
    else:
        columns, first = read_numbers(path, AICITY, None), 1
        first -= int((columns["frame"] == 0).any())
        columns["camera"] = _named(columns["camera"], cameras)
    first = first if first_frame is None else first_frame
    n = len(columns["frame"])
    unseen = columns["visible"] < visible if "visible" in columns else np.zeros(n, np.bool_)
    return _Rows(
        cameras=columns.get("camera", np.full(n, camera or "")),
        frames=whole(path, columns, "frame", first) - first,
        identities=whole(path, columns, "identity", 0),
        boxes=corners(path, columns, int(form == "mot")),
        kinds=columns.get("class", np.zeros(n, "U1")) if form == "ours" else np.zeros(n, "U1"),
        ignored=unseen | (columns["conf"] == 0 if form == "mot" else False),
    )


def _ours(path: Path) -> Columns:
    """Read our CSV; rows without an identity say nothing."""
    columns = read_header(path, ("frame", "identity", *SIDES, "visible"), ("camera", "class"))
    lacking = [name for name in ("frame", "identity", *SIDES) if name not in columns]
    if lacking:
        raise PipelineError(
            f"{path}, line 1: has no column {lacking[0]!r}, which truth needs; correct the header"
        )
    known = np.isfinite(columns["identity"])
    return {name: values[known] for name, values in columns.items()}


def _mot(path: Path) -> Columns:
    """Read MOTChallenge, whose ninth and last column is the visible share."""
    columns = first_line(path).count(",") + 1
    return read_numbers(path, MOT_2016 if columns == len(MOT_2016) else MOT, ",")


def _named(numbers: NDArray[np.float64], cameras: Sequence[str]) -> NDArray[np.str_]:
    """Turn AI City's camera numbers into names."""
    names = {number: name for name, number in camera_numbers(cameras).items()}
    return np.array([names.get(int(number), f"number {number:g}") for number in numbers], np.str_)


def _by_camera(path: Path, read: Sequence[_Rows], cameras: Sequence[str]) -> dict[str, CameraTruth]:
    """Put files together, number identities for all class groups, and part cameras."""
    rows = _Rows(*(np.concatenate([getattr(one, name) for one in read]) for name in _Rows.__annotations__))
    known, strangers = set(rows.cameras.tolist()), sorted(set(rows.cameras.tolist()) - set(cameras))
    lacking = sorted(set(cameras) - known)
    if lacking and strangers:  # without strangers, nobody was ever seen there
        raise PipelineError(
            f"{path} knows no camera {', '.join(lacking)}, only {', '.join(sorted(known))}; "
            "name the truth of this run, or rename the cameras of one of them"
        )
    twins = _Rows(**(vars(rows) | {"identities": _apart(rows.identities, rows.kinds)}))
    found = {name: twins.of(name) for name in sorted(cameras)}
    for name, one in found.items():
        order = np.lexsort((one.identities, one.frames))
        twice = np.zeros(len(one), np.bool_)
        same = (np.diff(one.frames[order]) == 0) & (np.diff(one.identities[order]) == 0)
        twice[order[1:][same]] = True
        refuse(path, twice, f"the identity has two boxes in this frame of {name}")
    return found


def _apart(identities: NDArray[np.int64], kinds: NDArray[np.str_]) -> NDArray[np.int64]:
    """Give numbers that two class groups share to the first group only.

    >>> _apart(np.array([3, 12, 3]), np.array(["person", "person", "car"])).tolist()
    [3, 12, 103]
    """
    names, code = np.unique(kinds, return_inverse=True)
    _, group = np.unique([class_group(name) for name in names.tolist()], return_inverse=True)
    pairs = np.unique(np.stack([identities, group[code]], axis=1), axis=0) if len(code) else np.empty((0, 2))
    if len(np.unique(pairs[:, 0])) == len(pairs):
        return identities
    moved: NDArray[np.int64] = identities + group[code] * 10 ** len(str(identities.max()))
    return moved

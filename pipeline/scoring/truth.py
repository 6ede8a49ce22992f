"""Ground truth: read from our CSV, MOTChallenge or AI City files, as arrays by camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import class_group
from pipeline.errors import PipelineError
from pipeline.folder.csv_columns import (
    SIDES,
    Columns,
    box_corners,
    first_line,
    read_named_columns,
    read_numbers,
    refuse_boxes,
    whole_numbers,
)
from pipeline.folder.file_names import camera_numbers, file_name

AICITY = ("camera", "identity", "frame", *SIDES)
MOT = ("frame", "identity", *SIDES, "conf")
MOT_2016 = (*MOT, "class", "visible")
"""The nine columns of MOTChallenge ground truth since 2016; older files have x, y and z at their end."""
MIN_LABELLED = 20
"""Smallest number of labelled frames from which their step is derived; the step of fewer frames may be a coincidence."""


@dataclass(frozen=True, eq=False)
class CameraTruth:
    """Ground truth of one camera; arrays share their first axis, `n` boxes."""

    frames: NDArray[np.int64]
    """(n,) frames of the source file, from 0."""
    identities: NDArray[np.int64]
    """(n,) true identities, the same in all cameras."""
    boxes: NDArray[np.float32]
    """(n, 4) pixel corners x0, y0, x1, y1."""
    kinds: NDArray[np.str_]
    """(n,) class names; empty if the format has none."""
    ignored: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, np.bool_))
    """(n,) boxes that are ignored: neither missing nor matching them counts. Default: none."""

    def __post_init__(self) -> None:
        n = len(self.frames)
        object.__setattr__(self, "ignored", np.broadcast_to(self.ignored, (n,)))
        if self.boxes.shape != (n, 4) or {self.identities.shape, self.kinds.shape} != {(n,)}:
            raise ValueError(f"expected n matching rows: {self.frames.shape=}, {self.boxes.shape=}")

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def step(self) -> int:
        """Every how many frames are labelled: the common step of the labelled frames, 1 if these are few."""
        frames = np.unique(self.frames)
        return int(np.gcd.reduce(np.diff(frames))) if len(frames) >= MIN_LABELLED else 1

    def covers(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of (m,) frames are labelled, with or without boxes."""
        step = self.step
        return np.asarray(frames % step == (self.frames[0] % step if len(self) else 0))

    def select(self, keep: NDArray[np.bool_]) -> CameraTruth:
        """Return some of the boxes, given as an (n,) mask."""
        return CameraTruth(
            self.frames[keep], self.identities[keep], self.boxes[keep], self.kinds[keep], self.ignored[keep]
        )


TruthFile = tuple[NDArray[np.str_], CameraTruth]
"""(n,) camera names and the n boxes of a file."""


def read_truth(
    path: Path, cameras: Sequence[str], *, visible: float = 0.0, first_frame: int | None = None
) -> dict[str, CameraTruth]:
    """Read the ground truth of some cameras; the format is recognised from the content.

    - A folder: MOTChallenge, NAME.txt or NAME/gt/gt.txt for each camera; boxes of confidence 0 are ignored.
    - A file with a header: our CSV, like tracks.csv, with the columns camera (optional for one camera), frame,
      identity, class (optional), bb_left, bb_top, bb_width, bb_height and visible (optional).
    - Numbers separated by commas: MOTChallenge, of one camera.
    - Numbers separated by spaces: AI City; cameras have the numbers that `export --format aicity` gives them.

    If two class groups share an identity, such as person 3 and vehicle 3, a power of ten is added to one of the two.

    Args:
        path: file or folder.
        cameras: cameras of the run; the ground truth of other cameras is not returned.
        visible: boxes that show a smaller share of their object are ignored, if the file has that column.
        first_frame: number of a recording's first frame. None: 0 in our CSV, 1 in MOTChallenge, and in AI City
            0 if the file has a frame 0 (2024), else 1 (2019-2022).

    Raises:
        PipelineError: the file cannot be read, or is of other cameras.
    """
    if path.is_dir():
        files = [
            _read_file(_mot_file(path, name), name, cameras, visible, first_frame) for name in sorted(cameras)
        ]
    elif _detect_format(path) == "mot" and len(cameras) > 1:
        what = "is of one camera" if path.read_bytes().strip() else "is empty"
        raise PipelineError(
            f"{path} {what}; name a folder with a file for each camera, or NAME=FILE for each"
        )
    else:
        camera = cameras[0] if len(cameras) == 1 else ""
        files = [_read_file(path, camera, cameras, visible, first_frame)]
    return _split_by_camera(path, files, cameras)


def read_truths(
    arguments: Sequence[str], cameras: Sequence[str], *, visible: float = 0.0, first_frame: int | None = None
) -> dict[str, CameraTruth]:
    """Read the ground truth that a command line names: one PATH for all cameras, or NAME=FILE for each.

    Raises:
        PipelineError: as `read_truth`; or a camera is unknown, missing or named twice.
    """
    if len(arguments) == 1 and (Path(arguments[0]).exists() or "=" not in arguments[0]):
        return read_truth(Path(arguments[0]), cameras, visible=visible, first_frame=first_frame)
    pairs = [(name, Path(file)) for name, _, file in (argument.partition("=") for argument in arguments)]
    if sorted(name for name, _ in pairs) != sorted(cameras):
        raise PipelineError(f"give NAME=FILE once for each camera of the run: {', '.join(sorted(cameras))}")
    files = [_read_file(file, name, [name], visible, first_frame) for name, file in pairs]
    return _split_by_camera(pairs[0][1], files, cameras)


def _mot_file(folder: Path, camera: str) -> Path:
    """Return the file of a camera in a folder of MOTChallenge ground truth."""
    names = dict.fromkeys([camera, file_name(camera)])
    paths = [path for name in names for path in (folder / f"{name}.txt", folder / name / "gt" / "gt.txt")]
    for path in paths:
        if path.is_file():
            return path
    raise PipelineError(
        f"{folder}: has neither {camera}.txt nor {camera}/gt/gt.txt; name the folder that holds them"
    )


def _detect_format(path: Path) -> Literal["ours", "mot", "aicity"]:
    """Return the format of a file, recognised from its first line: words, or numbers between commas or spaces."""
    line = first_line(path)
    try:
        float((line.replace(",", " ").split() or ["0"])[0])
    except ValueError:
        return "ours"
    return "mot" if "," in line or not line else "aicity"


def _read_file(
    path: Path, camera: str, cameras: Sequence[str], visible: float, first_frame: int | None
) -> TruthFile:
    """Read one file; all boxes are of `camera` if the file does not name their cameras."""
    file_format = _detect_format(path)
    if file_format == "ours":
        columns, default_first = _read_ours(path), 0
    elif file_format == "mot":
        columns, default_first = _read_mot(path), 1
    else:
        columns = read_numbers(path, AICITY, None)
        default_first = 0 if (columns["frame"] == 0).any() else 1
        columns["camera"] = _camera_names(columns["camera"], cameras)
    first = default_first if first_frame is None else first_frame
    n = len(columns["frame"])
    ignored = columns["visible"] < visible if "visible" in columns else np.zeros(n, np.bool_)
    if file_format == "mot":
        ignored = ignored | (columns["conf"] == 0)
    no_classes = np.zeros(n, "U1")
    truth = CameraTruth(
        frames=whole_numbers(path, columns, "frame", first) - first,
        identities=whole_numbers(path, columns, "identity", 0),
        boxes=box_corners(path, columns, 1 if file_format == "mot" else 0),
        kinds=columns.get("class", no_classes) if file_format == "ours" else no_classes,
        ignored=ignored,
    )
    return columns.get("camera", np.full(n, camera)), truth


def _read_ours(path: Path) -> Columns:
    """Read our CSV; rows without an identity are left out."""
    columns = read_named_columns(path, ("frame", "identity", *SIDES, "visible"), ("camera", "class"))
    missing = [name for name in ("frame", "identity", *SIDES) if name not in columns]
    if missing:
        raise PipelineError(
            f"{path}, line 1: has no column {missing[0]!r}, which ground truth needs; correct the header"
        )
    labelled = np.isfinite(columns["identity"])
    return {name: values[labelled] for name, values in columns.items()}


def _read_mot(path: Path) -> Columns:
    """Read MOTChallenge; in files of nine columns the last is the visible share."""
    columns = first_line(path).count(",") + 1
    return read_numbers(path, MOT_2016 if columns == len(MOT_2016) else MOT, ",")


def _camera_names(numbers: NDArray[np.float64], cameras: Sequence[str]) -> NDArray[np.str_]:
    """Return the name of each of (n,) AI City camera numbers; of another camera, `number` and its number."""
    names = {number: name for name, number in camera_numbers(cameras).items()}
    return np.array([names.get(int(number), f"number {number:g}") for number in numbers], np.str_)


def _split_by_camera(
    path: Path, files: Sequence[TruthFile], cameras: Sequence[str]
) -> dict[str, CameraTruth]:
    """Merge files, make identities unique over class groups, and split the boxes by camera."""
    names = np.concatenate([file_cameras for file_cameras, _ in files])  # (n,)
    truths = [truth for _, truth in files]
    merged = CameraTruth(
        frames=np.concatenate([truth.frames for truth in truths]),
        identities=np.concatenate([truth.identities for truth in truths]),
        boxes=np.concatenate([truth.boxes for truth in truths]),
        kinds=np.concatenate([truth.kinds for truth in truths]),
        ignored=np.concatenate([truth.ignored for truth in truths]),
    )
    in_file = set(names.tolist())
    missing = sorted(set(cameras) - in_file)
    if missing and not in_file <= set(cameras):  # without other names, these cameras saw nothing
        raise PipelineError(
            f"{path} has no camera {', '.join(missing)}, only {', '.join(sorted(in_file))}; "
            "name the ground truth of this run, or rename the cameras of one of them"
        )
    merged = replace(merged, identities=_unique_over_groups(merged.identities, merged.kinds))
    by_camera = {name: merged.select(names == name) for name in sorted(cameras)}
    for name, truth in by_camera.items():
        order = np.lexsort((truth.identities, truth.frames))
        repeated = np.zeros(len(truth), np.bool_)
        same = (np.diff(truth.frames[order]) == 0) & (np.diff(truth.identities[order]) == 0)
        repeated[order[1:][same]] = True
        refuse_boxes(path, repeated, f"the identity has two boxes in this frame of {name}")
    return by_camera


def _unique_over_groups(identities: NDArray[np.int64], kinds: NDArray[np.str_]) -> NDArray[np.int64]:
    """Renumber identities if two class groups share one; the first group keeps its numbers.

    >>> _unique_over_groups(np.array([3, 12, 3]), np.array(["person", "person", "car"])).tolist()
    [3, 12, 103]
    """
    names, code = np.unique(kinds, return_inverse=True)
    _, group = np.unique([class_group(name) for name in names.tolist()], return_inverse=True)
    pairs = np.unique(np.stack([identities, group[code]], axis=1), axis=0) if len(code) else np.empty((0, 2))
    if len(np.unique(pairs[:, 0])) == len(pairs):
        return identities
    renumbered: NDArray[np.int64] = identities + group[code] * 10 ** len(str(identities.max()))
    return renumbered

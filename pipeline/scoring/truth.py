"""Ground truth: read from our CSV, MOTChallenge or AI City files, as arrays by camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detectors.class_names import PERSON, class_group, class_name
from detectors.tables import SIDES, TextTable, read_table
from pipeline.errors import PipelineError
from pipeline.folder.file_names import camera_numbers, file_name
from pipeline.folder.seqinfo import read_sequence_value

AICITY = ("camera", "identity", "frame", *SIDES)
MOT = ("frame", "identity", *SIDES, "conf")
MOT_2016 = (*MOT, "class", "visible")
"""The nine columns of MOTChallenge ground truth since 2016; older files have x, y and z at their end."""
MOT_VEHICLES = {3: "car", 4: "bicycle", 5: "motorcycle", 6: "vehicle"}
"""Vehicles of MOTChallenge by class number; 1 is a pedestrian."""
DISTRACTORS = (2, 7, 8, 12)
"""Person on a vehicle, static person, distractor and reflection: neither missing nor matching them counts."""
DISTRACTORS_2020 = (*DISTRACTORS, 6)
"""MOT20 adds vehicles without a motor."""
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
    unmarked: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, np.bool_))
    """(n,) boxes that do not count: missing them costs nothing, but a box on them is false. Default: none."""
    several_cameras: bool = False
    """True if the file holds only identities that several cameras saw, as in AI City."""
    length: int | None = None
    """Number of labelled frames from 0 on; None: only those from the first to the last box."""

    def __post_init__(self) -> None:
        n = len(self.frames)
        object.__setattr__(self, "ignored", np.broadcast_to(self.ignored, (n,)))
        object.__setattr__(self, "unmarked", np.broadcast_to(self.unmarked, (n,)))
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
        return replace(
            self,
            frames=self.frames[keep],
            identities=self.identities[keep],
            boxes=self.boxes[keep],
            kinds=self.kinds[keep],
            ignored=self.ignored[keep],
            unmarked=self.unmarked[keep],
        )


TruthFile = tuple[NDArray[np.str_], CameraTruth]
"""(n,) camera names and the n boxes of a file."""


def read_truth(
    path: Path, cameras: Sequence[str], *, visible: float = 0.0, first_frame: int | None = None
) -> dict[str, CameraTruth]:
    """Read the ground truth of some cameras; the format is recognised from the content.

    - A folder: MOTChallenge, NAME.txt or NAME/gt/gt.txt for each camera.
    - A file with a header: our CSV, like tracks.csv, with the columns camera (optional for one camera), frame,
      identity, class (optional), bb_left, bb_top, bb_width, bb_height and visible (optional).
    - Numbers separated by commas: MOTChallenge, of one camera. As in its own scoring, only pedestrians of confidence 1
      count, and boxes on distractors are not false.
    - Numbers separated by spaces or tabs: AI City; cameras have the numbers that `export --format aicity` gives them. It
      holds only identities that several cameras saw.

    If two class groups share an identity, such as person 3 and vehicle 3, a power of ten is added to one of the two.

    Args:
        path: file or folder.
        cameras: cameras of the run; the ground truth of other cameras is not returned.
        visible: boxes that show a smaller share of their object are ignored, if the file has that column.
        first_frame: number of a recording's first frame. None: 0 in our CSV; else 0 if the file has a frame 0, and 1
            otherwise.

    Raises:
        PipelineError: the file cannot be read, or is of other cameras.
    """
    if path.is_dir():
        files = [
            _read_mot(read_table(_mot_file(path, name), PipelineError), name, visible, first_frame)
            for name in sorted(cameras)
        ]
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


def _read_file(
    path: Path, camera: str, cameras: Sequence[str], visible: float, first_frame: int | None
) -> TruthFile:
    """Read one file; all boxes are of `camera` if the file does not name their cameras."""
    table = read_table(path, PipelineError)
    if table.names:
        return _read_ours(table, camera, visible, first_frame or 0)
    if len(table) and table.separator in " \t":
        return _read_aicity(table, cameras, first_frame)
    if not camera:
        what = "is of one camera" if len(table) else "is empty"
        raise PipelineError(
            f"{path} {what}; name a folder with a file for each camera, or NAME=FILE for each"
        )
    return _read_mot(table, camera, visible, first_frame)


def _read_ours(table: TextTable, camera: str, visible: float, first: int) -> TruthFile:
    """Read our CSV; rows without an identity are left out."""
    table.check_columns(("frame", "identity", *SIDES), "ground truth")
    table = table.select(np.isfinite(table.numbers("identity")))
    n = len(table)
    truth = CameraTruth(
        frames=table.whole_numbers("frame", first) - first,
        identities=table.whole_numbers("identity", 0),
        boxes=table.corners(0),
        kinds=_class_names(table) if "class" in table else np.zeros(n, "U1"),
        ignored=table.numbers("visible") < visible if "visible" in table else np.zeros(n, np.bool_),
    )
    return np.array(table.all_texts("camera"), np.str_) if "camera" in table else np.full(n, camera), truth


def _class_names(table: TextTable) -> NDArray[np.str_]:
    codes, names = table.texts("class")
    return np.array([class_name(name) for name in names] or [""], np.str_)[codes]


def _read_aicity(table: TextTable, cameras: Sequence[str], first_frame: int | None) -> TruthFile:
    """Read AI City."""
    table = table.named(AICITY, needed=len(AICITY))
    first = _first_frame(table, first_frame)
    truth = CameraTruth(
        frames=table.whole_numbers("frame", first) - first,
        identities=table.whole_numbers("identity", 0),
        boxes=table.corners(0),
        kinds=np.zeros(len(table), "U1"),
        several_cameras=True,
    )
    return _camera_names(table.numbers("camera"), cameras), truth


def _read_mot(table: TextTable, camera: str, visible: float, first_frame: int | None) -> TruthFile:
    """Read MOTChallenge; in files of nine columns the last two are the class and the visible share."""
    is_nine = len(table.cells) == len(MOT_2016)
    table = table.named(MOT_2016 if is_nine else MOT, needed=len(MOT))
    has_classes = is_nine and bool((table.numbers("class") != -1).any())
    n = len(table)
    first = _first_frame(table, first_frame)
    ignored, kinds = np.zeros(n, np.bool_), np.zeros(n, "U1")
    unmarked = table.numbers("conf") == 0
    if has_classes:
        numbers = table.whole_numbers("class", 0)
        is_2020 = any("MOT20" in part for part in table.path.absolute().parts)
        ignored = np.isin(numbers, DISTRACTORS_2020 if is_2020 else DISTRACTORS)
        vehicle = np.isin(numbers, list(MOT_VEHICLES)) & ~unmarked & ~ignored
        unmarked |= (numbers != 1) & ~vehicle
        ignored |= (table.numbers("visible") < visible) & ~unmarked
        names = [
            MOT_VEHICLES[number] if counts else PERSON
            for number, counts in zip(numbers.tolist(), vehicle, strict=True)
        ]
        kinds = np.array(names, np.str_) if n else kinds
    truth = CameraTruth(
        frames=table.whole_numbers("frame", first) - first,
        identities=table.whole_numbers("identity", 0),
        boxes=table.corners(1),
        kinds=kinds,
        ignored=ignored,
        unmarked=unmarked & ~ignored,
        length=_sequence_length(table.path),
    )
    return np.full(n, camera), truth


def _first_frame(table: TextTable, given: int | None) -> int:
    """Return the number of the first frame: as given, or 0 if the file has a frame 0, else 1."""
    if given is not None:
        return given
    return 0 if (table.numbers("frame") == 0).any() else 1


def _sequence_length(path: Path) -> int | None:
    """Return the number of frames that MOTChallenge's seqinfo.ini beside NAME/gt/gt.txt states."""
    length = read_sequence_value(path.parent.parent, "seqLength")
    return None if length is None else int(length)


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
        unmarked=np.concatenate([truth.unmarked for truth in truths]),
        several_cameras=any(truth.several_cameras for truth in truths),
    )
    in_file = set(names.tolist())
    missing = sorted(set(cameras) - in_file)
    if missing and not in_file <= set(cameras):  # without other names, these cameras saw nothing
        raise PipelineError(
            f"{path} has no camera {', '.join(missing)}, only {', '.join(sorted(in_file))}; "
            "name the ground truth of this run, or rename the cameras of one of them"
        )
    merged = replace(merged, identities=_unique_over_groups(merged.identities, merged.kinds))
    lengths = {str(file_cameras[0]): truth.length for file_cameras, truth in files if len(truth)}
    by_camera = {
        name: replace(merged.select(names == name), length=lengths.get(name)) for name in sorted(cameras)
    }
    for name, truth in by_camera.items():
        order = np.lexsort((truth.identities, truth.frames))
        repeated = np.zeros(len(truth), np.bool_)
        same = (np.diff(truth.frames[order]) == 0) & (np.diff(truth.identities[order]) == 0)
        repeated[order[1:][same]] = True
        if repeated.any():
            box = int(repeated.argmax())
            raise PipelineError(
                f"{path}: identity {truth.identities[box]} has two boxes in frame {truth.frames[box]} (from 0) of {name}; "
                "correct the file"
            )
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

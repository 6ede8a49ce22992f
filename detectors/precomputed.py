"""Precomputed detections: boxes and tracks read from a file instead of detected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections
from detectors.class_names import PERSON, class_name
from detectors.errors import DetectionsError
from detectors.fit import are_shares, describe_misfit
from detectors.tables import LARGEST, SIDES, TextTable, read_table

MOT = ("frame", "track", *SIDES, "conf", "x", "y", "z")
NEEDED = ("frame", "class", *SIDES, "conf")
NO_TRACK = -1
LOGISTIC = 20.0
"""Largest raw score that the logistic function maps; larger ones are mapped by their rank."""


class Precomputed:
    """A detector that returns the precomputed boxes in a file and needs no pixels.

    The first line decides which of two formats the file has.

    - MOTChallenge, without a header: frame,id,bb_left,bb_top,bb_width,bb_height,conf and up to three
      columns that are ignored. Frames, ids and pixels count from 1, or from 0 if there is a frame 0. An id of -1 is a
      box without a track. A conf of -1 is unknown and becomes 1; raw scores are mapped to [0, 1]. Every box is a person.
    - A header: frame,class,bb_left,bb_top,bb_width,bb_height,conf and optionally track and
      camera, in any order; other columns are ignored. Frames and pixels count from 0. An empty track is a box without a
      track.

    If there is a track 0, 1 is added to the numbers of all tracks.
    """

    def __init__(
        self,
        path: Path,
        camera: str,
        cameras: Collection[str] = (),
        *,
        scale: tuple[float, float] = (1.0, 1.0),
        rate: float = 1.0,
    ) -> None:
        """Read the rows of one camera; without a camera column, all rows.

        Args:
            path: the file.
            camera: the camera.
            cameras: all cameras of the run; the file must have rows of one of them, if it has any.
            scale: width and height of the footage's frame over those of the frame that the boxes were made for.
            rate: frames of the footage in a frame of the file.

        Raises:
            DetectionsError: the file is not valid, or is of other cameras.
        """
        table = read_table(path, DetectionsError)
        notes: list[str] = []
        if table.names:
            table.check_columns(NEEDED, "a file of detections with a header")
            first = 0
        else:
            table = table.named(MOT, needed=7)
            first = 1
            if len(table) and table.numbers("frame").min() == 0:
                first = 0
                notes.append("its frames are taken to count from 0, because there is a frame 0")
        frames = table.whole_numbers("frame", first) - first
        corners = table.corners(first) * np.tile(scale, 2).astype(np.float32)
        tracks, note = _tracks(table)
        notes += note
        scores, note = _scores(table)
        notes += note
        chosen = np.arange(len(table))
        if "camera" in table:
            codes, names = table.texts("camera")
            table.refuse(_is_empty(names)[codes], "camera is empty")
            if names and not {camera, *cameras}.intersection(names):
                raise DetectionsError(
                    f"{path} has no row of the camera {camera!r}, only of: {', '.join(sorted(names))}; "
                    "rename one of them"
                )
            chosen = np.flatnonzero(codes == (names.index(camera) if camera in names else -1))
        codes, names = (
            table.texts("class") if "class" in table else (np.zeros(len(table), np.int64), [PERSON])
        )
        table.refuse(_is_empty(names)[codes], "class is empty")
        chosen = chosen[np.argsort(frames[chosen], kind="stable")]
        order = np.lexsort((tracks[chosen], frames[chosen]))  # stable: of equal rows the earlier comes first
        same = (np.diff(frames[chosen][order]) == 0) & (np.diff(tracks[chosen][order]) == 0)
        repeated = np.zeros(len(table), bool)
        repeated[chosen[order[1:][same & (tracks[chosen][order][1:] != NO_TRACK)]]] = True
        table.refuse(repeated, "the track has two boxes in this frame")
        if scale == (1.0, 1.0) and are_shares(corners[chosen]):
            raise DetectionsError(
                f"{path}: all boxes lie within 0 and 1, so they seem to be shares of the frame; give --detections-size 1x1"
            )
        self.frames = np.round(frames[chosen] * rate).astype(np.int64)
        """(n,) source frames of all boxes, increasing."""
        self.boxes = corners[chosen]
        """(n, 4) pixel corners of all boxes in the source frame."""
        self.step = max(1.0, rate)
        """Source frames from one frame of the file to the next."""
        self.notes = tuple(notes)
        """What was decided about the file, in sentences."""
        self._tracks = tracks[chosen] if (tracks[chosen] != NO_TRACK).any() else None
        self._scores = scores[chosen]
        self._names = np.array([class_name(name) for name in names], np.str_)
        self._codes = codes[chosen]

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Return the precomputed boxes for each source frame number; the frames are not used."""
        del frames
        starts = np.searchsorted(self.frames, numbers, "left")
        ends = np.searchsorted(self.frames, numbers, "right")
        detections = []
        for start, end in zip(starts, ends, strict=True):
            tracks = None if self._tracks is None else self._tracks[start:end]
            names = self._names[self._codes[start:end]]
            detections.append(Detections(self.boxes[start:end], self._scores[start:end], names, tracks))
        return detections

    def misfits(self, size: tuple[int, int], total: int | None) -> list[str]:
        """Return sentences on how the boxes do not fit footage of a width and height, and a number of frames."""
        return describe_misfit(self.frames, self.boxes, size, total, has_step=self.step > 1)


def _tracks(table: TextTable) -> tuple[NDArray[np.int64], list[str]]:
    """Return the (n,) track of each box, `NO_TRACK` for a box without one, and a note if numbers from 0 were raised."""
    if "track" not in table:
        return np.full(len(table), NO_TRACK), []
    tracks = np.nan_to_num(table.numbers("track"), nan=NO_TRACK)
    wrong = ((tracks < 0) & (tracks != NO_TRACK)) | (tracks % 1 != 0) | np.logical_not(tracks <= LARGEST)
    table.refuse(wrong, "track is not a whole number from 0, nor -1 for none", "track")
    if not (tracks == 0).any():
        return tracks.astype(np.int64), []
    raised = np.where(tracks == NO_TRACK, NO_TRACK, tracks + 1)
    return raised.astype(np.int64), ["its tracks count from 0, so 1 was added to their numbers"]


def _scores(table: TextTable) -> tuple[NDArray[np.float32], list[str]]:
    """Return the (n,) confidences in [0, 1], and a note if raw scores were mapped to them."""
    scores = table.numbers("conf")
    table.refuse(np.logical_not(np.abs(scores) <= LARGEST), "conf is empty, not finite or too large", "conf")
    unknown = scores == -1
    outside = (scores < 0) | (scores > 1)
    if not (outside & ~unknown).any():  # MOTChallenge writes -1 for unknown
        return np.where(unknown, 1.0, scores).astype(np.float32), []
    if "class" in table:
        table.refuse(outside, "conf is not in [0, 1]", "conf")
    if np.abs(scores).max() <= LOGISTIC:
        return (1 / (1 + np.exp(-scores))).astype(np.float32), [
            "its scores are not in [0, 1] and were mapped by the logistic function"
        ]
    _, rank, count = np.unique(scores, return_inverse=True, return_counts=True)
    return (np.cumsum(count)[rank] / len(scores)).astype(np.float32), [
        "its scores are not in [0, 1] and were replaced by their rank"
    ]


def _is_empty(names: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([not name.strip() for name in names], np.bool_)

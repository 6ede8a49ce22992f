"""Which boxes, or whole tracks, does a file hold for these frames?"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from detectors.boxes import PERSON, Detections
from detectors.errors import DetectionsError

SIDES = ("bb_left", "bb_top", "bb_width", "bb_height")
MOT = ("frame", "track", *SIDES, "conf", "x", "y", "z")
NEEDED = ("frame", "class", *SIDES, "conf")
NUMERIC = ("frame", "track", *SIDES, "conf")
NO_TRACK = -1
LARGEST = 1e9
"""Frames, tracks and pixels beyond this are mistakes."""


class Recorded:
    """Gives boxes out of a file: a detector that needs no pixels.

    Two kinds of file are told apart by their first line.

    - MOTChallenge, without a header: frame,id,bb_left,bb_top,bb_width,bb_height,conf and up to three
      columns that are not read. Frames, ids and pixels count from 1; id -1 is a box without a track,
      conf -1 one of unknown confidence, taken as 1. Every box is a person.
    - Ours, with a header: frame,class,bb_left,bb_top,bb_width,bb_height,conf and perhaps track and
      camera, in any order; other columns are not read. Frames and pixels count from 0, tracks from 1;
      an empty track is none.
    """

    def __init__(self, path: Path, camera: str) -> None:
        """Read the file; where it has a camera column, the rows of this camera.

        Raises:
            DetectionsError: the file cannot be understood, or has rows, but none of this camera.
        """
        table, first = _table(path)
        line = np.arange(len(table)) + 2 - first  # a header is line 1
        column = _numbers(table, first)
        _check(path, line, column, first)
        codes, names = _words(table, "class", PERSON)
        _refuse(path, line, (names == "")[codes], "class is empty")
        cameras, camera_names = _words(table, "camera", camera)
        _refuse(path, line, (camera_names == "")[cameras], "camera is empty")
        if len(table) and camera not in camera_names:
            known = ", ".join(sorted(camera_names))
            raise DetectionsError(
                f"{path} has no row of the camera {camera!r}, only of: {known}; rename one of them"
            )
        chosen = np.flatnonzero((camera_names == camera)[cameras])
        chosen = chosen[np.argsort(column["frame"][chosen], kind="stable")]
        self._frames = column["frame"][chosen].astype(np.int64) - first
        tracks = column["track"][chosen].astype(np.int64)
        _refuse(path, line[chosen], _repeated(self._frames, tracks), "the track has two boxes in this frame")
        self._tracks = tracks if (tracks != NO_TRACK).any() else None
        self._boxes = _corners(column, first)[chosen]
        self._scores = column["conf"][chosen].astype(np.float32)
        self._codes, self._names = codes[chosen], names

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Give the boxes recorded for these source frame numbers; the frames are not looked at."""
        del frames
        starts = np.searchsorted(self._frames, numbers, "left")
        ends = np.searchsorted(self._frames, numbers, "right")
        return [self._slice(slice(start, end)) for start, end in zip(starts, ends, strict=True)]

    def left(self, after: int) -> int:
        """Count the boxes of source frames from `after` on."""
        return int(len(self._frames) - np.searchsorted(self._frames, after))

    def _slice(self, rows: slice) -> Detections:
        tracks = None if self._tracks is None else self._tracks[rows]
        return Detections(self._boxes[rows], self._scores[rows], self._names[self._codes[rows]], tracks)


def _table(path: Path) -> tuple[pa.Table, int]:
    """Parse the file; with the number of its first frame and pixel: 1 for MOTChallenge, 0 for ours."""
    try:
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").rstrip()
        head = [word.strip(' "') for word in text.split(b"\n", 1)[0].decode().strip().split(",")]
    except (OSError, UnicodeDecodeError) as error:
        raise DetectionsError(f"{path} cannot be read as text: {error}") from error
    if not text:  # MOTChallenge for nothing found
        return pa.table({}), 1
    mot = head[0].strip().removeprefix("-").replace(".", "", 1).isdigit()
    if mot and not 7 <= len(head) <= len(MOT):
        raise DetectionsError(f"{path}, line 1: expected 7 to 10 columns ({','.join(MOT)}), got {len(head)}")
    lacking = [] if mot else [name for name in NEEDED if head.count(name) != 1]
    if lacking:
        raise DetectionsError(
            f"{path}, line 1: neither MOTChallenge numbers nor a header with one column {lacking[0]!r};"
            f" a header needs {','.join(NEEDED)}"
        )
    if not mot:  # headers may be quoted or spaced
        text = (
            ",".join(head).encode() + text[text.find(b"\n") :] if b"\n" in text else ",".join(head).encode()
        )
    return _parse(path, text + b"\n", MOT[: len(head)] if mot else None), int(mot)


def _parse(path: Path, text: bytes, names: Sequence[str] | None) -> pa.Table:
    """Parse the columns that are read; in one thread, because with more Arrow cannot name the line."""
    word = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.float64() for name in NUMERIC} | {"class": word, "camera": word}
    try:
        return csv.read_csv(
            io.BytesIO(text),
            csv.ReadOptions(use_threads=False, column_names=names),
            csv.ParseOptions(ignore_empty_lines=False),
            csv.ConvertOptions(column_types=types, null_values=[""]),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise DetectionsError(fault(path, error)) from error


def fault(path: Path, error: Exception) -> str:
    """Say to people why Arrow could not read a CSV file."""
    where = re.search(r"Row #(\d+): (.*)", str(error))
    if not where:
        return f"{path}: {error}"
    value = re.search("conversion error to double: invalid value (.*)", where[2])
    return f"{path}, line {where[1]}: {f'{value[1]} is no number; correct the file' if value else where[2]}"


def _numbers(table: pa.Table, first: int) -> dict[str, NDArray[np.float64]]:
    """Take the numeric columns, (n,) each; NaN is what was empty."""
    absent = np.full(len(table), np.nan)
    column = {name: table[name].to_numpy() if name in table.column_names else absent for name in NUMERIC}
    column["track"] = np.nan_to_num(column["track"], nan=NO_TRACK)
    if first:  # MOTChallenge fills with -1
        column["conf"] = np.where(column["conf"] == -1, 1.0, column["conf"])
    return column


def _check(path: Path, line: NDArray[np.intp], column: dict[str, NDArray[np.float64]], first: int) -> None:
    """Refuse numbers that no file of detections can hold."""
    for name in NUMERIC:
        wild = ~(np.abs(column[name]) <= LARGEST)
        _refuse(path, line, wild, f"{name} is empty, not finite or too large")
    frame, track, conf = column["frame"], column["track"], column["conf"]
    _refuse(path, line, (frame < first) | (frame % 1 != 0), f"frame is not a whole number from {first}")
    no_track = ((track < 1) & (track != NO_TRACK)) | (track % 1 != 0)
    _refuse(path, line, no_track, "track is not a whole number from 1, nor -1 for none")
    corners = _corners(column, first)
    flat = np.any(corners[:, :2] >= corners[:, 2:], axis=1)
    _refuse(path, line, flat, "bb_width or bb_height is not above 0")
    _refuse(path, line, (conf < 0) | (conf > 1), "conf is not in [0, 1]")


def _corners(column: dict[str, NDArray[np.float64]], first: int) -> NDArray[np.float32]:
    left, top, width, height = (column[name] for name in SIDES)
    corners = np.stack(
        [left - first, top - first, left - first + width, top - first + height], axis=1
    )  # (n, 4)
    return corners.astype(np.float32)


def _words(table: pa.Table, name: str, otherwise: str) -> tuple[NDArray[np.int32], NDArray[np.str_]]:
    """Take a column of words as (n,) places in the (k,) different words; `otherwise` where it is absent."""
    if name not in table.column_names:
        return np.zeros(len(table), np.int32), np.array([otherwise])
    words = table[name].unify_dictionaries().combine_chunks()
    return words.indices.to_numpy(), np.array(words.dictionary.to_pylist(), np.str_)


def _repeated(frames: NDArray[np.int64], tracks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark, of rows by increasing frame, those whose frame and track have been there before."""
    order = np.lexsort((tracks, frames))  # stable: of equal rows the earlier comes first
    again = (np.diff(frames[order]) == 0) & (np.diff(tracks[order]) == 0) & (tracks[order][1:] != NO_TRACK)
    repeated = np.zeros(len(frames), bool)
    repeated[order[1:][again]] = True
    return repeated


def _refuse(path: Path, line: NDArray[np.intp], faulty: NDArray[np.bool_], fault: str) -> None:
    if faulty.any():
        raise DetectionsError(f"{path}, line {line[faulty].min()}: {fault}; correct the file")

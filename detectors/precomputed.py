"""Precomputed detections: boxes and tracks read from a file instead of detected."""

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
"""Largest magnitude of a frame, track or pixel number; larger numbers are mistakes."""


class Precomputed:
    """A detector that returns the precomputed boxes in a file and needs no pixels.

    The first line decides which of two formats the file has.

    - MOTChallenge, without a header: frame,id,bb_left,bb_top,bb_width,bb_height,conf and up to three
      columns that are ignored. Frames, ids and pixels count from 1. An id of -1 is a box without a track;
      a conf of -1 is unknown and becomes 1. Every box is a person.
    - CSV with a header: frame,class,bb_left,bb_top,bb_width,bb_height,conf and optionally track and
      camera, in any order; other columns are ignored. Frames and pixels count from 0, tracks from 1.
      An empty track is a box without a track.
    """

    def __init__(self, path: Path, camera: str) -> None:
        """Read the rows of one camera; without a camera column, all rows.

        Raises:
            DetectionsError: the file is not valid, or has rows but none of this camera.
        """
        table, first = _read_table(path)
        lines = np.arange(len(table)) + 2 - first  # a header is line 1
        column = _numeric_columns(table, first)
        _check(path, lines, column, first)
        codes, names = _text_column(table, "class", PERSON)
        _check_rows(path, lines, (names == "")[codes], "class is empty")
        cameras, camera_names = _text_column(table, "camera", camera)
        _check_rows(path, lines, (camera_names == "")[cameras], "camera is empty")
        if len(table) and camera not in camera_names:
            others = ", ".join(sorted(camera_names))
            raise DetectionsError(
                f"{path} has no row of the camera {camera!r}, only of: {others}; rename one of them"
            )
        chosen = np.flatnonzero((camera_names == camera)[cameras])
        chosen = chosen[np.argsort(column["frame"][chosen], kind="stable")]
        self._frames = column["frame"][chosen].astype(np.int64) - first
        tracks = column["track"][chosen].astype(np.int64)
        order = np.lexsort((tracks, self._frames))  # stable: of equal rows the earlier comes first
        same = (np.diff(self._frames[order]) == 0) & (np.diff(tracks[order]) == 0)
        repeated = np.zeros(len(tracks), bool)
        repeated[order[1:][same & (tracks[order][1:] != NO_TRACK)]] = True
        _check_rows(path, lines[chosen], repeated, "the track has two boxes in this frame")
        self._tracks = tracks if (tracks != NO_TRACK).any() else None
        self._boxes = _corners(column, first)[chosen]
        self._scores = column["conf"][chosen].astype(np.float32)
        self._codes, self._names = codes[chosen], names

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Return the precomputed boxes for each source frame number; the frames are not used."""
        del frames
        starts = np.searchsorted(self._frames, numbers, "left")
        ends = np.searchsorted(self._frames, numbers, "right")
        detections = []
        for start, end in zip(starts, ends, strict=True):
            tracks = None if self._tracks is None else self._tracks[start:end]
            names = self._names[self._codes[start:end]]
            detections.append(Detections(self._boxes[start:end], self._scores[start:end], names, tracks))
        return detections

    def boxes_after(self, number: int) -> int:
        """Return the number of precomputed boxes for source frame `number` and later frames."""
        return int(len(self._frames) - np.searchsorted(self._frames, number))


def _read_table(path: Path) -> tuple[pa.Table, int]:
    """Return the file's table and the number of its first frame and pixel: 1 for MOTChallenge, else 0."""
    try:
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").rstrip()
        first_line = text.partition(b"\n")[0]
        head = [word.strip(' "') for word in first_line.decode().strip().split(",")]
    except (OSError, UnicodeDecodeError) as error:
        raise DetectionsError(f"{path} cannot be read as text: {error}") from error
    if not text:  # a MOTChallenge file without boxes
        return pa.table({}), 1
    if head[0].strip().removeprefix("-").replace(".", "", 1).isdigit():
        if not 7 <= len(head) <= len(MOT):
            raise DetectionsError(
                f"{path}, line 1: expected 7 to 10 columns ({','.join(MOT)}), got {len(head)}"
            )
        return _parse(path, text, MOT[: len(head)]), 1
    missing = [name for name in NEEDED if head.count(name) != 1]
    if missing:
        raise DetectionsError(
            f"{path}, line 1: neither MOTChallenge numbers nor a header with one column {missing[0]!r};"
            f" a header needs {','.join(NEEDED)}"
        )
    header = ",".join(head).encode()  # without quotes and spaces
    return _parse(path, header + text[len(first_line) :], None), 0


def _parse(path: Path, text: bytes, names: Sequence[str] | None) -> pa.Table:
    """Parse the columns that are used; in one thread, because with several Arrow does not report the line."""
    word = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.float64() for name in NUMERIC} | {"class": word, "camera": word}
    try:
        return csv.read_csv(
            io.BytesIO(text + b"\n"),
            csv.ReadOptions(use_threads=False, column_names=names),
            csv.ParseOptions(ignore_empty_lines=False),
            csv.ConvertOptions(column_types=types, null_values=[""]),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise DetectionsError(describe_csv_error(path, error)) from error


def describe_csv_error(path: Path, error: Exception) -> str:
    """Return a message with the line and the reason why Arrow could not read a CSV file."""
    row = re.search(r"Row #(\d+): (.*)", str(error))
    if not row:
        return f"{path}: {' '.join(str(error).split())}; correct the file"
    value = re.search("conversion error to double: invalid value (.*)", row[2])
    return f"{path}, line {row[1]}: {f'{value[1]} is not a number' if value else row[2]}; correct the file"


def _numeric_columns(table: pa.Table, first: int) -> dict[str, NDArray[np.float64]]:
    """Return the numeric columns, (n,) each, with NaN for empty cells and absent columns."""
    absent = np.full(len(table), np.nan)
    column = {name: table[name].to_numpy() if name in table.column_names else absent for name in NUMERIC}
    column["track"] = np.nan_to_num(column["track"], nan=NO_TRACK)
    if first:  # MOTChallenge writes -1 for unknown
        column["conf"] = np.where(column["conf"] == -1, 1.0, column["conf"])
    return column


def _check(path: Path, lines: NDArray[np.intp], column: dict[str, NDArray[np.float64]], first: int) -> None:
    """Raise if a number is outside the range of its column."""
    for name in NUMERIC:
        wild = ~(np.abs(column[name]) <= LARGEST)
        _check_rows(path, lines, wild, f"{name} is empty, not finite or too large")
    frame, track, conf = column["frame"], column["track"], column["conf"]
    bad_frame = (frame < first) | (frame % 1 != 0)
    _check_rows(path, lines, bad_frame, f"frame is not a whole number from {first}")
    bad_track = ((track < 1) & (track != NO_TRACK)) | (track % 1 != 0)
    _check_rows(path, lines, bad_track, "track is not a whole number from 1, nor -1 for none")
    corners = _corners(column, first)
    flat = np.any(corners[:, :2] >= corners[:, 2:], axis=1)
    _check_rows(path, lines, flat, "bb_width or bb_height is not above 0")
    _check_rows(path, lines, (conf < 0) | (conf > 1), "conf is not in [0, 1]")


def _corners(column: dict[str, NDArray[np.float64]], first: int) -> NDArray[np.float32]:
    left, top, width, height = (column[name] for name in SIDES)
    x0, y0 = left - first, top - first
    return np.stack([x0, y0, x0 + width, y0 + height], axis=1).astype(np.float32)  # (n, 4)


def _text_column(table: pa.Table, name: str, default: str) -> tuple[NDArray[np.int32], NDArray[np.str_]]:
    """Return (n,) indices into (k,) different words; an absent column holds the default everywhere."""
    if name not in table.column_names:
        return np.zeros(len(table), np.int32), np.array([default])
    words = table[name].unify_dictionaries().combine_chunks()
    return words.indices.to_numpy(), np.array(words.dictionary.to_pylist(), np.str_)


def _check_rows(path: Path, lines: NDArray[np.intp], faulty: NDArray[np.bool_], fault: str) -> None:
    """Raise for the first faulty row, if any."""
    if faulty.any():
        raise DetectionsError(f"{path}, line {lines[faulty].min()}: {fault}; correct the file")

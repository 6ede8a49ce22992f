"""The pieces of a recording: read one by one and joined on one timeline."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.folder.seqinfo import read_sequence_value
from pipeline.footage.placing import PieceTimes, place_pieces
from pipeline.footage.recording import Recording, Timing, list_pictures
from pipeline.footage.scan import Scan, open_footage, scan_footage

EARLIEST = datetime(1990, 1, 1).astimezone().timestamp()
"""Earlier dates come from clocks that were never set."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A video file or a folder of pictures, with `f` frames."""

    path: Path
    seconds: NDArray[np.float64]
    """(f,) times of its frames on its own clock, increasing."""
    content: Scan | list[Path | None]
    """The scan of a video, or the picture of each frame; None where a number is missing."""
    faults: tuple[str, ...] = ()
    """Reasons why it is incomplete."""
    notes: tuple[str, ...] = ()
    """What was wrong with its times."""
    created: float | None = None
    """When it was recorded, as its metadata says, in seconds since 1970."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """The frames of all pieces of a recording: `f` in all."""

    pieces: tuple[Piece, ...]
    """Those that can be read, with at least one frame each."""
    seconds: NDArray[np.float64]
    """(f,) time of each frame on the recording's clock, increasing; the index is the frame's number."""
    firsts: tuple[int, ...]
    """Number of each piece's first frame."""
    faults: tuple[str, ...]
    """Reasons why the recording is incomplete."""
    notes: tuple[str, ...]
    """How the pieces were joined, and what was wrong with their times."""


def read_timeline(recording: Recording, beat: Callable[[], None]) -> Timeline:
    """Read the times of all frames; `beat` is called regularly to show progress.

    Raises:
        FootageError: no piece can be read.
    """
    pieces: list[Piece] = []
    faults: list[str] = []
    errors: list[FootageError] = []
    for path in recording.files:
        try:
            piece = read_piece(path, recording.timing, beat)
        except FootageError as error:
            errors.append(error)
            faults.append(f"a file was left out: {error}")
            continue
        prefix = f"{path.name}: " if len(recording.files) > 1 else ""
        faults += [prefix + fault for fault in piece.faults]
        pieces.append(piece)
    if not pieces:
        raise errors[0]
    notes = [
        f"{piece.path.name}: {note}" if len(recording.files) > 1 else note
        for piece in pieces
        for note in piece.notes
    ]
    seconds, joined = join(pieces, recording.timing)
    counts = np.cumsum([0, *(len(piece.seconds) for piece in pieces)]).tolist()
    return Timeline(tuple(pieces), seconds, tuple(counts[:-1]), tuple(faults), (*joined, *notes))


def read_piece(path: Path, timing: Timing, beat: Callable[[], None]) -> Piece:
    """Read the times of a video file or of a folder of pictures.

    Raises:
        FootageError: it cannot be read.
    """
    if path.is_dir():
        pictures = numbered_pictures(path)  # raises if there are none
        return Piece(path, np.arange(len(pictures)) / picture_rate(path, timing), pictures)
    scan = scan_footage(path, beat)
    return Piece(path, scan.seconds, scan, scan.faults, scan.notes, _created(path))


def join(pieces: Sequence[Piece], timing: Timing) -> tuple[NDArray[np.float64], list[str]]:
    """Return the times of all pieces' frames on the recording's clock, and how they were joined."""
    times = [
        PieceTimes(piece.path.name, float(piece.seconds[0]), _duration(piece.seconds), piece.created)
        for piece in pieces
    ]
    starts, found = place_pieces(times)
    joined = [piece.seconds - piece.seconds[0] + start for piece, start in zip(pieces, starts, strict=True)]
    notes: list[str] = []
    if len(pieces) > 1:
        notes.append(f"{len(pieces)} files are one recording; they are placed {found}")
        ends = [start + piece.duration for start, piece in zip(starts, times, strict=True)]
        gaps = [(end, start) for end, start in zip(ends, starts[1:], strict=False) if start > end + 1e-6]
        if gaps:
            places = ", ".join(f"{end:.1f} to {start:.1f} s" for end, start in gaps[:3])
            notes.append(f"nothing was recorded from {places}{' and later' if len(gaps) > 3 else ''}")
    seconds = np.concatenate(joined)
    if timing.from_first_frame:
        seconds -= seconds[0]
    return seconds * timing.rate, notes


def _duration(seconds: NDArray[np.float64]) -> float:
    """Return the time from the first frame to the end of the last one, which lasts as long as is usual."""
    usual = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.04
    return float(seconds[-1] - seconds[0]) + usual


def _created(path: Path) -> float | None:
    """Return when a video was recorded, as its metadata says, in seconds since 1970."""
    container, stream = open_footage(path)
    with container:
        text = container.metadata.get("creation_time") or stream.metadata.get("creation_time")
    try:
        seconds = datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return seconds if seconds > EARLIEST else None


def numbered_pictures(folder: Path) -> list[Path | None]:
    """Return the picture of each frame of a folder: None where a number is missing.

    The last number in each name counts. Names without numbers, and numbers with long gaps, count as consecutive.

    Raises:
        FootageError: the folder has no pictures.
    """
    paths = list_pictures(folder)
    if not paths:
        raise FootageError(f"{folder} holds no video and no picture; name the folder that holds them")
    words = [re.findall(r"\d+", path.stem) for path in paths]
    numbers = [int(found[-1]) for found in words if found]
    consecutive = len(numbers) == len(paths) and all(a < b for a, b in pairwise(numbers))
    if not consecutive or numbers[-1] - numbers[0] >= 2 * len(paths):
        return list(paths)
    pictures: list[Path | None] = [None] * (numbers[-1] - numbers[0] + 1)
    for number, path in zip(numbers, paths, strict=True):
        pictures[number - numbers[0]] = path
    return pictures


def picture_rate(folder: Path, timing: Timing) -> float:
    """Return the pictures a second of a folder of pictures: as given, or as MOTChallenge's seqinfo.ini says.

    Raises:
        FootageError: it is unknown.
    """
    if timing.fps is not None:
        return timing.fps
    for place in (folder, folder.parent):
        rate = read_sequence_value(place, "frameRate")
        if rate is not None and rate <= 1000:
            return rate
    raise FootageError(
        f"{folder} is a folder of pictures without a frame rate; write `fps` into a cameras file, or a seqinfo.ini beside it"
    )

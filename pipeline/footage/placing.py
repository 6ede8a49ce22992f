"""Where the pieces of one recording lie on its timeline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

RESOLUTION = 1.0
"""Seconds: dates in files and names are no more precise than that."""
DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_. ]?(\d\d)[-_. ]?(\d\d)[-_. T]{0,3}(\d\d)[-_.: h]?(\d\d)[-_.: m]?(\d\d)(?:\D?\d{3})?(?!\d)"
)
"""A date and a time of day, to the second, as recorders write it into names."""


@dataclass(frozen=True)
class PieceTimes:
    """What is known about the times of one piece."""

    name: str
    """Name of its file."""
    start: float
    """Time of its first frame, in seconds of its own clock."""
    duration: float
    """Seconds from its first frame to the end of its last one."""
    created: float | None
    """When it was recorded, as its metadata says, in seconds since 1970."""


def place_pieces(pieces: Sequence[PieceTimes]) -> tuple[list[float], str]:
    """Place pieces on the timeline of the first one.

    The pieces' own clocks serve if they go on from piece to piece; otherwise the dates in the files, and then those in
    their names. Dates serve only if no piece begins before the end of the one before. A gap that is not longer than
    the resolution of dates is none. Without usable dates, each piece follows the one before.

    Returns:
        The time of each piece's first frame in seconds, and how it was found.
    """
    clocks: list[float | None] = [piece.start for piece in pieces]
    created = [piece.created for piece in pieces]
    named = [date_in(piece.name) for piece in pieces]
    for dates, tolerance, found in (
        (clocks, 0.1, "at the times of their own clocks, which go on from file to file"),
        (created, RESOLUTION, "at the times of recording that their metadata hold"),
        (named, RESOLUTION, "at the times in their names"),
    ):
        starts = _place(pieces, dates, tolerance)
        if starts is not None:
            return starts, found
    starts = [pieces[0].start]
    for piece in pieces[:-1]:
        starts.append(starts[-1] + piece.duration)
    return (
        starts,
        "end to end, because their clocks, metadata and names hold no usable times",
    )


def _place(
    pieces: Sequence[PieceTimes], dates: Sequence[float | None], tolerance: float
) -> list[float] | None:
    """Return the start of each piece by its date; None if a date is unknown or contradicts the piece before."""
    starts: list[float] = []
    end = pieces[0].start
    for piece, date in zip(pieces, dates, strict=True):
        if date is None or dates[0] is None:
            return None
        start = date - dates[0] + pieces[0].start
        if start < end - tolerance or (starts and start <= starts[-1]):
            return None
        starts.append(end if start <= end + tolerance else start)
        end = starts[-1] + piece.duration
    return starts


def date_in(name: str) -> float | None:
    """Return the first date in a name, in seconds since 1970 as if it were UTC; None without one.

    >>> date_in("gate_2026-11-22_08-00-30.mp4") - date_in("NVR_ch1_main_20261122075930_20261122080030.mp4")
    60.0
    """
    for found in DATE.finditer(name):
        try:
            return datetime(*map(int, found.groups()), tzinfo=timezone.utc).timestamp()  # type: ignore[arg-type,misc]
        except ValueError:  # such as month 13
            continue
    return None

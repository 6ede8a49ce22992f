"""Clock of a recording: the order and the time of its frames, though its time stamps step back, jump or repeat."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

REORDERING = 16
"""Most places between a packet's stored order and its presentation order: the limit of H.264 and HEVC."""
ABSURD = 12 * 3600.0
"""Seconds; a recording does not begin later on its clock, and its clock does not jump further."""
STEADY = 0.9
"""Share of the frames that follow each other at the usual interval in a recording of a constant rate."""
FEWEST_STEPS = 0.02
"""Share of packets whose times step back, above which the codec reorders frames."""
TOLD = 3
"""Number of places that a note names."""
UNKNOWN = -(2**63)
"""Placeholder for a missing time stamp."""


@dataclass(frozen=True, eq=False)
class Clock:
    """Order and times of `n` packets in stored order."""

    ranks: NDArray[np.int64]
    """(n,) place of each packet in presentation order, from 0."""
    seconds: NDArray[np.float64]
    """(n,) presentation time, which increases with the rank."""
    odd: NDArray[np.bool_]
    """(n,) True near a place where the stamps contradict each other."""
    notes: tuple[str, ...]
    """What was wrong with the stamps, in sentences."""


def read_clock(
    pts: NDArray[np.int64], dts: NDArray[np.int64], tick: float, *, reorders: bool, wraps: bool
) -> Clock:
    """Put packets into presentation order and give each a time of its own.

    A clock that steps back, or jumps by more than `ABSURD`, begins a new stretch of packets. A stretch follows the one
    before after one frame interval. Packets with the same stamp keep their stored order, and their times are moved
    between those of their neighbours.

    Args:
        pts: (n,) presentation times in ticks, at least one of them known, or `UNKNOWN`.
        dts: (n,) decoding times in ticks, or `UNKNOWN`.
        tick: seconds of a tick.
        reorders: whether the codec stores frames in another order than that of presentation.
        wraps: whether stamps have 33 bits, as in MPEG transport streams.
    """
    notes: list[str] = []
    known = np.where(pts != UNKNOWN, pts, dts)
    timed = known != UNKNOWN
    if not timed.all():
        notes.append(f"{(~timed).sum()} packets have no time; they are moved between their neighbours")
    last_timed = np.maximum.accumulate(np.where(timed, np.arange(len(pts)), timed.argmax()))
    times = known[last_timed] * tick
    first = times[0]
    if wraps and first >= 2**33 * tick:
        times, shift = times - 2**33 * tick, 2**33 * tick
    elif abs(first) > ABSURD:
        times, shift = times - first, first
    else:
        shift = 0.0
    if shift:
        notes.append(f"its clock begins at {first:.2f} s; {shift:.2f} s are subtracted")
    decoding = np.where(dts != UNKNOWN, dts * tick, np.nan)
    starts = _stretches(times, decoding, reorders)
    interval = _interval(times, starts)
    for start, stop in pairwise([*starts[1:], len(times)]):
        before = float(times[:start].max())
        step = float(times[start:stop].min()) - before - interval
        if len(notes) < TOLD:
            way = "back" if step < 0 else "forward"
            notes.append(
                f"its clock jumps {way} by {abs(step):.2f} s at {before:.2f} s; the time goes on there by one frame"
            )
        times[start:stop] -= step
    if len(starts) - 1 > TOLD:
        notes.append(f"its clock jumps in {len(starts) - 1} places in all")
    stretch = np.repeat(np.arange(len(starts)), np.diff([*starts, len(times)]))
    order = np.lexsort((np.arange(len(times)), times, stretch))
    ranks = np.empty(len(times), np.int64)
    ranks[order] = np.arange(len(times))
    seconds, repeated = _apart(times[order], interval)
    odd = np.zeros(len(times), np.bool_)
    if repeated.any():
        places = order[repeated]
        notes.append(
            f"{len(places)} frames bear the time of the frame before, first near {times[places[0]]:.2f} s; "
            "they are moved between their neighbours"
        )
        odd[places] = True
    odd[starts[1:]] = True
    for place in np.flatnonzero(odd).tolist():
        odd[max(place - REORDERING, 0) : place + REORDERING + 1] = True
    return Clock(ranks, seconds[ranks], odd, tuple(notes))


def name_holes(seconds: NDArray[np.float64]) -> str | None:
    """Return a sentence on the holes between (f,) times of successive frames; None without any.

    A hole is longer than twice the usual interval. A recording of a variable rate has no usual interval.
    """
    steps = np.diff(seconds)
    if len(steps) < 2:
        return None
    usual = float(np.median(steps))
    if (np.abs(steps - usual) < usual / 4).mean() < STEADY:
        return None
    holes = np.flatnonzero(steps > 2.1 * usual)
    if not len(holes):
        return None
    places = [f"from {seconds[hole]:.2f} to {seconds[hole + 1]:.2f} s" for hole in holes[:TOLD].tolist()]
    more = f" and in {len(holes) - TOLD} more places" if len(holes) > TOLD else ""
    return f"frames are missing {', '.join(places)}{more}"


def _stretches(times: NDArray[np.float64], decoding: NDArray[np.float64], reorders: bool) -> list[int]:
    """Return the indices at which the clock begins anew; the first is 0."""
    steps = np.diff(times)
    if not reorders and (steps < 0).mean() > FEWEST_STEPS:
        reorders = True  # the header does not say so
    window = REORDERING if reorders else 0
    reach = np.maximum.accumulate(times)
    suspicious = np.abs(steps) > ABSURD
    if len(times) > window:
        suspicious[window:] |= times[window + 1 :] < reach[: len(times) - window - 1]
    if reorders:
        suspicious |= np.diff(decoding) < 0
    if not suspicious.any():
        return [0]
    starts, highest = [0], times.tolist()
    reached = float("-inf")  # the latest time in this stretch, more than `window` packets ago
    for index in range(1, len(times)):
        if index - window - 1 >= starts[-1]:
            reached = max(reached, highest[index - window - 1])
        back = reorders and decoding[index] < decoding[index - 1]
        if back or highest[index] < reached or abs(highest[index] - highest[index - 1]) > ABSURD:
            starts.append(index)
            reached = float("-inf")
    return starts


def _interval(times: NDArray[np.float64], starts: list[int]) -> float:
    """Return the usual seconds between two frames."""
    steps = np.concatenate([np.diff(np.unique(part)) for part in np.split(times, starts[1:])])
    return float(np.median(steps)) if len(steps) else 0.04


def _apart(times: NDArray[np.float64], interval: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Move equal ones of (n,) sorted times between their neighbours; return them and which were moved."""
    values, first, run = np.unique(times, return_index=True, return_inverse=True)
    repeated = np.ones(len(times), np.bool_)
    repeated[first] = False
    if not repeated.any():
        return times, repeated
    counts = np.diff([*first.tolist(), len(times)])
    gaps = np.minimum(np.append(np.diff(values), np.inf) / counts, interval)
    return times + (np.arange(len(times)) - first[run]) * gaps[run], repeated

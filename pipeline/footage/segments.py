"""Where a recording may be cut, so that each piece decodes on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.scan import Scan

TARGET = 64
"""Frames of a segment made of several groups of pictures."""

Packet = tuple[int, Any]
"""A packet's place in the file, and the packet."""


@dataclass(frozen=True)
class Segment:
    """Packets that decode without any others, and the frames they are read for."""

    start: int
    """First packet, a keyframe."""
    overlap: int
    """First packet that the next segment needs too."""
    stop: int
    """One past the last packet."""
    first: int
    """Number of the first frame."""
    last: int
    """One past the number of the last frame."""

    def packets(self, scan: Scan) -> NDArray[np.intp]:
        """Places of the packets to decode: not of those leading the first keyframe, which the segment before shows."""
        leading = scan.order[self.start : self.stop] < scan.order[self.start]
        return self.start + np.flatnonzero(~leading | (self.start == 0))


def cut(scan: Scan, limit: int) -> list[Segment]:
    """Cut a recording at keyframes into segments that decode on their own.

    A keyframe is a cut where no earlier packet is shown after it. Frames that lead it (stored after it, shown
    before it, as in open groups of pictures) belong to the segment before, which is fed their packets too.

    Args:
        scan: packets of the recording.
        limit: most frames of a segment that is made of several groups; a single group may be longer.
    """
    cuts = _cuts(scan)
    tails = [_tail(scan, a, b) for a, b in zip(cuts, [*cuts[1:], len(scan.order)], strict=True)]
    numbers = [0, *np.searchsorted(scan.ticks, scan.order[cuts[1:]]).tolist(), len(scan.ticks)]
    segments: list[Segment] = []
    begin = 0
    for i in range(1, len(cuts) + 1):
        final = i == len(cuts)
        if final or numbers[i + 1] - numbers[begin] > limit:
            stop = len(scan.order) if final else tails[i]
            overlap = stop if final else cuts[i]
            segments.append(Segment(cuts[begin], overlap, stop, numbers[begin], numbers[i]))
            begin = i
    return segments


def _cuts(scan: Scan) -> list[int]:
    if scan.by_rank:
        return [0]
    before = np.maximum.accumulate(scan.order)
    clean = np.flatnonzero(scan.key[1:] & (scan.order[1:] > before[:-1])) + 1
    return [0, *clean.tolist()]


def _tail(scan: Scan, cut: int, following: int) -> int:
    """One past the last packet that leads the keyframe at `cut`, or `cut` itself where none does."""
    leading = np.flatnonzero(scan.order[cut:following] < scan.order[cut])
    return cut + int(leading[-1]) + 1 if len(leading) else cut


class Feed:
    """The packets of a file in stored order, handed out by segment; segments may overlap at their ends."""

    def __init__(self, packets: Iterator[Any], scan: Scan, beat: Callable[[], None]) -> None:
        self._coming = enumerate(packets)
        self._scan = scan
        self._beat = beat
        self._held: list[Packet] = []

    def take(self, segment: Segment) -> Iterator[Packet]:
        """Hand out the packets to decode of a segment, which must not be before the last one taken."""
        mine = set(segment.packets(self._scan).tolist())
        waiting, self._held = self._held, []
        for index, packet in chain(waiting, self._coming):
            self._beat()
            if index >= segment.overlap:
                self._held.append((index, packet))
            if index in mine:
                yield index, packet
            if index + 1 >= segment.stop:
                return

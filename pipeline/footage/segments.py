"""Segments: pieces of a recording that decode independently."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.scan import Scan

TARGET = 64
"""Maximum number of frames of a segment of several groups of pictures."""
Packet = tuple[int, Any]
"""A packet's index in the file, and the packet."""


@dataclass(frozen=True)
class Segment:
    """A range of packets that decodes without any other packet, and the frames it yields."""

    start: int
    """Index of the first packet, a keyframe."""
    overlap: int
    """Index of the first packet that the next segment needs too."""
    stop: int
    """Index after the last packet."""
    first: int
    """Number of the first frame."""
    last: int
    """Number after the last frame."""

    def packets(self, scan: Scan) -> NDArray[np.intp]:
        """Return the indices of the packets to decode.

        Packets that lead the first keyframe are left out: the previous segment yields their frames.
        """
        leading = scan.ranks[self.start : self.stop] < scan.ranks[self.start]
        return self.start + np.flatnonzero(~leading | (self.start == 0))


def cut_segments(scan: Scan, limit: int) -> list[Segment]:
    """Cut a recording at keyframes into segments that decode independently.

    A keyframe starts a segment if no packet before it in the file is shown later. Its leading frames
    (stored after it and shown before it, as in open groups of pictures) belong to the previous segment, which gets
    their packets too.

    Args:
        scan: packets of the recording.
        limit: maximum number of frames of a segment of several groups of pictures; a single group may be longer.
    """
    cuts = [0]
    if not scan.by_rank:
        latest = np.maximum.accumulate(scan.ranks)
        cuts += (np.flatnonzero(scan.key[1:] & (scan.ranks[1:] > latest[:-1])) + 1).tolist()
    ends = [_leading_end(scan, a, b) for a, b in zip(cuts, [*cuts[1:], len(scan.ranks)], strict=True)]
    numbers = [0, *np.searchsorted(scan.frame_ranks, scan.ranks[cuts[1:]]).tolist(), len(scan.source)]
    segments: list[Segment] = []
    begin = 0
    for i in range(1, len(cuts) + 1):
        final = i == len(cuts)
        if final or numbers[i + 1] - numbers[begin] > limit:
            stop = len(scan.ranks) if final else ends[i]
            overlap = stop if final else cuts[i]
            segments.append(Segment(cuts[begin], overlap, stop, numbers[begin], numbers[i]))
            begin = i
    return segments


def _leading_end(scan: Scan, cut: int, next_cut: int) -> int:
    """Return the index after the last packet that leads the keyframe at `cut`; `cut` if no packet does."""
    leading = np.flatnonzero(scan.ranks[cut:next_cut] < scan.ranks[cut])
    return cut + int(leading[-1]) + 1 if len(leading) else cut


class PacketFeed:
    """The packets of a file in stored order, handed out by segment; the ends of segments may overlap."""

    def __init__(self, packets: Iterator[Any], scan: Scan, beat: Callable[[], None]) -> None:
        self._coming = enumerate(packets)
        self._scan = scan
        self._beat = beat
        self._held: list[Packet] = []

    def take(self, segment: Segment) -> Iterator[Packet]:
        """Yield the packets to decode for a segment; segments must be taken in order."""
        needed = set(segment.packets(self._scan).tolist())
        waiting, self._held = self._held, []
        for index, packet in chain(waiting, self._coming):
            self._beat()
            if index >= segment.overlap:
                self._held.append((index, packet))
            if index in needed:
                yield index, packet
            if index + 1 >= segment.stop:
                return

"""Which packets of a recording show which frames, and where it may be cut for decoding."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError

TARGET = 64
"""Frames of a segment made of several groups of pictures."""
REORDERING = 64
"""Most places a packet may be away from its place in presentation order; codecs need 16 at most."""
SLACK = 0.1
"""Seconds by which the end may miss the announced duration: roundings and the padding of sound."""

TRANSPORT = 188
"""Bytes of an MPEG transport packet."""
NO_TIMES = "carries no presentation times; put it into mp4 or mkv with its true frame rate"


@dataclass(frozen=True, eq=False)
class Scan:
    """All packets of a recording's video; arrays but `ticks` share their first axis, `n` packets as stored."""

    order: NDArray[np.int64]
    """(n,) presentation time in ticks; where a packet has none, that of the packet before."""
    shown: NDArray[np.bool_]
    """(n,) False where the decoder shows nothing or the container says not to: hidden and pre-roll frames."""
    key: NDArray[np.bool_]
    """(n,) True where decoding may begin."""
    damaged: NDArray[np.bool_]
    """(n,) True where the container knows that bytes are missing."""
    plain: NDArray[np.bool_]
    """(n,) False where a packet brings new decoder parameters or shares its time with another."""
    ticks: NDArray[np.int64]
    """(f,) presentation times of the frames, increasing: a frame's number is its row here."""
    source: NDArray[np.intp]
    """(f,) the packet of each frame."""
    time_base: Fraction
    by_rank: bool
    """True where the container's times are right as a set but sit on the wrong packets: H.264 in AVI."""
    faults: tuple[str, ...]
    """Why the recording is known to be incomplete."""

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """(f,) presentation time of each frame in seconds."""
        return self.ticks * self.time_base.numerator / self.time_base.denominator

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """(n,) True at keyframes that no frame leads: all before them can be decoded to the end first."""
        before = np.maximum.accumulate(self.order)
        after = np.minimum.accumulate(self.order[::-1])[::-1]
        found = self.key.copy()
        found[1:] &= self.order[1:] > before[:-1]
        found[:-1] &= self.order[:-1] < after[1:]
        return found & (not self.by_rank)

    def number(self, ticks: int | None) -> int | None:
        """Look up the frame shown at a time; None where there is none."""
        if ticks is None:
            return None
        number = int(np.searchsorted(self.ticks, ticks))
        return number if number < len(self.ticks) and self.ticks[number] == ticks else None


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

    def own(self, scan: Scan) -> NDArray[np.bool_]:
        """(stop - start,) the packets to decode: not those leading the first keyframe, shown by the segment before."""
        kept: NDArray[np.bool_] = (scan.order[self.start : self.stop] >= scan.order[self.start]) | (
            self.start == 0
        )
        return kept


def open_footage(path: Path) -> tuple[Any, Any]:
    """Open a recording's container and choose its first video stream that is no cover picture.

    Raises:
        FootageError: the file is missing, empty, no video, or has only sound.
    """
    import av

    if not path.is_file():
        raise FootageError(f"{path} is not there; give the path of a video file")
    if path.stat().st_size == 0:
        raise FootageError(f"{path} is empty; copy or record it again")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise FootageError(
            f"{path} cannot be opened as video ({_reason(error)}); it is no video file, or its index is missing "
            "because the recording was cut off"
        ) from error
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            stream.thread_type, stream.thread_count = "SLICE", 1  # so that errors come with their packet
            stream.codec_context.options = {"err_detect": "explode"}
            return container, stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
    container.close()
    raise FootageError(f"{path} has no video stream, only {kinds}; give a file with pictures")


def demux(container: Any, stream: Any) -> Iterator[Any]:
    """Read the packets of one stream; end where the container cannot be read on."""
    import av

    with contextlib.suppress(av.FFmpegError):  # the scan notes it
        for packet in container.demux(stream):
            if packet.size:
                yield packet


def scan_footage(path: Path, beat: Callable[[], None]) -> Scan:
    """Read all packets of a recording without decoding any, calling `beat` at each.

    Raises:
        FootageError: it cannot be opened, holds no packets or no usable presentation times.
    """
    container, stream = open_footage(path)
    with container:
        rows, end, faults = _read(container, stream, beat)
        faults += _missing(container, stream, len(rows), end)
        if container.format.name == "mpegts":
            holes = transport_holes(path, stream.id)
            rows = _mark(rows, holes)
            faults += (f"its transport stream lacks packets in {len(holes)} places",) if holes else ()
        return _arrange(path, stream, rows, faults, container.format.name)


class Row(NamedTuple):
    """What the scan keeps of a packet."""

    pts: int | None
    shown: bool
    key: bool
    damaged: bool
    plain: bool
    position: int
    """Byte of the file where it begins, or -1."""


def _read(container: Any, stream: Any, beat: Callable[[], None]) -> tuple[list[Row], float, tuple[str, ...]]:
    """Note each packet's time, shown, key, damaged and plain; where all streams end, in seconds; what failed."""
    import av

    rows: list[Row] = []
    end = float("-inf")
    try:
        for packet in container.demux():
            beat()
            if packet.pts is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.stream_index == stream.index and packet.size:
                shown = not packet.is_discard and not _hidden(stream, packet)
                plain = not packet.has_sidedata("new_extradata") and not packet.has_sidedata("param_change")
                rows.append(
                    Row(packet.pts, shown, packet.is_keyframe, packet.is_corrupt, plain, packet.pos or -1)
                )
    except av.FFmpegError as error:
        return rows, end, (f"it cannot be read past packet {len(rows)} ({_reason(error)})",)
    return rows, end, ()


def _hidden(stream: Any, packet: Any) -> bool:
    """Tell a VP8 packet that only prepares a reference: its header's show_frame bit is 0 (RFC 6386, 9.1)."""
    return stream.codec.canonical_name == "vp8" and not memoryview(packet)[0] >> 4 & 1


def _missing(container: Any, stream: Any, packets: int, end: float) -> tuple[str, ...]:
    """Compare what was read with what the container announces."""
    announced = len(stream.index_entries)
    if announced > packets:
        return (f"its index names {announced} packets and only {packets} are there",)
    if container.duration is None:
        return ()
    until = ((container.start_time or 0) + container.duration) / 1_000_000
    slack = SLACK + (2 / float(stream.average_rate) if stream.average_rate else 0)
    return (f"it announces an end at {until:.2f} s and ends at {end:.2f} s",) if end + slack < until else ()


def transport_holes(path: Path, pid: int) -> list[int]:
    """Find where an MPEG transport stream lacks packets, by their continuity counters (ISO/IEC 13818-1, 2.4.3.3).

    FFmpeg marks what follows a hole, but not where a whole frame is gone.

    Returns:
        Byte positions of the packets after the holes; the file's end where its last packet is cut off.
    """
    holes: list[int] = []
    counter, position, size = -1, 0, path.stat().st_size
    with path.open("rb") as file:
        head = file.read(TRANSPORT + 1)
        if head[:1] != b"G" or head[-1:] != b"G":
            return []  # packets of another size, or bytes in front: FFmpeg's own marks must do
        file.seek(0)
        while block := file.read(TRANSPORT * 2**16):
            packets = np.frombuffer(block, np.uint8, len(block) // TRANSPORT * TRANSPORT).reshape(
                -1, TRANSPORT
            )
            found, counter = _jumps(packets, pid, counter)
            holes += (position + found * TRANSPORT).tolist()
            position += len(block)
    return [*holes, size] if size % TRANSPORT else holes


def _jumps(packets: NDArray[np.uint8], pid: int, counter: int) -> tuple[NDArray[np.intp], int]:
    """Rows of the (n, 188) packets whose counter does not follow; `counter` is the one seen last, or -1."""
    address = (packets[:, 1].astype(int) & 0x1F) << 8 | packets[:, 2]
    rows = np.flatnonzero((packets[:, 0] == ord("G")) & (address == pid) & (packets[:, 3] & 0x10 > 0))
    if not len(rows):
        return rows, counter
    mine = packets[rows]
    counters = (mine[:, 3] & 0xF).astype(int)
    before = np.concatenate([[counters[0] if counter < 0 else counter], counters[:-1]])
    told = (mine[:, 3] & 0x20 > 0) & (mine[:, 4] > 0) & (mine[:, 5] & 0x80 > 0)  # discontinuity_indicator
    return rows[((counters - before) % 16 > 1) & ~told], int(counters[-1])  # a packet may come twice


def _mark(rows: list[Row], holes: list[int]) -> list[Row]:
    """Mark the packets that begin before a hole and end after it as damaged."""
    begins = np.maximum.accumulate([row.position for row in rows] or [0])
    broken = set((np.searchsorted(begins, holes) - 1).tolist())
    return [row._replace(damaged=True) if place in broken else row for place, row in enumerate(rows)]


def _arrange(path: Path, stream: Any, rows: list[Row], faults: tuple[str, ...], container_name: str) -> Scan:
    if not rows:
        raise FootageError(f"{path} holds no video packets; the recording was cut off or never begun")
    timed = np.array([row.pts is not None for row in rows])
    if timed.mean() < 0.5:
        raise FootageError(f"{path} {NO_TIMES}")
    pts = np.array([row.pts or 0 for row in rows], np.int64)
    known = np.maximum.accumulate(np.where(timed, np.arange(len(rows)), 0))
    order = pts[known]
    shown, key, damaged, plain = np.array([row[1:5] for row in rows], bool).T
    shown = shown & timed
    ticks, source, row, count = np.unique(
        order[shown], return_index=True, return_inverse=True, return_counts=True
    )
    source = np.flatnonzero(shown)[source]
    plain[shown] &= count[row] == 1
    _check_order(path, order, stream.time_base)
    by_rank = container_name == "avi" and stream.codec.canonical_name in ("h264", "hevc")
    return Scan(order, shown, key, damaged | ~timed, plain, ticks, source, stream.time_base, by_rank, faults)


def _check_order(path: Path, order: NDArray[np.int64], time_base: Fraction) -> None:
    away = np.abs(np.argsort(np.argsort(order, kind="stable"), kind="stable") - np.arange(len(order)))
    if away.max() > REORDERING:
        at = float(order[int(away.argmax())] * time_base)
        raise FootageError(f"{path}: its timestamps jump back near {at:.2f} s; split the file there")


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


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__

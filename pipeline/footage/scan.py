"""Which packets a recording holds, which frames they show and when, and what is missing."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError

REORDERING = 64
"""Most places a packet may be away from its place in presentation order; codecs need 16 at most."""
SLACK = 0.1
"""Seconds by which the end may miss the announced duration: roundings and the padding of sound."""

TRANSPORT = 188
"""Bytes of an MPEG transport packet."""
UNKNOWN = -(2**63)
"""Stands for a presentation time that a packet lacks."""
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


def open_footage(path: Path) -> tuple[Any, Any]:
    """Open a recording's container and choose its first video stream that is no cover picture.

    Raises:
        FootageError: the file is missing, empty, no video, or has only sound.
    """
    import av

    if not path.is_file():
        what = "is no file" if path.exists() else "is not there"
        raise FootageError(f"{path} {what}; give the path of a video file")
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
    """Read all packets of a recording without decoding any, calling `beat` now and then.

    Raises:
        FootageError: it cannot be opened, holds no packets or no usable presentation times.
    """
    container, stream = open_footage(path)
    with container:
        table, end, faults = _read(container, stream, beat)
        if not len(table):
            raise FootageError(f"{path} holds no video packets; the recording was cut off or never begun")
        faults += _missing(container, stream, len(table), end)
        if container.format.name == "mpegts":
            holes = transport_holes(path, stream.id, beat)
            _mark(table, holes)
            faults += (f"its transport stream lacks packets in {len(holes)} places",) if holes else ()
        by_rank = container.format.name == "avi" and stream.codec.canonical_name in ("h264", "hevc")
        return _arrange(path, table, stream.time_base, faults, by_rank)


def _read(
    container: Any, stream: Any, beat: Callable[[], None]
) -> tuple[NDArray[np.int64], float, tuple[str, ...]]:
    """Read the packets of all streams.

    Returns:
        (n, 6) of each video packet: presentation time or `UNKNOWN`, byte of the file or -1, shown, key, damaged,
        plain; the end of all streams in seconds; what failed.
    """
    import av

    table = array("q")
    end, faults = float("-inf"), tuple[str, ...]()
    try:
        for packet in container.demux():
            beat()
            if packet.pts is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.stream_index == stream.index and packet.size:
                shown = not packet.is_discard and not _hidden(stream, packet)
                plain = not packet.has_sidedata("new_extradata") and not packet.has_sidedata("param_change")
                table.extend((UNKNOWN if packet.pts is None else packet.pts, packet.pos or -1))
                table.extend((shown, packet.is_keyframe, packet.is_corrupt, plain))
    except av.FFmpegError as error:
        faults = (f"it cannot be read past packet {len(table) // 6} ({_reason(error)})",)
    return np.array(table, np.int64).reshape(-1, 6), end, faults


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
    from_start = (
        0 if "matroska" in container.format.name else container.start_time or 0
    )  # there it counts from 0
    until = (from_start + container.duration) / 1_000_000
    slack = SLACK + (2 / float(stream.average_rate) if stream.average_rate else 0)
    return (f"it announces an end at {until:.2f} s and ends at {end:.2f} s",) if end + slack < until else ()


def transport_holes(path: Path, pid: int, beat: Callable[[], None]) -> list[int]:
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
            beat()
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


def _mark(table: NDArray[np.int64], holes: list[int]) -> None:
    """Mark the packets that begin before a hole and end after it as damaged."""
    begins = np.maximum.accumulate(table[:, 1])
    table[np.maximum(np.searchsorted(begins, holes) - 1, 0), 4] = True


def _arrange(
    path: Path, table: NDArray[np.int64], time_base: Fraction, faults: tuple[str, ...], by_rank: bool
) -> Scan:
    timed = table[:, 0] != UNKNOWN
    if timed.mean() < 0.5:
        raise FootageError(f"{path} {NO_TIMES}")
    known = np.maximum.accumulate(np.where(timed, np.arange(len(table)), timed.argmax()))
    order = table[known, 0]
    _check_order(path, order, time_base)
    shown, key, damaged, plain = table[:, 2:].astype(bool).T
    shown, damaged = shown & timed, damaged | ~timed
    ticks, source, row, count = np.unique(
        order[shown], return_index=True, return_inverse=True, return_counts=True
    )
    plain[shown] &= count[row] == 1
    return Scan(
        order, shown, key, damaged, plain, ticks, np.flatnonzero(shown)[source], time_base, by_rank, faults
    )


def _check_order(path: Path, order: NDArray[np.int64], time_base: Fraction) -> None:
    away = np.abs(np.argsort(np.argsort(order, kind="stable"), kind="stable") - np.arange(len(order)))
    if away.max() > REORDERING:
        at = float(order[int(away.argmax())] * time_base)
        raise FootageError(f"{path}: its timestamps jump back near {at:.2f} s; split the file there")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__

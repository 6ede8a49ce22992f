"""Scan of a recording: its packets, the times of its frames, and missing data."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.footage.clock import UNKNOWN, name_holes, read_clock

SLACK = 0.1
"""Seconds by which the end may fall short of the announced duration, for rounding and padded sound."""
TRANSPORT = 188
"""Bytes of an MPEG transport packet."""
NO_TIMES = "carries no presentation times; put it into mp4 or mkv with its true frame rate"


@dataclass(frozen=True, eq=False)
class Scan:
    """All packets of a recording's video: `n` packets in stored order, and `f` frames in presentation order."""

    ranks: NDArray[np.int64]
    """(n,) place of each packet in presentation order, from 0."""
    shown: NDArray[np.bool_]
    """(n,) False if no frame is shown: hidden frames, and frames that the container discards (pre-roll)."""
    key: NDArray[np.bool_]
    """(n,) True if decoding may begin at the packet."""
    damaged: NDArray[np.bool_]
    """(n,) True if the container reports missing bytes."""
    plain: NDArray[np.bool_]
    """(n,) False if a packet changes the decoder's parameters, or is near one whose time stamp is wrong."""
    seconds: NDArray[np.float64]
    """(f,) presentation time of each frame, increasing; the index is the frame's number."""
    source: NDArray[np.intp]
    """(f,) index of each frame's packet."""
    by_rank: bool
    """True if the container assigns its times to the wrong packets, as for H.264 in AVI: only their set is right."""
    faults: tuple[str, ...]
    """Reasons why the recording is incomplete."""
    notes: tuple[str, ...]
    """What was wrong with its time stamps."""

    @cached_property
    def frame_ranks(self) -> NDArray[np.int64]:
        """(f,) rank of each frame's packet, increasing."""
        return self.ranks[self.source]

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """(n,) True at keyframes without leading frames; all frames before can be decoded completely first."""
        before = np.maximum.accumulate(self.ranks)
        after = np.minimum.accumulate(self.ranks[::-1])[::-1]
        closed = self.key.copy()
        closed[1:] &= self.ranks[1:] > before[:-1]
        closed[:-1] &= self.ranks[:-1] < after[1:]
        return closed & (not self.by_rank)

    def number(self, rank: int | None) -> int | None:
        """Return the number of the frame of a packet, given by its rank; None if it shows none."""
        if rank is None:
            return None
        number = int(np.searchsorted(self.frame_ranks, rank))
        return number if number < len(self.source) and self.frame_ranks[number] == rank else None


def open_footage(path: Path) -> tuple[Any, Any]:
    """Open a recording; return its container and its first video stream that is not a cover picture.

    Raises:
        FootageError: the file is missing, is empty, is not a video or has no video stream.
    """
    import av

    if not path.is_file():
        problem = "is not a file" if path.exists() else "does not exist"
        raise FootageError(f"{path} {problem}; give the path of a video file")
    if path.stat().st_size == 0:
        raise FootageError(f"{path} is empty; copy or record it again")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise FootageError(
            f"{path} cannot be opened as video ({_reason(error)}); it is not a video file, or its index is missing "
            "because the recording was cut off"
        ) from error
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            if stream.codec_context is None:
                container.close()
                raise FootageError(
                    f"{path} has video of an unknown codec; it is damaged, or re-encode the file"
                )
            stream.thread_type, stream.thread_count = "SLICE", 1  # an error then comes with its packet
            stream.codec_context.options = {"err_detect": "explode"}
            return container, stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
    container.close()
    raise FootageError(f"{path} has no video stream, only {kinds}; give a file with pictures")


def demux(container: Any, stream: Any) -> Iterator[Any]:
    """Yield the packets of one stream, up to the first packet that cannot be read."""
    import av

    with contextlib.suppress(av.FFmpegError):  # the scan reports it
        for packet in container.demux(stream):
            if packet.size:
                yield packet


def scan_footage(path: Path, beat: Callable[[], None]) -> Scan:
    """Read all packets of a recording without decoding them; `beat` is called regularly to show progress.

    Raises:
        FootageError: the recording cannot be opened or has no packets or no usable presentation times.
    """
    container, stream = open_footage(path)
    with container:
        table, end, faults = _read_packets(container, stream, beat)
        if not len(table):
            raise FootageError(f"{path} holds no video packets; the recording was cut off or never begun")
        faults += _missing_data(container, stream, len(table), end)
        if container.format.name == "mpegts":
            holes, joins = transport_breaks(path, stream.id, beat)
            begins = np.maximum.accumulate(table[:, 2])
            for after in np.searchsorted(begins, joins).tolist():
                table[max(after - 2, 0) : after + 1, 5] = False  # FFmpeg takes the join for damage
            table[np.maximum(np.searchsorted(begins, holes) - 1, 0), 5] = True  # begins before, ends after
            if holes:
                faults += (f"its transport stream lacks packets in {len(holes)} places",)
        by_rank = container.format.name == "avi" and stream.codec.canonical_name in ("h264", "hevc")
        return _build_scan(path, table, stream, faults, by_rank)


def _read_packets(
    container: Any, stream: Any, beat: Callable[[], None]
) -> tuple[NDArray[np.int64], float, tuple[str, ...]]:
    """Read the packets of all streams.

    Returns:
        table: (n, 7) of each video packet: presentation and decoding time or `UNKNOWN`, byte position in the file or -1,
            shown, key, damaged, plain.
        end: the end of all streams in seconds.
        faults: read errors.
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
                # a VP8 packet whose show_frame bit is 0 only prepares a reference (RFC 6386, 9.1)
                hidden = stream.codec.canonical_name == "vp8" and not memoryview(packet)[0] >> 4 & 1
                shown = not packet.is_discard and not hidden
                plain = not packet.has_sidedata("new_extradata") and not packet.has_sidedata("param_change")
                table.extend(UNKNOWN if time is None else time for time in (packet.pts, packet.dts))
                table.append(packet.pos or -1)
                table.extend((shown, packet.is_keyframe, packet.is_corrupt, plain))
    except av.FFmpegError as error:
        faults = (f"it cannot be read past packet {len(table) // 7} ({_reason(error)})",)
    return np.array(table, np.int64).reshape(-1, 7), end, faults


def _missing_data(container: Any, stream: Any, packets: int, end: float) -> tuple[str, ...]:
    """Return how the packets read fall short of what the container announces."""
    announced = len(stream.index_entries)
    if announced > packets:
        return (f"its index names {announced} packets but only {packets} can be read",)
    if container.duration is None:
        return ()
    # Matroska counts the duration from 0, other containers from the start time
    start = 0 if "matroska" in container.format.name else container.start_time or 0
    announced_end = (start + container.duration) / 1_000_000
    slack = SLACK + (2 / float(stream.average_rate) if stream.average_rate else 0)
    if end + slack < announced_end:
        return (f"it announces an end at {announced_end:.2f} s but ends at {end:.2f} s",)
    return ()


def transport_breaks(path: Path, pid: int, beat: Callable[[], None]) -> tuple[list[int], list[int]]:
    """Find missing packets and joins of an MPEG transport stream by continuity counters (ISO/IEC 13818-1, 2.4.3.3).

    FFmpeg marks what follows a hole, but misses a hole that swallows a whole frame.

    Returns:
        holes: byte positions of the packets after missing ones, and the file's end if its last packet is cut off.
        joins: byte positions of the packets at which a stream begins that was joined to another.
    """
    holes: list[int] = []
    joins: list[int] = []
    counter, position, size = -1, 0, path.stat().st_size
    with path.open("rb") as file:
        head = file.read(TRANSPORT + 1)
        if head[:1] != b"G" or head[-1:] != b"G":
            return [], []  # packets of another size or a prefix: only FFmpeg's own marks are available
        file.seek(0)
        while block := file.read(TRANSPORT * 2**16):
            beat()
            whole = len(block) // TRANSPORT * TRANSPORT
            packets = np.frombuffer(block, np.uint8, whole).reshape(-1, TRANSPORT)
            rows, counter = _counter_jumps(packets, pid, counter)
            for row, low in rows:
                breaks = joins if _begins_anew(packets[low : row + 1]) else holes
                breaks.append(position + row * TRANSPORT)
            position += len(block)
    return [*holes, size] if size % TRANSPORT else holes, joins


def _counter_jumps(packets: NDArray[np.uint8], pid: int, counter: int) -> tuple[list[tuple[int, int]], int]:
    """Find the rows of (n, 188) packets whose counter does not continue that before.

    Args:
        packets: all packets of a part of the file.
        pid: number of the stream.
        counter: last counter of the preceding packets, or -1.

    Returns:
        Each row with the row after the stream's packet before it, and the last counter.
    """
    address = (packets[:, 1].astype(int) & 0x1F) << 8 | packets[:, 2]
    rows = np.flatnonzero((packets[:, 0] == ord("G")) & (address == pid) & (packets[:, 3] & 0x10 > 0))
    if not len(rows):
        return [], counter
    stream = packets[rows]
    counters = (stream[:, 3] & 0xF).astype(int)
    before = np.concatenate([[counters[0] if counter < 0 else counter], counters[:-1]])
    # the discontinuity_indicator
    announced = (stream[:, 3] & 0x20 > 0) & (stream[:, 4] > 0) & (stream[:, 5] & 0x80 > 0)
    jumps = np.flatnonzero(((counters - before) % 16 > 1) & ~announced)  # a packet may be sent twice
    lows = np.concatenate([[0], rows[:-1] + 1])
    return list(zip(rows[jumps].tolist(), lows[jumps].tolist(), strict=True)), int(counters[-1])


def _begins_anew(packets: NDArray[np.uint8]) -> bool:
    """Return whether the last of (n, 188) packets begins a stream that was joined to another.

    A picture begins with it, and its counter and that of a program association table before it are 0.
    """
    *tables, first = packets
    is_new = first[3] & 0xF == 0 and bool(first[1] & 0x40)
    return is_new and any(table[1] & 0x1F == 0 and table[2] == 0 and table[3] & 0xF == 0 for table in tables)


def _build_scan(
    path: Path, table: NDArray[np.int64], stream: Any, faults: tuple[str, ...], by_rank: bool
) -> Scan:
    pts, dts = table[:, 0], table[:, 1]
    if (pts != UNKNOWN).mean() < 0.5:
        raise FootageError(f"{path} {NO_TIMES}")
    reorders = bool(stream.codec_context.has_b_frames) and not by_rank
    wraps = stream.container.format.name == "mpegts"
    clock = read_clock(pts, dts, float(stream.time_base), reorders=reorders, wraps=wraps)
    shown, key, damaged, plain = table[:, 3:].astype(bool).T
    source = np.flatnonzero(shown)[np.argsort(clock.ranks[shown])]
    seconds = clock.seconds[source]
    hole = name_holes(seconds)
    return Scan(
        ranks=clock.ranks,
        shown=shown,
        key=key,
        damaged=damaged,
        plain=plain & ~clock.odd,
        seconds=seconds,
        source=source,
        by_rank=by_rank,
        faults=(*faults, hole) if hole else faults,
        notes=clock.notes,
    )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__

"""The decoder process: does one job for one reader, and ends when that is gone."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Iterable
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.footage.decoders import (
    Complaints,
    Damage,
    Numbered,
    UnfitError,
    decode,
    decode_alone,
    fits_decord,
    through_decord,
    through_pyav,
)
from pipeline.footage.exchange import (
    Begun,
    Finished,
    Footage,
    Look,
    Note,
    Planned,
    Read,
    Refused,
    Ring,
    Sender,
)
from pipeline.footage.scan import NO_TIMES, Scan, demux, open_footage, scan_footage
from pipeline.footage.segments import TARGET, Feed, Packet, Segment, cut

READ_AHEAD = 384 * 2**20
"""Most bytes of pixels in a segment given to decord, which decodes all of it ahead into memory."""
IMPORT = 16 * 2**30
"""Bytes of address space decord's libraries may take."""
STRIKES = 3
"""Segments in a row that decord may fail at before it is no longer asked."""


def serve(connection_handle: int, ring_handle: int) -> None:
    """Do one job for a reader and end: the main function of the decoder process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the reader decides what an interrupt means
    complaints = Complaints()
    connection = Connection(connection_handle)
    job = connection.recv()
    sender = Sender(connection, Ring(ring_handle))
    sender.watch()
    try:
        if isinstance(job, Look):
            sender.tell(examine(job.path))
        else:
            read(job, sender, complaints)
            sender.tell(Finished())
    except FootageError as error:
        sender.tell(Refused(str(error)))


def examine(path: Path) -> Footage:
    """Describe a recording from its header and the first frame that can be decoded.

    Raises:
        FootageError: it is not there, no video, or nothing of it can be decoded.
    """
    container, stream = open_footage(path)
    with container:
        frame = next(
            (frame for packet in demux(container, stream) for frame in decode(stream, packet)[0]), None
        )
        frame = frame or next(iter(decode(stream, None)[0]), None)
        if frame is None:
            raise FootageError(f"nothing of {path} can be decoded; it is damaged, copy or record it again")
        if frame.pts is None:
            raise FootageError(f"{path} {NO_TIMES}")
        return _describe(path, container, stream, frame)


def _describe(path: Path, container: Any, stream: Any, frame: Any) -> Footage:
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    duration = None if container.duration is None else container.duration / 1_000_000
    turns = round(frame.rotation / 90) % 4
    return Footage(
        path=path,
        width=frame.height if turns % 2 else frame.width,
        height=frame.width if turns % 2 else frame.height,
        fps=rate,
        frames_expected=stream.frames or (round(duration * rate) if duration and rate else None),
        start=float(frame.pts * stream.time_base),
        duration=duration,
        turns=turns,
    )


def read(job: Read, sender: Sender, complaints: Complaints) -> None:
    """Send the frames a job asks for, segment by segment."""
    path, beat = job.footage.path, sender.ring.beat
    limit_memory(job.memory)
    scan = scan_footage(path, beat)
    chosen = select(scan.seconds, job)
    sender.tell(Planned(len(chosen)))
    for fault in scan.faults:
        sender.tell(Note(fault, truncated=True))
    most = READ_AHEAD // (job.footage.width * job.footage.height * 3)
    segments = plan(path, scan, min(TARGET, most))
    container, stream = open_footage(path)
    with container:
        reading = Reading(job, scan, stream, sender, complaints, most)
        feed = Feed(demux(container, stream), scan, beat)
        for place, segment in enumerate(segments):
            begin, end = np.searchsorted(chosen, (max(segment.first, job.first), segment.last))
            if begin < end:
                sender.tell(Begun(place, segment.first, segment.last))
                reading.segment(segment, chosen[begin:end], feed.take(segment), job.failures.get(place, 0))


def select(seconds: NDArray[np.float64], job: Read) -> NDArray[np.intp]:
    """Choose source frame numbers: each `stride`-th of those in [start, end)."""
    return np.flatnonzero((seconds >= job.start) & (seconds < job.end))[:: job.stride]


def plan(path: Path, scan: Scan, limit: int) -> list[Segment]:
    """Cut a recording, unless its keyframes do not decode alone, as where pictures are refreshed piecemeal."""
    segments = cut(scan, limit)
    if len(segments) > 1:
        container, stream = open_footage(path)
        with container:
            packet = next(islice(demux(container, stream), segments[1].start, None))
            if not decode_alone(stream, packet):
                return cut(scan, len(scan.ticks))
    return segments


class Reading:
    """One `Read` job under way: chooses the decoder of each segment, and sends frames and notes."""

    def __init__(
        self, job: Read, scan: Scan, stream: Any, sender: Sender, complaints: Complaints, most: int
    ) -> None:
        self._job, self._scan, self._stream, self._sender = job, scan, stream, sender
        self._complaints, self._damage = complaints, Damage(scan)
        self._most = most
        self._strikes = 0

    def segment(
        self, segment: Segment, wanted: NDArray[np.intp], packets: Iterable[Packet], failures: int
    ) -> None:
        """Send the wanted frames of one segment that ended `failures` decoder processes before."""
        span = f"frames {segment.first}-{segment.last - 1}"
        if failures > 1:
            self._note(f"{span} left out: decoding them ended the decoder process again", truncated=True)
            return
        if not failures and self._strikes < STRIKES and fits_decord(self._scan, segment, self._most):
            packets = list(packets)
            if self._through_decord(span, packets, wanted):
                return
        beat = self._sender.ring.beat
        frames = through_pyav(self._scan, self._stream, packets, wanted, damage=self._damage, beat=beat)
        lost = np.setdiff1d(wanted, self._send(frames))
        if len(lost):
            self._note(f"{in_words(lost)} could not be decoded", truncated=True)

    def _through_decord(self, span: str, packets: list[Packet], wanted: NDArray[np.intp]) -> bool:
        import_decord(self._job.memory)
        beat = self._sender.ring.beat
        try:
            frames = through_decord(
                self._scan, self._stream, packets, wanted, complaints=self._complaints, beat=beat
            )
        except UnfitError as error:
            self._strikes += 1
            rest = " and the rest" if self._strikes == STRIKES else ""
            self._note(f"{span}{rest} re-read through PyAV: {error}")
            return False
        self._strikes = 0
        self._send(frames)
        return True

    def _send(self, frames: Iterable[Numbered]) -> list[int]:
        sent = []
        for number, pixels in frames:
            upright = np.rot90(pixels, self._job.footage.turns)
            self._sender.put(number, float(self._scan.seconds[number]), upright, self._job.ahead)
            sent.append(number)
        return sent

    def _note(self, text: str, *, truncated: bool = False) -> None:
        self._sender.tell(Note(text, truncated))


def limit_memory(extra: int) -> None:
    """Let this process take `extra` bytes more address space than it has now; only Linux keeps such a limit."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        wish = pages * resource.getpagesize() + extra
        resource.setrlimit(resource.RLIMIT_AS, (wish if most < 0 else min(wish, most), most))


def import_decord(memory: int) -> None:
    """Import decord with room for its libraries, once it is needed: it costs 0.7 GB and seconds."""
    if "decord" not in sys.modules:
        limit_memory(IMPORT)
        importlib.import_module("decord")
        limit_memory(memory)


def in_words(numbers: NDArray[np.intp]) -> str:
    """Write frame numbers in words.

    >>> in_words(np.array([3, 4, 5, 9]))
    'frames 3-5, 9'
    """
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    words = [f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts]
    return "frames " + ", ".join(words[:5]) + (f" and {len(words) - 5} more places" if len(words) > 5 else "")

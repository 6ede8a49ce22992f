"""The decoder process: answers one request of a reader."""

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
    Damage,
    NumberedPixels,
    StderrCapture,
    UnfitError,
    decode,
    decode_alone,
    decode_with_decord,
    decode_with_pyav,
    fits_decord,
)
from pipeline.footage.exchange import (
    Footage,
    FrameSender,
    Note,
    ReadingDone,
    ReadingPlan,
    ReadRequest,
    Ring,
    SegmentStarted,
)
from pipeline.footage.scan import NO_TIMES, Scan, demux, open_footage, scan_footage
from pipeline.footage.segments import TARGET, Packet, PacketFeed, Segment, cut_segments

MEMORY = 2**30
"""Bytes that a decoder process may take beyond its libraries."""
READ_AHEAD = 384 * 2**20
"""Most bytes of pixels in a segment for decord, which decodes the whole segment into memory."""
IMPORT = 16 * 2**30
"""Bytes of address space that decord's libraries may take."""
STRIKES = 3
"""Consecutive segments that decord may fail at before PyAV decodes the rest."""


def run_decoder(connection_handle: int, ring_handle: int) -> None:
    """Answer one request of a reader: the main function of the decoder process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the reader handles an interrupt
    stderr = StderrCapture()
    connection = Connection(connection_handle)
    request = connection.recv()
    sender = FrameSender(connection, Ring(ring_handle))
    try:
        if isinstance(request, Path):
            sender.send(probe_recording(request))
        else:
            send_frames(request, sender, stderr)
            sender.send(ReadingDone())
    except FootageError as error:
        sender.send(error)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # odd values of damaged files
        path = request if isinstance(request, Path) else request.footage.path
        fault = f"{type(error).__name__}: {' '.join(str(error).split())}"
        sender.send(FootageError(f"{path} cannot be read ({fault}); it is damaged, copy or record it again"))


def probe_recording(path: Path) -> Footage:
    """Describe a recording by its header and the first frame that can be decoded.

    Raises:
        FootageError: the recording is missing, is not a video, or no frame of it can be decoded.
    """
    container, stream = open_footage(path)
    with container:
        frame = next(
            (frame for packet in demux(container, stream) for frame in decode(stream, packet)[0]), None
        )
        frame = frame or next(iter(decode(stream, None)[0]), None)
        if frame is None:
            raise FootageError(f"no frame of {path} can be decoded; it is damaged, copy or record it again")
        if frame.pts is None:
            raise FootageError(f"{path} {NO_TIMES}")
        turns = round(frame.rotation / 90) % 4
        return Footage(
            path=path,
            width=frame.height if turns % 2 else frame.width,
            height=frame.width if turns % 2 else frame.height,
            fps=float(stream.average_rate or stream.guessed_rate or 0),
            start=float(frame.pts * stream.time_base),
            turns=turns,
        )


def send_frames(request: ReadRequest, sender: FrameSender, stderr: StderrCapture) -> None:
    """Send the requested frames, segment by segment."""
    path, beat = request.footage.path, sender.ring.beat
    limit_memory(MEMORY)
    scan = scan_footage(path, beat)
    is_wanted = (scan.seconds >= request.start) & (scan.seconds < request.end)
    wanted = np.flatnonzero(is_wanted)[:: request.stride]
    sender.send(ReadingPlan(len(wanted)))
    for fault in scan.faults:
        sender.send(Note(fault, truncated=True))
    for note in scan.notes:
        sender.send(Note(note))
    most = READ_AHEAD // (request.footage.width * request.footage.height * 3)
    segments = plan_segments(path, scan, min(TARGET, most))
    container, stream = open_footage(path)
    with container:
        decoder = SegmentDecoder(request, scan, stream, sender, stderr=stderr, most=most)
        feed = PacketFeed(demux(container, stream), scan, beat)
        for index, segment in enumerate(segments):
            begin, end = np.searchsorted(wanted, (max(segment.first, request.first), segment.last))
            if begin < end:
                sender.send(SegmentStarted(index, segment.first, segment.last))
                failures = request.failures.get(index, 0)
                decoder.send_segment(segment, wanted[begin:end], feed.take(segment), failures)


def plan_segments(path: Path, scan: Scan, limit: int) -> list[Segment]:
    """Cut a recording into segments; into one if its keyframes do not decode alone (periodic intra refresh)."""
    segments = cut_segments(scan, limit)
    if len(segments) > 1:
        container, stream = open_footage(path)
        with container:
            packet = next(islice(demux(container, stream), segments[1].start, None))
            if not decode_alone(stream, packet):
                return cut_segments(scan, len(scan.source))
    return segments


class SegmentDecoder:
    """Decodes the segments of a `ReadRequest`: chooses each segment's decoder, and sends frames and notes."""

    def __init__(
        self,
        request: ReadRequest,
        scan: Scan,
        stream: Any,
        sender: FrameSender,
        *,
        stderr: StderrCapture,
        most: int,
    ) -> None:
        self._request, self._scan, self._stream, self._sender = request, scan, stream, sender
        self._stderr, self._damage = stderr, Damage(scan)
        self._most = most
        self._strikes = 0
        self._other_sizes: set[tuple[int, int]] = set()

    def send_segment(
        self, segment: Segment, wanted: NDArray[np.intp], packets: Iterable[Packet], failures: int
    ) -> None:
        """Send the wanted frames of a segment, at which `failures` decoder processes have ended before."""
        span = f"frames {segment.first}-{segment.last - 1}"
        if failures > 1:
            self._sender.send(
                Note(f"{span} skipped: decoding them stopped the decoder twice", truncated=True)
            )
            return
        if not failures and self._strikes < STRIKES and fits_decord(self._scan, segment, self._most):
            packets = list(packets)
            if self._send_with_decord(span, packets, wanted):
                return
        beat = self._sender.ring.beat
        frames = decode_with_pyav(self._scan, self._stream, packets, wanted, damage=self._damage, beat=beat)
        lost = np.setdiff1d(wanted, self._send(frames))
        if len(lost):
            self._sender.send(Note(f"{format_frame_numbers(lost)} could not be decoded", truncated=True))

    def _send_with_decord(self, span: str, packets: list[Packet], wanted: NDArray[np.intp]) -> bool:
        if "decord" not in sys.modules:
            limit_memory(IMPORT)
            importlib.import_module("decord")  # on first use: it takes 0.7 GB and seconds
            limit_memory(MEMORY)
        beat = self._sender.ring.beat
        try:
            frames = decode_with_decord(
                self._scan, self._stream, packets, wanted, stderr=self._stderr, beat=beat
            )
        except UnfitError as error:
            self._strikes += 1
            rest = " and the rest" if self._strikes == STRIKES else ""
            self._sender.send(Note(f"{span}{rest} decoded with PyAV: {error}"))
            return False
        self._strikes = 0
        self._send(frames)
        return True

    def _send(self, frames: Iterable[NumberedPixels]) -> list[int]:
        """Send frames and return their numbers."""
        footage, numbers = self._request.footage, []
        for number, pixels in frames:
            upright = np.rot90(pixels, footage.turns)
            height, width = upright.shape[:2]
            if (height, width) != (footage.height, footage.width):
                upright = self._scaled(number, upright)
            scale = footage.width / width, footage.height / height
            self._sender.put(number, float(self._scan.seconds[number]), upright, scale, self._request.ahead)
            numbers.append(number)
        return numbers

    def _scaled(self, number: int, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Scale a frame to the size of the recording's first frame, and send a note on each new size."""
        import cv2  # few recordings need it

        height, width = picture.shape[:2]
        size = self._request.footage.width, self._request.footage.height
        if (width, height) not in self._other_sizes:
            self._other_sizes.add((width, height))
            self._sender.send(
                Note(
                    f"the picture changes from {size[0]} x {size[1]} to {width} x {height} pixels at frame {number}; "
                    "it is scaled to the first size"
                )
            )
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def limit_memory(extra: int) -> None:
    """Limit this process to `extra` bytes more address space than it has now; only Linux enforces the limit."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + extra
        resource.setrlimit(resource.RLIMIT_AS, (limit if most < 0 else min(limit, most), most))


def format_frame_numbers(numbers: NDArray[np.intp]) -> str:
    """Return frame numbers as text, with at most five ranges.

    >>> format_frame_numbers(np.array([3, 4, 5, 9]))
    'frames 3-5, 9'
    """
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    ranges = [f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts]
    more = f" and {len(ranges) - 5} more places" if len(ranges) > 5 else ""
    return "frames " + ", ".join(ranges[:5]) + more

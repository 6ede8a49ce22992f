"""Decoders of one piece of a recording, which send its frames segment by segment."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.decoders import (
    Damage,
    NumberedPixels,
    StderrCapture,
    UnfitError,
    decode_alone,
    decode_with_decord,
    decode_with_pyav,
    fits_decord,
)
from pipeline.footage.exchange import FrameSender, Note, ReadRequest, SegmentStarted
from pipeline.footage.pieces import Piece
from pipeline.footage.scan import Scan, demux, open_footage
from pipeline.footage.segments import TARGET, Packet, PacketFeed, Segment, cut_segments

MEMORY = 2**30
"""Bytes that a decoder process may take beyond its libraries."""
READ_AHEAD = 384 * 2**20
"""Most bytes of pixels in a segment for decord, which decodes the whole segment into memory."""
IMPORT = 16 * 2**30
"""Bytes of address space that decord's libraries may take."""
STRIKES = 3
"""Consecutive segments that decord may fail at before PyAV decodes the rest."""


class FrameOutput:
    """Sends decoded frames: upright, all of one size, with their numbers and times in the recording."""

    def __init__(self, request: ReadRequest, sender: FrameSender, seconds: NDArray[np.float64]) -> None:
        """Make an output; `seconds` holds the (f,) times of all frames of the recording."""
        self.request, self.sender = request, sender
        self._seconds = seconds
        self._other_sizes: set[tuple[int, int]] = set()

    def begin(self, segment: int, first: int, last: int) -> int:
        """Announce a segment with its first frame and the one after its last; return how many decoders it ended."""
        self.sender.send(SegmentStarted(segment, first, last))
        return self.request.failures.get(segment, 0)

    def note(self, text: str, *, truncated: bool = False) -> None:
        """Send a remark."""
        self.sender.send(Note(text, truncated))

    def send(self, frames: Iterable[NumberedPixels], before: int) -> list[int]:
        """Send frames that are numbered after `before` others, and return their numbers in the recording."""
        footage, numbers = self.request.footage, []
        for number, pixels in frames:
            upright = np.rot90(pixels, footage.turns)
            height, width = upright.shape[:2]
            if (height, width) != (footage.height, footage.width):
                upright = self._scaled(before + number, upright)
            scale = footage.width / width, footage.height / height
            seconds = float(self._seconds[before + number])
            self.sender.put(before + number, seconds, upright, scale, self.request.ahead)
            numbers.append(before + number)
        return numbers

    def _scaled(self, number: int, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Scale a frame to the size of the recording's first frame, and send a note on each new size."""
        import cv2  # few recordings need it

        height, width = picture.shape[:2]
        size = self.request.footage.width, self.request.footage.height
        if (width, height) not in self._other_sizes:
            self._other_sizes.add((width, height))
            self.note(
                f"the picture changes from {size[0]} x {size[1]} to {width} x {height} pixels at frame {number}; "
                "it is scaled to the first size"
            )
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def send_piece(
    piece: Piece,
    wanted: NDArray[np.intp],
    before: int,
    segment: int,
    output: FrameOutput,
    stderr: StderrCapture,
) -> int:
    """Send the wanted frames of a piece, and return the index of the next segment.

    Args:
        piece: the piece.
        wanted: numbers of the wanted frames in the piece, increasing.
        before: number of frames in the pieces before.
        segment: index of its first segment.
        output: where its frames go.
        stderr: what native libraries print.
    """
    if not isinstance(piece.content, Scan):
        return _send_pictures(piece.content, wanted, before, segment, output)
    container, stream = open_footage(piece.path)
    with container:
        size = max(stream.codec_context.width * stream.codec_context.height * 3, 1)
        most = READ_AHEAD // size
        segments = plan_segments(piece.path, piece.content, min(TARGET, most))
        decoder = SegmentDecoder(piece.content, stream, before, output, stderr, most)
        feed = PacketFeed(demux(container, stream), piece.content, output.sender.ring.beat)
        for index, part in enumerate(segments, start=segment):
            begin, end = np.searchsorted(wanted, (part.first, part.last))
            if begin < end:
                failures = output.begin(index, before + part.first, before + part.last)
                decoder.send_segment(part, wanted[begin:end], feed.take(part), failures)
    return segment + len(segments)


def plan_segments(path: Path, scan: Scan, limit: int) -> list[Segment]:
    """Cut a video into segments; into one if its keyframes do not decode alone (periodic intra refresh)."""
    segments = cut_segments(scan, limit)
    if len(segments) > 1:
        container, stream = open_footage(path)
        with container:
            packet = next(islice(demux(container, stream), segments[1].start, None))
            if not decode_alone(stream, packet):
                return cut_segments(scan, len(scan.source))
    return segments


class SegmentDecoder:
    """Decodes the segments of a video: chooses each segment's decoder, and sends frames and notes."""

    def __init__(
        self, scan: Scan, stream: Any, before: int, output: FrameOutput, stderr: StderrCapture, most: int
    ) -> None:
        self._scan, self._stream, self._before, self._output = scan, stream, before, output
        self._stderr, self._damage = stderr, Damage(scan)
        self._most = most
        self._strikes = 0

    def send_segment(
        self, segment: Segment, wanted: NDArray[np.intp], packets: Iterable[Packet], failures: int
    ) -> None:
        """Send the wanted frames of a segment, at which `failures` decoder processes have ended before."""
        span = f"frames {self._before + segment.first}-{self._before + segment.last - 1}"
        if failures > 1:
            self._output.note(f"{span} skipped: decoding them stopped the decoder twice", truncated=True)
            return
        if not failures and self._strikes < STRIKES and fits_decord(self._scan, segment, self._most):
            packets = list(packets)
            if self._send_with_decord(span, packets, wanted):
                return
        beat = self._output.sender.ring.beat
        frames = decode_with_pyav(self._scan, self._stream, packets, wanted, damage=self._damage, beat=beat)
        send_or_name(frames, wanted, self._before, self._output)

    def _send_with_decord(self, span: str, packets: list[Packet], wanted: NDArray[np.intp]) -> bool:
        if "decord" not in sys.modules:
            limit_memory(IMPORT)
            importlib.import_module("decord")  # on first use: it takes 0.7 GB and seconds
            limit_memory(MEMORY)
        beat = self._output.sender.ring.beat
        try:
            frames = decode_with_decord(
                self._scan, self._stream, packets, wanted, stderr=self._stderr, beat=beat
            )
        except UnfitError as error:
            self._strikes += 1
            rest = " and the rest" if self._strikes == STRIKES else ""
            self._output.note(f"{span}{rest} decoded with PyAV: {error}")
            return False
        self._strikes = 0
        self._output.send(frames, self._before)
        return True


def _send_pictures(
    pictures: list[Path | None], wanted: NDArray[np.intp], before: int, segment: int, output: FrameOutput
) -> int:
    """Send the wanted pictures of a folder."""
    for start in range(0, len(pictures), TARGET):
        begin, end = np.searchsorted(wanted, (start, start + TARGET))
        index, last = segment + start // TARGET, min(start + TARGET, len(pictures))
        if begin == end:
            continue
        if output.begin(index, before + start, before + last) > 1:
            span = f"frames {before + start}-{before + last - 1}"
            output.note(f"{span} skipped: decoding them stopped the decoder twice", truncated=True)
        else:
            frames = _read_pictures(pictures, wanted[begin:end].tolist(), output)
            send_or_name(frames, wanted[begin:end], before, output)
    return segment + -(-len(pictures) // TARGET)


def _read_pictures(
    pictures: list[Path | None], numbers: list[int], output: FrameOutput
) -> Iterator[NumberedPixels]:
    """Yield the pictures that can be read."""
    for number in numbers:
        output.sender.ring.beat()
        path = pictures[number]
        pixels = None if path is None else read_picture(path)
        if pixels is not None:
            yield number, pixels


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """Return a picture, (h, w, 3) RGB and upright; None if it cannot be read."""
    import cv2

    try:
        data = np.frombuffer(path.read_bytes() or b" ", np.uint8)
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
    except (OSError, cv2.error):
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def send_or_name(
    frames: Iterable[NumberedPixels], wanted: NDArray[np.intp], before: int, output: FrameOutput
) -> None:
    """Send frames, and name the wanted ones that are missing among them."""
    lost = np.setdiff1d(before + wanted, output.send(frames, before))
    if len(lost):
        output.note(f"{format_frame_numbers(lost)} could not be decoded", truncated=True)


def limit_memory(extra: int) -> None:
    """Limit this process to `extra` bytes more address space than it has now; elsewhere than on Linux, do nothing."""
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

"""Decoding of packets: with decord where that is safe, otherwise with PyAV; damaged frames are dropped."""

from __future__ import annotations

import io
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.scan import Scan
from pipeline.footage.segments import Packet, Segment

HELD = 16
"""Most decoded frames that wait for an earlier frame, which a decoder returns later if time stamps are wrong."""
INTRA = 4
"""Fewest packets for each keyframe; with fewer, checking the keyframes costs more than decord saves."""

NumberedPixels = tuple[int, NDArray[np.uint8]]
"""A source frame number and (h, w, 3) RGB pixels as stored."""


class StderrCapture:
    """What native libraries print to stderr: kept off the terminal, and read as a sign of damage."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        os.dup2(file.fileno(), 2)
        self._seen = 0

    def has_grown(self) -> bool:
        """Return whether anything was printed since the last call."""
        before, self._seen = self._seen, os.fstat(2).st_size
        return self._seen > before


class UnfitError(Exception):
    """A segment that decord does not decode correctly."""


def fits_decord(scan: Scan, segment: Segment, most: int) -> bool:
    """Return whether decord may decode a segment.

    The segment must have at most `most` packets, few keyframes, and only undamaged packets with unique times.
    """
    index = segment.packets(scan)
    bounded = len(index) <= most and scan.key[index].sum() * INTRA <= max(len(index), INTRA)
    return bool(bounded and not scan.by_rank and scan.plain[index].all() and not scan.damaged[index].any())


def decode_with_decord(
    scan: Scan,
    stream: Any,
    packets: list[Packet],
    wanted: NDArray[np.intp],
    *,
    stderr: StderrCapture,
    beat: Callable[[], None],
) -> Iterator[NumberedPixels]:
    """Decode a segment as a file in memory; return its wanted frames once all of them are decoded correctly.

    decord numbers frames in the order it decodes them and may repeat a frame in place of a damaged frame. Its frames
    are therefore accepted only if it finds as many frames as there are packets, prints nothing, and all keyframes
    have one size.

    Raises:
        UnfitError: the frames are not accepted.
    """
    import av
    import decord

    stderr.has_grown()
    keyframes = [
        frame for _, packet in packets if packet.is_keyframe for frame in decode_alone(stream, packet)
    ]
    kinds = {(frame.width, frame.height, frame.format.name) for frame in keyframes}
    if len(kinds) != 1:  # decord would scale all frames to the first size
        raise UnfitError("the frame size changes" if kinds else "the keyframe is damaged")
    index = np.array([index for index, _ in packets])
    shown_order = index[np.argsort(scan.ranks[index], kind="stable")]  # as decord yields the frames
    numbers = np.where(
        scan.shown[shown_order], np.searchsorted(scan.frame_ranks, scan.ranks[shown_order]), -1
    )
    try:
        reader = decord.VideoReader(remux(stream, packets, scan.ranks), num_threads=1)
        if len(reader) != len(packets):
            raise UnfitError(f"decord finds {len(reader)} frames in {len(packets)} packets")
        # decord skips too many frames of HEVC, MPEG-4 and MPEG-2 if they are stored in another order than shown
        in_order = bool((np.diff(scan.ranks[index]) > 0).all())
        may_skip = in_order or stream.codec.canonical_name == "h264"
        frames = _read_frames(reader, numbers, wanted, beat, may_skip=may_skip)
    except (decord.DECORDError, RuntimeError, StopIteration, av.FFmpegError, ValueError) as error:
        raise UnfitError(f"decord cannot decode them ({type(error).__name__})") from error
    if stderr.has_grown():
        raise UnfitError("decord's decoder reports errors")
    return _copy_out(frames)


def _read_frames(
    reader: Any,
    numbers: NDArray[np.intp],
    wanted: NDArray[np.intp],
    beat: Callable[[], None],
    *,
    may_skip: bool,
) -> deque[tuple[int, Any]]:
    """Decode up to the last wanted frame; with `may_skip` the colours of unwanted frames are not converted."""
    frames: deque[tuple[int, Any]] = deque()
    position = 0
    for place in np.flatnonzero(np.isin(numbers, wanted)).tolist():
        if may_skip and place > position:
            reader.skip_frames(place - position)
            position = place
        for _ in range(place - position):
            reader.next()
        pixels = reader.next()
        if pixels.shape[2] != 3:  # decord takes the padding of rows for a channel at some widths under 128
            raise UnfitError(f"decord gives frames of {pixels.shape[2]} channels")
        frames.append((int(numbers[place]), pixels))
        position = place + 1
        beat()
    return frames


def _copy_out(frames: deque[tuple[int, Any]]) -> Iterator[NumberedPixels]:
    """Yield copies of decord's frames and free each; a second copy of a segment would cost more than decoding."""
    while frames:
        number, pixels = frames.popleft()
        yield number, pixels.asnumpy()


def remux(stream: Any, packets: list[Packet], ranks: NDArray[np.int64]) -> io.BytesIO:
    """Return packets as a Matroska file in memory, timed at an even 25 frames a second."""
    import av

    places = np.argsort(np.argsort(ranks[[index for index, _ in packets]]))
    delay = int((np.arange(len(places)) - places).max())  # so that no packet is shown before it is decoded
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        target = _copy_stream(container, stream)
        for place, (_, packet) in enumerate(packets):
            copy = av.Packet(bytes(packet))
            copy.time_base, copy.dts, copy.pts = Fraction(1, 25), place, int(places[place]) + delay
            copy.is_keyframe = packet.is_keyframe
            copy.stream = target
            container.mux_one(copy)
    return io.BytesIO(buffer.getvalue())


def _copy_stream(container: Any, stream: Any) -> Any:
    if stream.codec.canonical_name == "av1":  # its decoder and encoder differ in name, so no template works
        context = stream.codec_context
        return container.add_mux_stream("av1", 25, width=context.width, height=context.height)
    target = container.add_stream_from_template(stream)
    target.set_display_rotation(0)
    return target


def decode_with_pyav(
    scan: Scan,
    stream: Any,
    packets: Iterable[Packet],
    wanted: NDArray[np.intp],
    *,
    damage: Damage,
    beat: Callable[[], None],
) -> Iterator[NumberedPixels]:
    """Decode packet by packet and yield each wanted frame that does not depend on damaged packets."""
    numbers, count, due, waiting = set(wanted.tolist()), 0, -1, dict[int, Any]()
    for index, packet in _with_flushes(packets, scan.closed):
        beat()
        if due < 0:
            due = int(np.searchsorted(scan.frame_ranks, scan.ranks[index]))
        if packet is not None:
            packet.pts = int(scan.ranks[index])  # time stamps may repeat, ranks do not
            packet.is_corrupt = bool(scan.damaged[index])
        frames, failed = decode(stream, packet)
        if failed and packet is not None:
            damage.spread(index)
        for frame in frames:
            number = scan.number(frame.pts)
            if scan.by_rank:  # the container's times belong to other frames
                number = count if count < len(scan.source) else None
            count += 1
            if number is None or number < due:
                continue
            if frame.is_corrupt:
                damage.spread(int(scan.source[number]))
            waiting.setdefault(number, frame)
        if packet is None:
            stream.codec_context.flush_buffers()
        while waiting and (packet is None or len(waiting) > HELD or due in waiting):
            number = min(waiting)
            frame, due = waiting.pop(number), number + 1
            if number in numbers and not damage.touches(number):
                yield number, frame.to_ndarray(format="rgb24")
        if due > wanted[-1] or (failed and scan.by_rank):
            break
    decode(stream, None)
    stream.codec_context.flush_buffers()


def _with_flushes(packets: Iterable[Packet], closed: NDArray[np.bool_]) -> Iterator[Packet]:
    """Insert None, which makes the decoder return all frames it holds, before closed keyframes and at the end.

    Without it decoders drop the frames they hold when the frame size changes.
    """
    index = -1
    for index, packet in packets:
        if closed[index]:
            yield index, None
        yield index, packet
    yield index, None


class Damage:
    """Which packets depend on damaged packets."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._bad = np.zeros(len(scan.ranks), bool)
        self._keys = np.flatnonzero(scan.key)
        for index in np.flatnonzero(scan.damaged).tolist():
            self.spread(index)

    def spread(self, index: int) -> None:
        """Mark a packet and all later ones up to the next keyframe, including that keyframe's leading frames."""
        next_keys = self._keys[np.searchsorted(self._keys, index, "right") :][:2].tolist()
        clean, end = (*next_keys, len(self._bad), len(self._bad))[:2]
        order = self._scan.ranks
        self._bad[index:clean] = True
        if clean < end:
            self._bad[clean:end] |= order[clean:end] < order[clean]

    def touches(self, number: int) -> bool:
        """Return whether a frame depends on a damaged packet."""
        return bool(self._bad[self._scan.source[number]])


def decode(stream: Any, packet: Any) -> tuple[list[Any], bool]:
    """Decode one packet, or with None the frames that the decoder holds; return frames and whether it failed."""
    import av

    try:
        return stream.codec_context.decode(packet), False
    except av.error.MemoryError:
        raise
    except av.FFmpegError:
        return [], True


def decode_alone(stream: Any, packet: Any) -> list[Any]:
    """Decode one packet independently of all others; return its undamaged frames."""
    frames = decode(stream, packet)[0] + decode(stream, None)[0]
    stream.codec_context.flush_buffers()
    return [frame for frame in frames if not frame.is_corrupt]

"""Packets into frames: through decord where that is safe, else through PyAV, and nothing half decoded."""

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

INTRA = 4
"""Where a keyframe comes in fewer packets than this, checking them costs more than decord saves."""

Numbered = tuple[int, NDArray[np.uint8]]
"""A source frame number and (h, w, 3) RGB pixels as stored."""


class Complaints:
    """What the native libraries printed: kept off the terminal, and a sign of damage."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        os.dup2(file.fileno(), 2)
        self._seen = 0

    def new(self) -> bool:
        """Tell whether anything was printed since the last call."""
        before, self._seen = self._seen, os.fstat(2).st_size
        return self._seen > before


class UnfitError(Exception):
    """A segment that decord does not read right."""


def fits_decord(scan: Scan, segment: Segment, most: int) -> bool:
    """Tell whether decord may have a segment: no more than `most` packets, whole, timed, not all keyframes."""
    index = segment.packets(scan)
    bounded = len(index) <= most and scan.key[index].sum() * INTRA <= max(len(index), INTRA)
    return bool(bounded and not scan.by_rank and scan.plain[index].all() and not scan.damaged[index].any())


def through_decord(
    scan: Scan,
    stream: Any,
    packets: list[Packet],
    wanted: NDArray[np.intp],
    *,
    complaints: Complaints,
    beat: Callable[[], None],
) -> Iterator[Numbered]:
    """Decode a segment as a file of its own, and give its frames only after all of them came out right.

    decord numbers what it decodes and may repeat a frame in place of a damaged one, so its frames count only where
    it saw as many packets as the scan, nothing was printed and all keyframes are of one size.

    Raises:
        UnfitError: anything else.
    """
    import av
    import decord

    complaints.new()
    _check_uniform(stream, [packet for _, packet in packets if packet.is_keyframe])
    try:
        reader = decord.VideoReader(remux(stream, packets, scan.order), num_threads=1)
        if len(reader) != len(packets):
            raise UnfitError(f"decord finds {len(reader)} frames in {len(packets)} packets")
        frames = _read_all(reader, _numbers(scan, [index for index, _ in packets]), wanted, beat)
    except (decord.DECORDError, RuntimeError, StopIteration, av.FFmpegError, ValueError) as error:
        raise UnfitError(f"decord cannot read them ({type(error).__name__})") from error
    if complaints.new():
        raise UnfitError("decord's decoder complains")
    return _unpack(frames)


def _check_uniform(stream: Any, keyframes: list[Any]) -> None:
    """Decode the keyframes: where their sizes differ, decord would scale all frames to the first one's."""
    frames = [frame for packet in keyframes for frame in decode_alone(stream, packet)]
    kinds = {(frame.width, frame.height, frame.format.name) for frame in frames}
    if len(kinds) != 1:
        raise UnfitError("the frame size changes" if kinds else "the keyframe is damaged")


def _numbers(scan: Scan, index: list[int]) -> NDArray[np.intp]:
    """(n,) frame numbers of packets, -1 for those not shown, in presentation order: the order decord gives."""
    shown_order = np.array(index)[np.argsort(scan.order[index], kind="stable")]
    return np.where(scan.shown[shown_order], np.searchsorted(scan.ticks, scan.order[shown_order]), -1)


def _read_all(
    reader: Any, numbers: NDArray[np.intp], wanted: NDArray[np.intp], beat: Callable[[], None]
) -> deque[tuple[int, Any]]:
    """Let decord decode everything up to the last frame wanted, without converting the others' colours."""
    frames: deque[tuple[int, Any]] = deque()
    at = 0
    for place in np.flatnonzero(np.isin(numbers, wanted)).tolist():
        if place > at:
            reader.skip_frames(place - at)
        pixels = reader.next()
        if pixels.shape[2] != 3:  # so for some widths under 128: it takes the padding of rows for a channel
            raise UnfitError(f"decord gives frames of {pixels.shape[2]} channels")
        frames.append((int(numbers[place]), pixels))
        at = place + 1
        beat()
    return frames


def _unpack(frames: deque[tuple[int, Any]]) -> Iterator[Numbered]:
    """Copy decord's frames out one at a time and let each go: a second copy of a segment costs more than decoding."""
    while frames:
        number, pixels = frames.popleft()
        yield number, pixels.asnumpy()


def remux(stream: Any, packets: list[Packet], order: NDArray[np.int64]) -> io.BytesIO:
    """Put packets into a file in memory, as if shown at 25 frames a second without gaps: times stay with the scan."""
    import av

    ranks = np.argsort(np.argsort(order[[index for index, _ in packets]], kind="stable"), kind="stable")
    delay = int((np.arange(len(ranks)) - ranks).max())  # so that no packet is shown before it is decoded
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        target = _copy_stream(container, stream)
        for place, (_, packet) in enumerate(packets):
            copy = av.Packet(bytes(packet))
            copy.time_base, copy.dts, copy.pts = Fraction(1, 25), place, int(ranks[place]) + delay
            copy.is_keyframe = packet.is_keyframe
            copy.stream = target
            container.mux_one(copy)
    return io.BytesIO(buffer.getvalue())


def _copy_stream(container: Any, stream: Any) -> Any:
    if stream.codec.canonical_name == "av1":  # its decoder has no encoder of the same name to copy by
        context = stream.codec_context
        return container.add_mux_stream("av1", 25, width=context.width, height=context.height)
    target = container.add_stream_from_template(stream)
    target.set_display_rotation(0)
    return target


def through_pyav(
    scan: Scan,
    stream: Any,
    packets: Iterable[Packet],
    wanted: NDArray[np.intp],
    *,
    damage: Damage,
    beat: Callable[[], None],
) -> Iterator[Numbered]:
    """Decode packet by packet, and give each frame as it comes out.

    After damage nothing is given until the next keyframe: pictures in between are guesses from what was lost.
    """
    kept, last, count = set(wanted.tolist()), -1, 0
    for index, packet in _drained(packets, scan.closed):
        beat()
        frames, failed = decode(stream, packet)
        if failed and packet is not None:
            damage.spread(index)
        for frame in frames:
            number = scan.number(_ticks(scan, frame, count))
            count += 1
            if number is None or number <= last:
                continue
            if frame.is_corrupt:
                damage.spread(int(scan.source[number]))
            last = number
            if number in kept and not damage.touches(number):
                yield number, frame.to_ndarray(format="rgb24")
        if packet is None:
            stream.codec_context.flush_buffers()
        if last >= wanted[-1] or (failed and scan.by_rank):
            break
    decode(stream, None)
    stream.codec_context.flush_buffers()


def _ticks(scan: Scan, frame: Any, count: int) -> int | None:
    """Presentation time of a frame; by its place where the container's times sit on the wrong packets."""
    if not scan.by_rank:
        return None if frame.pts is None else int(frame.pts)
    return int(scan.ticks[count]) if count < len(scan.ticks) else None


def _drained(packets: Iterable[Packet], closed: NDArray[np.bool_]) -> Iterator[Packet]:
    """Put a None, which makes the decoder give all it holds back, before each closed keyframe and at the end.

    Decoders drop what they hold back where the frame size changes.
    """
    index = -1
    for index, packet in packets:
        if closed[index]:
            yield index, None
        yield index, packet
    yield index, None


class Damage:
    """Which packets depend on damaged ones."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._bad = np.zeros(len(scan.order), bool)
        self._keys = np.flatnonzero(scan.key)
        for index in np.flatnonzero(scan.damaged).tolist():
            self.spread(index)

    def spread(self, index: int) -> None:
        """Mark a packet, and all up to the next keyframe and its leading frames."""
        after = self._keys[np.searchsorted(self._keys, index, "right") :][:2].tolist()
        clean, end = (*after, len(self._bad), len(self._bad))[:2]
        order = self._scan.order
        self._bad[index:clean] = True
        if clean < end:
            self._bad[clean:end] |= order[clean:end] < order[clean]

    def touches(self, number: int) -> bool:
        """Tell whether a frame depends on damage."""
        return bool(self._bad[self._scan.source[number]])


def decode(stream: Any, packet: Any) -> tuple[list[Any], bool]:
    """Decode one packet, or with None what the decoder holds back; the frames, and whether it failed."""
    import av

    try:
        return stream.codec_context.decode(packet), False
    except av.error.MemoryError:
        raise
    except av.FFmpegError:
        return [], True


def decode_alone(stream: Any, packet: Any) -> list[Any]:
    """Decode one packet without any other; the frames that are whole."""
    frames = decode(stream, packet)[0] + decode(stream, None)[0]
    stream.codec_context.flush_buffers()
    return [frame for frame in frames if not frame.is_corrupt]

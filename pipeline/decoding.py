"""The decoder process: turns the packets of a recording into frames, through decord where it reads right."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.exchange import Begun, Finished, Footage, Look, Note, Planned, Read, Refused, Ring, Sender
from pipeline.segments import NO_TIMES, TARGET, Scan, Segment, cut, demux, open_footage, scan_footage

READ_AHEAD = 384 * 2**20
"""Most bytes of pixels in a segment given to decord, which decodes all of it ahead into memory."""
IMPORT = 16 * 2**30
"""Bytes of address space decord's libraries may take."""
INTRA = 4
"""Where a keyframe comes in fewer packets than this, checking them costs more than decord saves."""


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


class Unfit(Exception):  # noqa: N818 - never leaves this file
    """A segment that decord does not read right."""


def serve(connection_handle: int, ring_handle: int) -> None:
    """Do one job for a reader and end: the main function of the decoder process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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
        frame = next((f for packet in demux(container, stream) for f in _decode(stream, packet)[0]), None)
        frame = frame or next(iter(_decode(stream, None)[0]), None)
        if frame is None:
            raise FootageError(
                f"nothing of {path} can be decoded; the recording is damaged, copy or record it again"
            )
        if frame.pts is None:
            raise FootageError(f"{path} {NO_TIMES}")
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        duration = None if container.duration is None else container.duration / 1_000_000
        frames = stream.frames or (round(duration * rate) if duration and rate else None)
        turns = round(frame.rotation / 90) % 4
        width, height = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
        return Footage(
            path, width, height, rate, frames, float(frame.pts * stream.time_base), duration, turns
        )


def read(job: Read, sender: Sender, complaints: Complaints) -> None:
    """Send the frames a job asks for, segment by segment."""
    _limit_memory(job.memory)
    scan = scan_footage(job.footage.path, sender.ring.beat)
    wanted = select(scan.seconds, job)
    sender.tell(Planned(len(wanted)))
    for fault in scan.faults:
        sender.tell(Note(fault, truncated=True))
    container, stream = open_footage(job.footage.path)
    with container:
        feed, damage = Feed(demux(container, stream)), Damage(scan)
        room = READ_AHEAD // (job.footage.width * job.footage.height * 3)
        for ordinal, segment in enumerate(plan(job.footage.path, scan, min(TARGET, room))):
            numbers = wanted[(wanted >= segment.first) & (wanted < segment.last)]
            if len(numbers):
                sender.tell(Begun(ordinal, segment.first, segment.last))
                task = Task(job, scan, segment, numbers, sender, stream, damage)
                task.run(feed.take(segment), job.failures.get(ordinal, 0), room, complaints)


def plan(path: Path, scan: Scan, limit: int) -> list[Segment]:
    """Cut a recording, unless its keyframes cannot be decoded on their own, as where they are refreshed piecemeal."""
    segments = cut(scan, limit)
    if len(segments) > 1:
        container, stream = open_footage(path)
        with container:
            packet = next(islice(demux(container, stream), segments[1].start, None))
            if not any(not frame.is_corrupt for frame in _alone(stream, packet)):
                return cut(scan, len(scan.ticks))
    return segments


def select(seconds: NDArray[np.float64], job: Read) -> NDArray[np.intp]:
    """Choose source frame numbers: each `stride`-th of those in [start, end), and of these the ones from `first`."""
    inside = np.flatnonzero((seconds >= job.start) & (seconds < job.end))
    chosen = inside[:: job.stride]
    return chosen[chosen >= job.first]


def _limit_memory(extra: int) -> None:
    """Let this process take `extra` bytes more address space than it has now; only Linux keeps such a limit."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        wish = pages * resource.getpagesize() + extra
        resource.setrlimit(resource.RLIMIT_AS, (wish if most < 0 else min(wish, most), most))


def _import_decord(memory: int) -> Any:
    """Import decord with room for its libraries, once it is needed."""
    if "decord" not in sys.modules:
        _limit_memory(IMPORT)
        importlib.import_module("decord")
        _limit_memory(memory)
    return sys.modules["decord"]


class Feed:
    """The packets of a file in stored order, handed out by segment; segments may overlap at their ends."""

    def __init__(self, packets: Iterator[Any]) -> None:
        self._coming = enumerate(packets)
        self._held: list[tuple[int, Any]] = []

    def take(self, segment: Segment) -> Iterator[tuple[int, Any]]:
        """Hand out the (index, packet) pairs of a segment, which must not be before the last one taken."""
        waiting, self._held = self._held, []
        for index, packet in chain(waiting, self._coming):
            if index >= segment.overlap:
                self._held.append((index, packet))
            if index >= segment.start:
                yield index, packet
            if index + 1 >= segment.stop:
                return


@dataclass(frozen=True, eq=False)
class Task:
    """The frames wanted of one segment, and where they go."""

    job: Read
    scan: Scan
    segment: Segment
    wanted: NDArray[np.intp]
    """(m,) source frame numbers, increasing."""
    sender: Sender
    stream: Any
    damage: Damage

    def run(
        self, packets: Iterable[tuple[int, Any]], failures: int, room: int, complaints: Complaints
    ) -> None:
        """Send the frames through decord, through PyAV where that is not safe, and note what is missing."""
        span = f"frames {self.segment.first}-{self.segment.last - 1}"
        if failures > 1:
            self.sender.tell(
                Note(f"{span} left out: decoding them ended the decoder process twice", truncated=True)
            )
            return
        own = self.segment.own(self.scan)
        packets = ((index, packet) for index, packet in packets if own[index - self.segment.start])
        if not failures and self._fit(own, room):
            kept = list(packets)
            try:
                self._send(through_decord(self, kept, complaints))
                return
            except Unfit as error:
                self.sender.tell(Note(f"{span} re-read through PyAV: {error}"))
                packets = iter(kept)
        sent = self._send(through_pyav(self, packets))
        lost = np.setdiff1d(self.wanted, sent)
        if len(lost):
            self.sender.tell(Note(f"{_ranges(lost)} could not be decoded", truncated=True))

    def _fit(self, own: NDArray[np.bool_], room: int) -> bool:
        """Tell whether decord may have the segment: bounded, whole, timed, and not all keyframes."""
        index = self.segment.start + np.flatnonzero(own)
        scan = self.scan
        bounded = len(index) <= room and scan.key[index].sum() * INTRA <= max(len(index), INTRA)
        return bool(
            bounded and not scan.by_rank and scan.plain[index].all() and not scan.damaged[index].any()
        )

    def _send(self, frames: Iterable[tuple[int, NDArray[np.uint8]]]) -> list[int]:
        sent = []
        for number, pixels in frames:
            upright = np.rot90(pixels, self.job.footage.turns)
            self.sender.put(number, float(self.scan.seconds[number]), upright, self.job.ahead)
            sent.append(number)
        return sent


def through_decord(
    task: Task, packets: list[tuple[int, Any]], complaints: Complaints
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Decode a segment as a file of its own, and give its frames only after all of them came out right.

    decord numbers what it decodes and may repeat a frame in place of a damaged one, so its frames count only where
    it saw as many packets as the scan, nothing was printed and all keyframes are of one size.

    Raises:
        Unfit: anything else.
    """
    decord = _import_decord(task.job.memory)
    complaints.new()
    _check_uniform(task.stream, [packet for _, packet in packets if packet.is_keyframe])
    shown, order = task.scan.shown, task.scan.order
    index = np.array([index for index, _ in packets])
    index = index[np.argsort(order[index], kind="stable")]  # in presentation order
    numbers = np.where(shown[index], np.searchsorted(task.scan.ticks, order[index]), -1)
    frames: deque[tuple[int, Any]] = deque()
    try:
        reader = decord.VideoReader(remux(task.stream, packets, order), num_threads=1)
        if len(reader) != len(packets):
            raise Unfit(f"decord finds {len(reader)} frames in {len(packets)} packets")
        at = 0
        for place in np.flatnonzero(np.isin(numbers, task.wanted)).tolist():
            if place > at:
                reader.skip_frames(place - at)
            frames.append((int(numbers[place]), reader.next()))
            at = place + 1
            task.sender.ring.beat()
    except (decord.DECORDError, RuntimeError, StopIteration) as error:
        raise Unfit(f"decord stops ({type(error).__name__})") from error
    if complaints.new():
        raise Unfit("decord's decoder complains")
    return _unpack(frames)


def _unpack(frames: deque[tuple[int, Any]]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Copy decord's frames out one at a time and let each go: a second copy of a segment costs more than decoding."""
    while frames:
        number, pixels = frames.popleft()
        yield number, pixels.asnumpy()


def remux(stream: Any, packets: list[tuple[int, Any]], order: NDArray[np.int64]) -> io.BytesIO:
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


def _check_uniform(stream: Any, keyframes: list[Any]) -> None:
    """Decode the keyframes: where their sizes differ, decord would scale all frames to the first one's."""
    kinds = set()
    for packet in keyframes:
        kinds |= {(frame.width, frame.height, frame.format.name) for frame in _alone(stream, packet)}
    if len(kinds) != 1:
        raise Unfit("its frames differ in size" if kinds else "its keyframe is damaged")


def through_pyav(task: Task, packets: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Decode packet by packet, and give each frame as it comes out.

    After damage nothing is given until the next keyframe: pictures in between are guesses from what was lost.
    """
    scan, stream, bad = task.scan, task.stream, task.damage
    wanted, last, count = set(task.wanted.tolist()), -1, task.segment.first
    for index, packet in _drained(packets, scan.closed):
        task.sender.ring.beat()
        frames, failed = _decode(stream, packet)
        if failed and packet is not None:
            bad.spread(index)
        for frame in frames:
            number = scan.number(int(scan.ticks[count]) if scan.by_rank else frame.pts)
            count += 1
            if number is None or number <= last:
                continue
            if frame.is_corrupt:
                bad.spread(int(scan.source[number]))
            last = number
            if number in wanted and not bad.touches(number):
                yield number, frame.to_ndarray(format="rgb24")
        if packet is None:
            stream.codec_context.flush_buffers()
        if last >= task.wanted[-1] or (failed and scan.by_rank):
            break
    _decode(stream, None)
    stream.codec_context.flush_buffers()


def _drained(packets: Iterable[tuple[int, Any]], closed: NDArray[np.bool_]) -> Iterator[tuple[int, Any]]:
    """Put a None, which makes the decoder give all it holds back, before each closed keyframe and at the end.

    Decoders drop what they hold back where the frame size changes.
    """
    index = -1
    for index, packet in packets:
        if closed[index]:
            yield index, None
        yield index, packet
    yield index, None


def _alone(stream: Any, packet: Any) -> list[Any]:
    """Decode one packet without any other."""
    frames = _decode(stream, packet)[0] + _decode(stream, None)[0]
    stream.codec_context.flush_buffers()
    return frames


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


def _decode(stream: Any, packet: Any) -> tuple[list[Any], bool]:
    """Decode one packet, or with None what the decoder holds back; the frames, and whether it failed."""
    import av

    try:
        return stream.codec_context.decode(packet), False
    except av.error.MemoryError:
        raise
    except av.FFmpegError:
        return [], True


def _ranges(numbers: NDArray[np.intp]) -> str:
    """Write frame numbers in words.

    >>> _ranges(np.array([3, 4, 5, 9]))
    'frames 3-5, 9'
    """
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    words = [f"{part[0]}-{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts]
    return "frames " + ", ".join(words[:5]) + (f" and {len(words) - 5} more places" if len(words) > 5 else "")

"""The video of all cameras side by side, at the same moment of the shared timeline."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.render.colours import DARK
from pipeline.render.drawing import Picture, draw_text
from pipeline.render.video_file import next_even, write_video_file

MAXIMUM_WIDTH = 1920
"""Maximum width of the grid in pixels."""
CLOCK_HEIGHT = 40
"""Height of the clock's strip in pixels."""
TOLERANCE = 1e-4
"""Seconds by which a frame may come after a tick and still be shown at it: sums of times are rounded."""
LONGEST_GAP = 10.0
"""Seconds without a picture of any camera from which on the video omits them; its clock jumps."""
WHITE = (235, 235, 235)


@dataclass(frozen=True)
class GridCamera:
    """One camera of a grid."""

    label: str
    video: Path
    """The camera's rendered video."""
    offset: float
    """Seconds to add to the video's times to get the shared timeline."""


@dataclass(frozen=True)
class GridLayout:
    """The places of the cameras' pictures."""

    columns: int
    rows: int
    cell: tuple[int, int]
    """Width and height in pixels of one camera's place."""

    @classmethod
    def of(cls, sizes: Sequence[tuple[int, int]]) -> GridLayout:
        """Arrange pictures of some widths and heights in about as many rows as columns."""
        columns = math.ceil(math.sqrt(len(sizes)))
        rows = math.ceil(len(sizes) / columns)
        width = min(MAXIMUM_WIDTH // columns, max(width for width, _ in sizes))
        height = max(round(width * picture_height / picture_width) for picture_width, picture_height in sizes)
        return cls(columns, rows, (next_even(width), next_even(min(height, width))))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the grid in pixels."""
        return self.columns * self.cell[0], CLOCK_HEIGHT + self.rows * self.cell[1]

    def cell_of(self, picture: Picture, number: int) -> Picture:
        """Return the part of the grid's picture that belongs to a camera, as a view."""
        width, height = self.cell
        row, column = divmod(number, self.columns)
        top, left = CLOCK_HEIGHT + row * height, column * width
        return picture[top : top + height, left : left + width]


class Playback:
    """Plays the video of one camera."""

    def __init__(self, camera: GridCamera, container: Any, cell: tuple[int, int], end: float) -> None:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        self.label = camera.label
        self._frames = ((frame.time + camera.offset, frame) for frame in container.decode(stream))
        self._next = next(self._frames, None)
        self._picture: NDArray[np.uint8] | None = None
        self._cell = cell
        self._end = end

    def at(self, seconds: float) -> NDArray[np.uint8] | None:
        """Return the latest frame, (h, w, 3), scaled to fit into the cell; None before the first and after the end.

        Times must not decrease from call to call.
        """
        newest = None
        while self._next is not None and self._next[0] <= seconds + TOLERANCE:
            newest, self._next = self._next[1], next(self._frames, None)
        if newest is not None:
            scale = min(self._cell[0] / newest.width, self._cell[1] / newest.height)
            width, height = max(2, int(newest.width * scale)), max(2, int(newest.height * scale))
            scaled = newest.reformat(format="rgb24", width=width, height=height)
            self._picture = np.asarray(scaled.to_ndarray(), np.uint8)
        return None if seconds >= self._end - TOLERANCE else self._picture


def draw_grid(
    cameras: Sequence[GridCamera], path: Path, mark: str, progress: Callable[[int, int | None], None]
) -> None:
    """Write a video of all cameras with the clock of the shared timeline above, at the highest of their frame rates.

    Its time 0 is that of the earliest frame, and long stretches without a picture are omitted. `mark` is stored in the
    file. `progress` is called with the number of frames done and the total.

    Raises:
        FootageError: the video of a camera is damaged.
        RunError: the video cannot be written.
    """
    try:
        with ExitStack() as stack:
            containers: list[Any] = [stack.enter_context(av.open(str(camera.video))) for camera in cameras]
            streams = [container.streams.video[0] for container in containers]
            layout = GridLayout.of([(stream.width, stream.height) for stream in streams])
            rate = max(Fraction(stream.average_rate).limit_denominator(1001) for stream in streams)
            spans = [_span(camera) for camera in cameras]
            playbacks = [
                Playback(camera, container, layout.cell, last)
                for camera, container, (_, last) in zip(cameras, containers, spans, strict=True)
            ]
            video = stack.enter_context(write_video_file(path, layout.size, rate, mark))
            times = [time for stretch in _covered(spans) for time in _ticks(*stretch, rate)]
            for tick, seconds in enumerate(times):
                video.add(compose_frame(playbacks, layout, seconds), float(tick / rate))
                progress(tick + 1, len(times))
    except av.FFmpegError as error:
        raise FootageError(
            f"{path}: the video of a camera is damaged ({error}); render again with --overwrite"
        ) from error


def compose_frame(playbacks: Sequence[Playback], layout: GridLayout, seconds: float) -> Picture:
    """Return one picture of the grid."""
    width, height = layout.size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:CLOCK_HEIGHT] = DARK
    draw_text(picture, format_clock(seconds), (8, 4), WHITE, height=CLOCK_HEIGHT - 8)
    for number, playback in enumerate(playbacks):
        cell, frame = layout.cell_of(picture, number), playback.at(seconds)
        if frame is not None:
            height, width = frame.shape[:2]
            top, left = (cell.shape[0] - height) // 2, (cell.shape[1] - width) // 2
            cell[top : top + height, left : left + width] = frame
        draw_text(cell, playback.label, (6, cell.shape[0] - 30), WHITE, height=24)
    return picture


def format_clock(seconds: float) -> str:
    """Format a time of the shared timeline as hours, minutes, seconds and tenths.

    >>> format_clock(3725.04), format_clock(-1.5), format_clock(59.96)
    ('1:02:05.0', '-0:00:01.5', '0:01:00.0')
    """
    tenths = round(abs(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    sign = "-" if seconds < 0 and tenths else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{rest // 10:02d}.{rest % 10}"


def _covered(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return start and end of the stretches with pictures, in the order of time.

    >>> _covered([(0.0, 60.0), (65.0, 90.0), (50.0, 70.0), (3600.0, 3660.0)])
    [(0.0, 90.0), (3600.0, 3660.0)]
    """
    covered: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if covered and start <= covered[-1][1] + LONGEST_GAP:
            covered[-1] = covered[-1][0], max(end, covered[-1][1])
        else:
            covered.append((start, end))
    return covered


def _ticks(start: float, end: float, rate: Fraction) -> list[float]:
    """Return the times of a stretch's frames."""
    count = max(1, math.ceil((end - start) * rate - TOLERANCE))
    return [start + float(tick / rate) for tick in range(count)]


def _span(camera: GridCamera) -> tuple[float, float]:
    """Return start and end of a video on the shared timeline; its last frame lasts as long as the one before."""
    with av.open(str(camera.video)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1)
        times = [float(packet.pts * base) for packet in container.demux(stream) if packet.pts is not None]
        rate = float(stream.average_rate or 1)
    duration = times[-1] - times[-2] if len(times) > 1 else 1 / rate
    return times[0] + camera.offset, times[-1] + duration + camera.offset

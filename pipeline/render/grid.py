"""How are the films of all cameras seen side by side, at one moment of the shared timeline?"""

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
from pipeline.render.drawing import Picture, write
from pipeline.render.video_file import even, filming

WIDEST = 1920
"""Pixels of the whole grid."""
CLOCK = 40
"""Pixels of the clock's strip."""
LATE = 1e-4
"""Seconds by which a frame may come after a tick and still be shown at it: sums of times round."""
WHITE = (235, 235, 235)


@dataclass(frozen=True)
class View:
    """One camera of a grid."""

    label: str
    film: Path
    offset: float
    """Seconds to add to the film's times to get the shared timeline."""


@dataclass(frozen=True)
class Layout:
    """Where the cameras' pictures are."""

    columns: int
    rows: int
    cell: tuple[int, int]
    """Width and height in pixels of one camera's place."""

    @classmethod
    def of(cls, sizes: Sequence[tuple[int, int]]) -> Layout:
        """Lay out pictures of these widths and heights, as near a square of them as whole rows allow."""
        columns = math.ceil(math.sqrt(len(sizes)))
        width = min(WIDEST // columns, max(width for width, _ in sizes))
        height = max(round(width * height / own) for own, height in sizes)
        return cls(columns, -(-len(sizes) // columns), (even(width), even(min(height, width))))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of all."""
        return self.columns * self.cell[0], CLOCK + self.rows * self.cell[1]

    def place(self, picture: Picture, number: int) -> Picture:
        """Give the part of a whole picture that is one camera's."""
        width, height = self.cell
        row, column = divmod(number, self.columns)
        top, left = CLOCK + row * height, column * width
        return picture[top : top + height, left : left + width]


class Showing:
    """The frames of one camera's film, taken as time goes on."""

    def __init__(self, view: View, container: Any, cell: tuple[int, int], end: float) -> None:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        self.label = view.label
        self._frames = ((frame.time + view.offset, frame) for frame in container.decode(stream))
        self._next = next(self._frames, None)
        self._shown: Any = None
        self._cell = cell
        self._end = end

    def at(self, seconds: float) -> NDArray[np.uint8] | None:
        """Give the latest frame, (h, w, 3) within the cell; None before the first one and after the end.

        Times must not fall from call to call.
        """
        newest = None
        while self._next is not None and self._next[0] <= seconds + LATE:
            newest, self._next = self._next[1], next(self._frames, None)
        if newest is not None:
            self._shown = self._fitted(newest)
        return None if seconds >= self._end - LATE else self._shown

    def _fitted(self, frame: Any) -> NDArray[np.uint8]:
        scale = min(self._cell[0] / frame.width, self._cell[1] / frame.height)
        size = {"width": max(2, int(frame.width * scale)), "height": max(2, int(frame.height * scale))}
        return np.asarray(frame.reformat(format="rgb24", **size).to_ndarray(), np.uint8)


def draw_grid(
    views: Sequence[View], path: Path, mark: str, report: Callable[[int, int | None], None]
) -> None:
    """Write a film of all cameras at the fastest one's rate, with the shared timeline's clock above.

    Args:
        views: at least one.
        path: film to write, whole or not at all; it begins at 0 with the earliest frame.
        mark: what it is drawn from.
        report: called with frames done and in all.

    Raises:
        FootageError: a camera's film is damaged.
    """
    try:
        with ExitStack() as stack:
            opened: list[Any] = [stack.enter_context(av.open(str(view.film))) for view in views]
            streams = [container.streams.video[0] for container in opened]
            layout = Layout.of([(stream.width, stream.height) for stream in streams])
            rate = max(Fraction(stream.average_rate).limit_denominator(1001) for stream in streams)
            spans = [_span(view) for view in views]
            begin, end = min(first for first, _ in spans), max(last for _, last in spans)
            showings = [
                Showing(view, container, layout.cell, last)
                for view, container, (_, last) in zip(views, opened, spans, strict=True)
            ]
            film = stack.enter_context(filming(path, layout.size, rate, mark))
            total = max(1, math.ceil((end - begin) * rate - LATE))
            for tick in range(total):
                seconds = begin + float(tick / rate)
                film.add(moment(showings, layout, seconds), float(tick / rate))
                report(tick + 1, total)
    except av.FFmpegError as error:
        raise FootageError(
            f"{path}: a camera's film is damaged ({error}); draw it with --overwrite"
        ) from error


def moment(showings: Sequence[Showing], layout: Layout, seconds: float) -> Picture:
    """Put together one picture of the grid."""
    width, height = layout.size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:CLOCK] = DARK
    write(picture, clock(seconds), (8, 4), WHITE, height=CLOCK - 8)
    for number, showing in enumerate(showings):
        place, own = layout.place(picture, number), showing.at(seconds)
        if own is not None:
            top, left = ((a - b) // 2 for a, b in zip(place.shape, own.shape[:2], strict=False))
            place[top : top + own.shape[0], left : left + own.shape[1]] = own
        write(place, showing.label, (6, place.shape[0] - 30), WHITE, height=24)
    return picture


def clock(seconds: float) -> str:
    """Write a time of the shared timeline.

    >>> clock(3725.04), clock(-1.5), clock(59.96)
    ('1:02:05.0', '-0:00:01.5', '0:01:00.0')
    """
    tenths = round(abs(seconds) * 10)
    minutes, rest = divmod(tenths, 600)
    return f"{'-' if seconds < 0 and tenths else ''}{minutes // 60}:{minutes % 60:02d}:{rest // 10:02d}.{rest % 10}"


def _span(view: View) -> tuple[float, float]:
    """Tell when a film begins and ends on the shared timeline; its last frame lasts as long as the one before."""
    with av.open(str(view.film)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1)
        times = [float(packet.pts * base) for packet in container.demux(stream) if packet.pts is not None]
        rate = float(stream.average_rate or 1)
    last = times[-1] - times[-2] if len(times) > 1 else 1 / rate
    return times[0] + view.offset, times[-1] + last + view.offset

"""H.264 video files, written completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from pipeline.folder.atomic import atomic_path

TICKS = 360_000
"""Ticks per second. Frames at 24, 25, 30 and 60 per second and their NTSC variants fall on whole ticks, and so do
milliseconds."""
BT709 = 1
"""Colours of high-definition video; without this entry players guess."""
LIMITED_RANGE = 1
"""Luma from 16 to 235."""
SETTINGS = {"preset": "superfast", "crf": "21", "bf": "0", "g": "100"}
"""Options of the encoder. Without B-frames the decoding order is the presentation order, and no edit list shifts times."""


class VideoWriter:
    """Encodes pictures one after the other."""

    def __init__(self, container: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._container = container
        stream = container.add_stream("libx264", rate=rate, options=SETTINGS)
        stream.width, stream.height = next_even(size[0]), next_even(size[1])
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED_RANGE
        self._stream = stream
        self._last_tick = -(2**62)
        self._duration = round(TICKS / rate)

    def add(self, picture: NDArray[np.uint8], seconds: float) -> None:
        """Show an (h, w, 3) RGB picture from a time on; a picture on the tick of the one before is skipped."""
        tick = round(seconds * TICKS)
        if tick <= self._last_tick:
            return
        self._last_tick = tick
        height, width = picture.shape[:2]
        if height % 2 or width % 2:
            picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
        frame.pts, frame.time_base = tick, Fraction(1, TICKS)
        self._mux(frame)

    def finish(self) -> None:
        """Write the frames that the encoder still holds."""
        self._mux(None)

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._duration  # for the last frame: others end where the next begins
            self._container.mux(packet)


@contextmanager
def write_video_file(path: Path, size: tuple[int, int], rate: Fraction, mark: str) -> Iterator[VideoWriter]:
    """Yield a writer of an MP4 file that appears under its name once it is complete; it may raise `RunError`.

    An odd width or height in pixels is rounded up. `rate` is the approximate frames per second, for players that ask.
    `read_mark` returns the `mark`.
    """
    with atomic_path(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        container.metadata["comment"] = mark
        writer = VideoWriter(container, size, rate)
        yield writer
        writer.finish()


def read_mark(path: Path) -> str | None:
    """Return the mark of a video; None for a file without one, or that is not a video."""
    try:
        with av.open(str(path)) as container:
            mark: str | None = container.metadata.get("comment")
            return mark
    except (OSError, av.FFmpegError):
        return None


def next_even(length: int) -> int:
    """Round up to an even length: H.264 halves the resolution of colours.

    >>> next_even(3), next_even(4)
    (4, 4)
    """
    return length + length % 2

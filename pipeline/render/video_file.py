"""How do pictures with their times become an H.264 file, whole or not at all?"""

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
"""A second: frames of 24, 25, 30 and 60 a second, of their NTSC kin, and milliseconds fall on whole ones."""
BT709 = 1
"""Colours of high-definition video, as the file says; else players guess."""
SETTINGS = {"preset": "superfast", "crf": "21", "bf": "0", "g": "100"}
"""Without B-frames, decoding order is presentation order and no edit list moves the times."""


class Film:
    """Takes pictures one after the other."""

    def __init__(self, container: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._container = container
        stream = container.add_stream("libx264", rate=rate, options=SETTINGS)
        stream.width, stream.height = even(size[0]), even(size[1])
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = 1  # 16 to 235
        self._stream, self._last = stream, -(2**62)
        self._duration = round(TICKS / rate)

    def add(self, picture: NDArray[np.uint8], seconds: float) -> None:
        """Show an (h, w, 3) RGB picture from a time on; two within one tick count as the first."""
        ticks = round(seconds * TICKS)
        if ticks <= self._last:
            return
        self._last = ticks
        frame = av.VideoFrame.from_ndarray(_even(picture), format="rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709
        )
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS)
        self._mux(frame)

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._mux(None)

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            packet.duration = self._duration  # counts for the last one only: others end where the next begins
            self._container.mux(packet)


@contextmanager
def filming(path: Path, size: tuple[int, int], rate: Fraction, mark: str) -> Iterator[Film]:
    """Open a film that appears under its name once it is complete.

    Args:
        path: MP4 file.
        size: width and height in pixels; odd ones get a row or column more.
        rate: frames a second, about: for players that ask.
        mark: what it is drawn from, to be read back by `mark_of`.

    Raises:
        RunError: it cannot be written.
    """
    with atomic_path(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        container.metadata["comment"] = mark
        film = Film(container, size, rate)
        yield film
        film.finish()


def mark_of(path: Path) -> str | None:
    """Tell what a film was drawn from; None for any other file."""
    try:
        with av.open(str(path)) as container:
            mark: str | None = container.metadata.get("comment")
            return mark
    except (OSError, av.FFmpegError):
        return None


def even(length: int) -> int:
    """H.264 halves the resolution of colour, so lengths are even."""
    return length + length % 2


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if height % 2 == width % 2 == 0:
        return picture
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")

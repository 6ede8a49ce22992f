"""Test videos: each frame shows its number in black and white blocks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

BITS = 10
ROWS = 6
RATE = 25
TICKS = 90_000
"""Ticks a second for frames that are not evenly spaced."""
QUIET = {"libx265": {"x265-params": "log-level=none"}}


def numbered_frame(number: int, size: tuple[int, int] = (160, 96)) -> NDArray[np.uint8]:
    """Draw a frame that shows its number, above a pattern that moves by a pixel a frame.

    Args:
        number: 0 to 1023, drawn as a row of ten blocks (white is 1), with a row of its complement below.
        size: width and height in pixels, preferably multiples of 10 and 6.

    Returns:
        (h, w, 3) RGB; the lowest third is red on the left and blue on the right.
    """
    width, height = size
    bits = (number >> np.arange(BITS)) & 1
    columns = np.minimum(np.arange(width) * BITS // width, BITS - 1)
    band = height // ROWS
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    pixels = np.repeat((96 + 64 * (((x + number) // 8 + y // 8) % 2))[..., None], 3, axis=2)
    pixels[:band] = np.where(bits[columns], 235, 16)[None, :, None]
    pixels[band : 2 * band] = np.where(bits[columns], 16, 235)[None, :, None]
    pixels[-2 * band :, : width // 2] = (200, 30, 30)
    pixels[-2 * band :, width // 2 :] = (30, 30, 200)
    return pixels.astype(np.uint8)


def number_in(pixels: NDArray[np.uint8]) -> int | None:
    """Read the number of a `numbered_frame`; None if a block is unclear or contradicts its complement."""
    height, width = pixels.shape[:2]
    band = height // ROWS
    centres = (np.arange(BITS) * 2 + 1) * width // (2 * BITS)
    half = max(width // BITS // 4, 1)
    means = np.array(
        [
            [pixels[row + band // 4 : row + band * 3 // 4, c - half : c + half].mean() for c in centres]
            for row in (0, band)
        ]
    )  # (2, 10)
    if (np.abs(means - 128) < 48).any() or ((means[0] > 128) == (means[1] > 128)).any():
        return None
    return int(((means[0] > 128) << np.arange(BITS)).sum())


def write_video(
    path: Path,
    numbers: Iterable[int] = range(60),
    *,
    size: tuple[int, int] = (160, 96),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    gop: int = 12,
    bframes: int = 2,
    start: float = 0.0,
    times: Sequence[float] | None = None,
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    rotation: int = 0,
    skip: float = 0.0,
    without: Collection[int] = (),
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Write numbered frames as a video; the ending of the path selects the container.

    Args:
        path: file to write.
        numbers: number of each frame.
        size: width and height in pixels.
        codec: name of the encoder.
        pixel_format: pixel format of the encoder.
        gop: frames from one keyframe to the next.
        bframes: most consecutive B-frames.
        start: seconds of the first frame.
        times: seconds of each frame after `start`; by default 25 frames a second.
        options: options of the encoder.
        container_options: options of the container.
        rotation: degrees, in the header, by which a player turns the pictures counter-clockwise.
        skip: seconds by which all packets are muxed early; an edit list hides those before 0 (mp4).
        without: indices, in decoding order, of packets to omit.
        metadata: metadata of the file.

    Returns:
        The path.
    """
    with av.open(str(path), "w", options=dict(container_options or {})) as container:
        stream: Any = container.add_stream(
            codec, rate=RATE, options={**QUIET.get(codec, {}), **(options or {})}
        )
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, RATE if times is None else TICKS)
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = gop, bframes
        container.metadata.update(metadata or {})
        if rotation:
            stream.set_display_rotation(rotation)
        for place, packet in enumerate(_encoded(stream.codec_context, numbers, size, start, times)):
            packet.pts -= round(skip / packet.time_base)
            packet.dts -= round(skip / packet.time_base)
            if place not in without:
                container.mux(packet)
    return path


def _encoded(
    context: Any, numbers: Iterable[int], size: tuple[int, int], start: float, times: Sequence[float] | None
) -> Iterator[Any]:
    for place, number in enumerate(numbers):
        seconds = start + (place / RATE if times is None else times[place])
        frame = av.VideoFrame.from_ndarray(numbered_frame(number, size), format="rgb24")
        frame.pts, frame.time_base = round(seconds / context.time_base), context.time_base
        yield from context.encode(frame)
    yield from context.encode(None)


def write_resized(path: Path, sizes: Sequence[tuple[int, int]], each: int = 36) -> Path:
    """Write numbered H.264 frames, `each` of every size, to a container such as MPEG-TS."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_mux_stream("h264", RATE, width=sizes[0][0], height=sizes[0][1])
        for part, size in enumerate(sizes):
            context: Any = av.CodecContext.create("libx264", "w")
            context.width, context.height = size
            context.pix_fmt, context.gop_size, context.time_base = "yuv420p", 12, Fraction(1, RATE)
            for packet in _encoded(
                context, range(part * each, (part + 1) * each), size, 1 + part * each / RATE, None
            ):
                packet.stream = stream
                container.mux_one(packet)
    return path


def write_sound(path: Path) -> Path:
    """Write a second of silence without pictures."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("aac", rate=16_000)
        for place in range(16):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1000), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16_000, place * 1000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path

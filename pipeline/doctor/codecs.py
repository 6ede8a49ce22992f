"""Can recordings of each usual codec be read? A short one of each is written and read as `match` would."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from pipeline.doctor.check import Check, in_one_line
from pipeline.errors import FootageError

CODECS = {
    "H.264": "libx264",
    "H.265": "libx265",
    "MPEG-4": "mpeg4",
    "VP9": "libvpx-vp9",
    "AV1": "libsvtav1",
}
"""Encoders, to make a recording of each."""
FRAMES = 12


def codecs() -> Iterator[Check]:
    """Try all, side by side, as most of the time goes into starting decoders."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda name: _try(name, Path(folder) / f"{name}.mkv"), CODECS)


def _try(name: str, path: Path) -> Check:
    import av

    what, again = f"{name} video", "pip install --force-reinstall av decord2"
    try:
        write(path, CODECS[name])
    except (av.FFmpegError, OSError, ValueError) as error:
        return Check(what, "note", f"was not tried, as none can be made here ({in_one_line(error)})")
    try:
        notes = _read(path)
    except FootageError as error:
        return Check(
            what, "wrong" if name == "H.264" else "note", f"cannot be read ({in_one_line(error)})", again
        )
    if notes:
        return Check(what, "note", f"can be read, by PyAV after decord could not ({'; '.join(notes)})", again)
    return Check(what, "ok", "can be read, by decord")


def write(path: Path, encoder: str) -> None:
    """Encode some frames, of which decord takes those that are no pictures of their own: nothing leaps."""
    import av
    import numpy as np

    os.environ["SVT_LOG"] = "0"  # encoders would tell everybody how they are
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=Fraction(10), options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        for number in range(FRAMES):
            pixels = np.full((128, 192, 3), 100 + number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def _read(path: Path) -> tuple[str, ...]:
    """Decode all frames; give what was noted: nothing, where decord read them.

    Raises:
        FootageError: some are missing.
    """
    from pipeline.footage.reader import FrameReader

    with FrameReader(path) as reader:
        count = sum(1 for _ in reader)
    if count < FRAMES:
        raise FootageError(f"{count} of {FRAMES} frames came back: {'; '.join(reader.notes)}")
    return reader.notes

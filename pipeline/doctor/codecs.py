"""Checks that recordings of each usual codec can be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from pipeline.doctor.check import Check, State, shorten_error
from pipeline.errors import FootageError

CODECS = {"H.264": "libx264", "H.265": "libx265", "MPEG-4": "mpeg4", "VP9": "libvpx-vp9", "AV1": "libsvtav1"}
"""Encoders by codec, to write a recording of each."""
FRAMES = 12
"""Frames of such a recording."""


def check_codecs() -> Iterator[Check]:
    """Write a short recording of each codec and read it as `match` would.

    The codecs run in parallel, since most of the time goes into starting decoders.
    """
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda codec: _check_codec(codec, Path(folder) / f"{codec}.mkv"), CODECS)


def _check_codec(codec: str, path: Path) -> Check:
    import av

    what, reinstall = f"{codec} video", "pip install --force-reinstall av decord2"
    try:
        write_recording(path, CODECS[codec])
    except (av.FFmpegError, OSError, ValueError) as error:
        return Check(what, "note", f"not checked: no recording can be written here ({shorten_error(error)})")
    try:
        notes = _read_recording(path)
    except FootageError as error:
        state: State = "wrong" if codec == "H.264" else "note"
        return Check(what, state, f"cannot be read ({shorten_error(error)})", reinstall)
    if notes:
        said = f"read with PyAV, because decord cannot read it ({'; '.join(notes)})"
        return Check(what, "note", said, reinstall)
    return Check(what, "ok", "read with decord")


def write_recording(path: Path, encoder: str) -> None:
    """Encode a few frames that change little from one to the next, so that only the first is a keyframe."""
    import av
    import numpy as np

    os.environ["SVT_LOG"] = "0"  # the AV1 encoder prints its settings otherwise
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=Fraction(10), options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        for number in range(FRAMES):
            pixels = np.full((128, 192, 3), 100 + number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def _read_recording(path: Path) -> tuple[str, ...]:
    """Decode all frames and return the reader's notes, none if decord decoded them; raise if frames are missing."""
    from pipeline.footage.reader import FrameReader

    with FrameReader(path) as reader:
        count = sum(1 for _ in reader)
    if count < FRAMES:
        raise FootageError(f"only {count} of {FRAMES} frames can be read: {'; '.join(reader.notes)}")
    return reader.notes

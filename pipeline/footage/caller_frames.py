"""Frames that a caller brings become a recording in the run folder, so that all else is as for any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.folder.atomic import replacing
from pipeline.folder.store import RunFolder
from pipeline.footage.cameras import Camera, CameraSet, gather

Frames = Iterable[tuple[float, NDArray[np.uint8]]]
"""Seconds and (h, w, 3) RGB uint8 pixels, in the order of time."""
Given = CameraSet | str | Path | Sequence[str | Path] | Mapping[str, "str | Path | Frames"]
"""Recordings: what is known of them, one path or several, or paths and frames by name."""

TICK = Fraction(1, 1000)
"""Seconds; what Matroska keeps of times."""
CRF = "12"
"""Of x264; no eye and no detector tells it from the frames."""


def camera_set(given: Given, run: RunFolder, *, overwrite: bool) -> CameraSet:
    """Name the recordings; frames become one, unless the run has one of that name from an earlier time.

    Raises:
        CamerasError: one is given twice.
        FootageError: frames are not what `keep_frames` takes.
    """
    if isinstance(given, CameraSet):
        return given
    if not isinstance(given, Mapping):
        return gather([str(path) for path in ([given] if isinstance(given, str | Path) else given)])
    cameras = []
    for name, source in given.items():
        if isinstance(source, str | Path):
            cameras.append(Camera(name, Path(source)))
            continue
        path = run.footage(name)
        cameras.append(Camera(name, path if path.exists() and not overwrite else keep_frames(source, path)))
    return CameraSet(tuple(cameras))


def keep_frames(frames: Frames, path: Path) -> Path:
    """Write frames as H.264 with their own times, to the millisecond.

    They are kept beside the run's results because a run can be stopped and gone on with, searched and rendered only if
    what it saw is still there; and so that deleting the run folder deletes them.

    Args:
        frames: seconds, increasing from 0 or later, and (h, w, 3) RGB pixels, all of one size.
        path: Matroska file (.mkv) to write, whole or not at all.

    Raises:
        FootageError: there are none, they are of different sizes or no RGB, or their times do not increase.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    last, stream = -1, None
    with replacing(path) as temporary, av.open(str(temporary), "w", format="matroska") as container:
        for frame in frames:
            if not isinstance(frame, tuple | list) or len(frame) != 2:
                raise FootageError(
                    f"{path.stem}: frames are pairs of seconds and pixels, not {type(frame).__name__}"
                )
            seconds, pixels = frame
            tick = round(seconds / TICK)
            if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or tick <= last:
                raise FootageError(
                    f"{path.stem}: the frame at {seconds:g} s is {pixels.dtype} {pixels.shape} after {last / 1000:g} s; "
                    f"give (h, w, 3) RGB uint8 frames in the order of their times"
                )
            if stream is None:
                stream = container.add_stream("libx264", rate=25, options={"crf": CRF, "preset": "veryfast"})
                stream.height, stream.width = (side // 2 * 2 for side in pixels.shape[:2])
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = TICK
                size = pixels.shape
            if pixels.shape != size:
                raise FootageError(
                    f"{path.stem}: the frame at {seconds:g} s is {pixels.shape}, others are {size}"
                )
            even = np.ascontiguousarray(pixels[: stream.height, : stream.width])
            picture = av.VideoFrame.from_ndarray(even, format="rgb24")
            picture.pts, picture.time_base, last = tick, TICK, tick
            container.mux(stream.encode(picture))
        if stream is None:
            raise FootageError(f"{path.stem}: there are no frames")
        container.mux(stream.encode())
    return path

"""Recordings made from frames that a caller passes to `match`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.folder.atomic import atomic_path
from pipeline.folder.store import RunFolder
from pipeline.footage.cameras import Camera, CameraSet, cameras_from_arguments
from pipeline.footage.recording import Recording, find_recording

Frames = Iterable[tuple[float, NDArray[np.uint8]]]
"""Pairs of seconds and (h, w, 3) RGB uint8 pixels, in the order of time."""
CamerasArgument = CameraSet | str | Path | Sequence[str | Path] | Mapping[str, "str | Path | Frames"]
"""What `match` accepts as cameras: a camera set, one path, several paths, or paths and frames by camera name."""
TICK = Fraction(1, 1000)
"""Seconds; the resolution of Matroska's timestamps."""
CRF = "12"
"""Quality of x264: the loss is not visible and does not change detections."""


def build_camera_set(cameras: CamerasArgument, run: RunFolder, *, overwrite: bool) -> CameraSet:
    """Return the camera set of a run; frames are first written to the run folder as a recording.

    A recording that the run folder already holds for a camera is used instead of the camera's frames, unless
    `overwrite` is True.

    Raises:
        CamerasError: a camera is given twice.
        FootageError: `keep_frames` rejects the frames.
    """
    if isinstance(cameras, CameraSet):
        return cameras
    if isinstance(cameras, str | Path):
        return cameras_from_arguments([str(cameras)])
    if not isinstance(cameras, Mapping):
        return cameras_from_arguments([str(path) for path in cameras])
    recordings = []
    for name, source in cameras.items():
        if isinstance(source, str | Path):
            recording = find_recording(source)
        else:
            recording = Recording((run.footage(name),))
            if overwrite or recording.missing:
                keep_frames(source, run.footage(name))
        recordings.append(Camera(name, recording))
    return CameraSet(tuple(recordings))


def keep_frames(frames: Frames, path: Path) -> Path:
    """Write frames to a recording, H.264 with the frames' own times to the millisecond, and return its path.

    `match` keeps the recording in the run folder: resuming, searching and rendering a run need its footage, and
    deleting the folder deletes the footage too.

    Args:
        frames: pairs of seconds, increasing from 0 or later, and (h, w, 3) RGB uint8 pixels, all of one size.
        path: Matroska file (.mkv) to write; no file is left if an error occurs.

    Raises:
        FootageError: there are no frames, they differ in size or are not RGB uint8, or their times do not increase.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    last, stream = -1, None
    with atomic_path(path) as temporary, av.open(str(temporary), "w", format="matroska") as container:
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
                    f"{path.stem}: the frame at {seconds:g} s is {pixels.shape}, the others are {size}"
                )
            even = np.ascontiguousarray(pixels[: stream.height, : stream.width])
            picture = av.VideoFrame.from_ndarray(even, format="rgb24")
            picture.pts, picture.time_base, last = tick, TICK, tick
            container.mux(stream.encode(picture))
        if stream is None:
            raise FootageError(f"{path.stem}: there are no frames")
        container.mux(stream.encode())
    return path

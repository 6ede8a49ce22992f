"""Draw two cameras of a run side by side at one moment, with a box around each tracklet in its identity's colour."""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Sequence, Set
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import RunError
from pipeline.results.boxes import TrackBoxes
from pipeline.results.records import FinishedRun

Picture = NDArray[np.uint8]
WIDTH = 800
"""Width of one camera's picture, in pixels."""
QUALITY = 82
"""JPEG quality."""


def draw_moment(run: FinishedRun, folder: Path, path: Path) -> None:
    """Draw a run's first two cameras as JPEG at the frame in which they share the most linked identities.

    The recordings, NAME.mp4 in the folder, start together and have the same frame rate.

    Raises:
        RunError: The run has fewer than two cameras, or no frame shows one identity in both.
    """
    cameras = run.cameras[:2]
    linked = {tracklet.identity for tracklet in run.tracklets if tracklet.status == "linked"}
    boxes = run.boxes.select(run.boxes.identities > 0)
    frame = most_shared_frame(boxes, cameras, linked)
    pictures = []
    for camera in cameras:
        shown = boxes.select((boxes.cameras == camera) & (boxes.frames == frame))
        pictures.append(draw_boxes(read_frame(folder / f"{camera}.mp4", frame), shown, linked))
    if not cv2.imwrite(str(path), np.hstack(pictures)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise RunError(f"{path} cannot be written; name a .jpg file in an existing folder")


def most_shared_frame(boxes: TrackBoxes, cameras: Sequence[str], linked: Set[int | None]) -> int:
    """Return the first frame in which two cameras share the most linked identities."""
    if len(cameras) < 2:
        raise RunError("the run has fewer than two cameras; --picture needs two")
    first, second = (
        set(zip(shown.frames.tolist(), shown.identities.tolist(), strict=True))
        for shown in (boxes.select(boxes.cameras == camera) for camera in cameras)
    )
    counts = Counter(frame for frame, identity in sorted(first & second) if identity in linked)
    if not counts:
        raise RunError("no frame shows one identity in both cameras; no picture was drawn")
    best: int = counts.most_common(1)[0][0]
    return best


def read_frame(path: Path, number: int) -> Picture:
    """Decode one frame, (h, w, 3) RGB; frames count from 0."""
    try:
        with av.open(str(path)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                if index == number:
                    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (OSError, av.FFmpegError) as error:
        raise RunError(f"{path} cannot be read ({error})") from error
    raise RunError(f"{path} has no frame {number}")


def draw_boxes(picture: Picture, boxes: TrackBoxes, linked: Set[int | None]) -> Picture:
    """Return the picture scaled to `WIDTH`, with linked identities boxed in their colour and others in grey."""
    scale = WIDTH / picture.shape[1]
    size = (WIDTH, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    for identity, corners in zip(boxes.identities.tolist(), boxes.corners * scale, strict=True):
        colour = colour_of(identity) if identity in linked else (170, 170, 170)
        left, top, right, bottom = (round(side) for side in corners.tolist())
        cv2.rectangle(small, (left, top), (right, bottom), colour, 2)
        label = str(identity)
        cv2.rectangle(small, (left - 1, top - 14), (left + 9 * len(label) + 3, top), colour, -1)
        cv2.putText(
            small, label, (left + 1, top - 2), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA
        )
    return small


def colour_of(identity: int) -> tuple[int, int, int]:
    """Return a bright colour that differs clearly from those of the neighbouring identity numbers."""
    red, green, blue = colorsys.hsv_to_rgb(identity * 0.618 % 1, 0.6, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)

"""Draw two cameras of a run side by side at one moment, with a box around each tracklet in its identity's colour."""

from __future__ import annotations

import colorsys
from collections import defaultdict
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import RunError
from pipeline.results.reading import Box, boxes, cameras_of, tracklet_rows

Picture = NDArray[np.uint8]
WIDTH = 800
"""Width of one camera's picture, in pixels."""
QUALITY = 82
"""JPEG quality."""


def draw_moment(run: Path, folder: Path, path: Path) -> None:
    """Draw a run's first two cameras at the frame in which they share the most linked identities.

    Args:
        run: A finished run over recordings that start together and have the same frame rate.
        folder: The folder of the recordings, NAME.mp4.
        path: The JPEG file to write.

    Raises:
        RunError: The run has fewer than two cameras, or no frame shows one identity in both.
    """
    cameras = cameras_of(run)[:2]
    linked = {int(row["identity"]) for row in tracklet_rows(run) if row["status"] == "linked"}
    boxes_at: dict[tuple[str, int], list[Box]] = defaultdict(list)
    for box in boxes(run):
        if box.identity is not None:
            boxes_at[box.camera, box.frame].append(box)
    frame = most_shared_frame(boxes_at, cameras, linked)
    pictures = [
        draw_boxes(read_frame(folder / f"{camera}.mp4", frame), boxes_at[camera, frame], linked)
        for camera in cameras
    ]
    if not cv2.imwrite(str(path), np.hstack(pictures)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise RunError(f"{path} cannot be written; name a .jpg file in an existing folder")


def most_shared_frame(
    boxes_at: dict[tuple[str, int], list[Box]], cameras: list[str], linked: set[int]
) -> int:
    """Return the first frame in which two cameras share the most linked identities.

    `boxes_at` maps (camera, frame) to the boxes there.
    """
    if len(cameras) < 2:
        raise RunError("the run has fewer than two cameras; --picture needs two")

    def count_shared(frame: int) -> int:
        first, second = ({box.identity for box in boxes_at.get((camera, frame), [])} for camera in cameras)
        return len(first & second & linked)

    best = max(sorted({frame for _, frame in boxes_at}), key=count_shared, default=0)
    if count_shared(best) == 0:
        raise RunError("no frame shows one identity in both cameras; no picture was drawn")
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


def draw_boxes(picture: Picture, frame_boxes: list[Box], linked: set[int]) -> Picture:
    """Return the picture scaled to `WIDTH`, with linked identities boxed in their colour and others in grey."""
    scale = WIDTH / picture.shape[1]
    size = (WIDTH, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    for box in frame_boxes:
        colour = colour_of(box.identity) if box.identity in linked else (170, 170, 170)
        left, top = round(box.left * scale), round(box.top * scale)
        corner = (round((box.left + box.width) * scale), round((box.top + box.height) * scale))
        cv2.rectangle(small, (left, top), corner, colour, 2)
        label = str(box.identity)
        cv2.rectangle(small, (left - 1, top - 14), (left + 9 * len(label) + 3, top), colour, -1)
        cv2.putText(
            small, label, (left + 1, top - 2), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA
        )
    return small


def colour_of(identity: int | None) -> tuple[int, int, int]:
    """Return a bright colour that differs clearly from those of the neighbouring identity numbers."""
    red, green, blue = colorsys.hsv_to_rgb((identity or 0) * 0.618 % 1, 0.6, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)

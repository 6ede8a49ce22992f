"""What does a run look like? Two cameras at one moment side by side, everybody framed in their identity's colour."""

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
"""Of one camera's picture, in pixels."""
QUALITY = 82
"""Of the JPEG."""


def draw_moment(run: Path, folder: Path, path: Path) -> None:
    """Draw a run's first two cameras at the frame that shows most linked identities in both.

    Args:
        run: A finished run over recordings that begin together and have one frame rate.
        folder: Of the recordings, NAME.mp4.
        path: JPEG to write.

    Raises:
        RunError: it has fewer than two cameras, or they share nobody.
    """
    cameras = cameras_of(run)[:2]
    linked = {int(row["identity"]) for row in tracklet_rows(run) if row["status"] == "linked"}
    found: dict[tuple[str, int], list[Box]] = defaultdict(list)
    for box in boxes(run):
        if box.identity is not None:
            found[box.camera, box.frame].append(box)
    frame = richest(found, cameras, linked)
    views = [
        framed(still(folder / f"{camera}.mp4", frame), found[camera, frame], linked) for camera in cameras
    ]
    if not cv2.imwrite(str(path), np.hstack(views)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise RunError(f"{path} cannot be written; name a .jpg in a folder that exists")


def richest(found: dict[tuple[str, int], list[Box]], cameras: list[str], linked: set[int]) -> int:
    """Find the first frame in which both cameras show most of the same identities."""
    if len(cameras) < 2:
        raise RunError("a picture needs a run of two cameras")

    def shared(frame: int) -> int:
        shown = [{box.identity for box in found.get((camera, frame), [])} for camera in cameras]
        return len(shown[0] & shown[1] & linked)

    best = max(sorted({frame for _, frame in found}), key=shared, default=0)
    if shared(best) == 0:
        raise RunError("no identity is in both cameras at once; there is nothing to draw")
    return best


def still(path: Path, number: int) -> Picture:
    """Decode one frame, (h, w, 3) RGB."""
    try:
        with av.open(str(path)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                if index == number:
                    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (OSError, av.FFmpegError) as error:
        raise RunError(f"{path} cannot be read ({error})") from error
    raise RunError(f"{path} has no frame {number}")


def framed(picture: Picture, there: list[Box], linked: set[int]) -> Picture:
    """Frame everybody: linked identities in their colour, others in grey."""
    scale = WIDTH / picture.shape[1]
    size = (WIDTH, round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    for box in there:
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
    """Give an identity a bright colour unlike those of its neighbours in number."""
    red, green, blue = colorsys.hsv_to_rgb((identity or 0) * 0.618 % 1, 0.6, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)

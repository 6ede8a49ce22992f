"""Which person or vehicle a photograph shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections, class_group
from detectors.errors import WeightsError
from detectors.weights import DEFAULT, find_weights
from pipeline.config import RunConfig, TrackingConfig
from pipeline.errors import FootageError, PipelineError
from pipeline.protocols import Detector
from pipeline.search.searched import SearchedRun, damaged
from pipeline.tracklets import crop
from pipeline.wiring import build_yolo

SURE = 0.25
"""Least confidence of a box in a photograph; weaker ones are there for trackers, who see them again in the next frame."""


def read_photo(path: Path) -> NDArray[np.uint8]:
    """Read a picture file, turned as its camera was held; (h, w, 3) RGB.

    Raises:
        FootageError: it is no picture, or damaged.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if len(data) else None
    except (OSError, cv2.error) as error:
        raise FootageError(f"{path}: cannot be read ({error}); give another picture") from error
    if picture is None:
        raise FootageError(f"{path}: is no picture, or damaged; give a JPEG, PNG or WebP file")
    return np.asarray(picture, np.uint8)


def find_object(
    photo: NDArray[np.uint8], name: str, detector: Detector, group: str | None
) -> tuple[NDArray[np.uint8], str]:
    """Cut out the person or vehicle of the largest box.

    Args:
        photo: (h, w, 3) RGB.
        name: what to call it.
        detector: finds boxes.
        group: the class group to look for; None: any.

    Returns:
        The (h, w, 3) cut, and its class.

    Raises:
        PipelineError: there is nothing of the kind.
    """
    (found,) = detector.detect([photo], [0])
    wanted = _wanted(found, group)
    if not len(wanted):
        raise PipelineError(
            f"{name}: the detector finds no {group or 'person or vehicle'} in it; if the picture shows nothing else, "
            f"give --whole to take all of it"
        )
    sides = wanted.boxes[:, 2:] - wanted.boxes[:, :2]
    best = int(sides.prod(axis=1).argmax())
    return crop(photo, wanted.boxes[best]), str(wanted.classes[best])


def _wanted(found: Detections, group: str | None) -> Detections:
    """Keep the sure boxes of a class group."""
    groups = np.array([class_group(kind) for kind in found.classes.tolist()], np.str_)
    fits = np.ones(len(found), np.bool_) if group is None else groups == group
    return found.select((found.scores >= SURE) & fits)


def find_objects(
    photos: Sequence[Path], detector: Callable[[], Detector] | None, group: str | None
) -> tuple[list[NDArray[np.uint8]], str]:
    """Cut one object out of several pictures.

    Args:
        photos: picture files, one or more.
        detector: loads it; None: each picture shows the object and nothing else.
        group: `person` or `vehicle`; None: whatever is largest, and a person where nobody looks.

    Returns:
        The cuts, and the object's class.

    Raises:
        PipelineError: a picture cannot be read, shows nothing, or something of another class than the first.
    """
    pictures = [read_photo(path) for path in photos]
    if detector is None:
        return pictures, group or "person"
    looking = detector()
    cuts = [
        find_object(picture, str(path), looking, group)
        for picture, path in zip(pictures, photos, strict=True)
    ]
    kind = cuts[0][1]
    for path, (_, other) in zip(photos, cuts, strict=True):
        if class_group(other) != class_group(kind):
            raise PipelineError(
                f"{path}: shows a {other} and {photos[0]} a {kind}; several pictures are one query, "
                f"so say with --class which is meant, or search one by one"
            )
    return [cut for cut, _ in cuts], kind


def build_detector(run: SearchedRun, given: Path | None, device: str | None) -> Detector:
    """Load the detector that made a run's boxes, or another where the boxes were given or it is gone.

    Raises:
        DetectorError: the weights or the device are not usable.
        RunError: run.json does not tell its settings.
    """
    try:
        told: dict[str, Any] = run.record["settings"]["tracking"]
        known = {"weights": None, "classes": tuple(told["classes"]), "half": False, "vid_stride": 1}
        tracking = TrackingConfig(**{**told, **known})
        before = (run.record["weights"]["detector"] or {}).get("file")
    except (AttributeError, KeyError, TypeError) as error:
        raise damaged(run.folder, error) from error
    weights = given or (before if before and Path(before).exists() else None)
    return build_yolo(_weights(weights), RunConfig(tracking=tracking, device=device))


def _weights(wanted: Path | str | None) -> Path:
    """Find the detector's weights; where there are none, whole pictures can still be searched by."""
    try:
        return find_weights(wanted).path
    except WeightsError as error:
        if wanted is not None:
            raise
        raise PipelineError(
            f"there is no detector to find anybody in the picture ({DEFAULT} is neither here nor can it be fetched); "
            f"give --detector-weights FILE, or --whole for pictures that show nothing else"
        ) from error

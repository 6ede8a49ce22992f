"""The people and vehicles in a photograph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections
from detectors.class_names import PERSON, class_group
from detectors.errors import WeightsError
from detectors.weights import DEFAULT
from pipeline.config import RunConfig
from pipeline.errors import FootageError, PipelineError
from pipeline.protocols import Detector
from pipeline.results.records import FinishedRun
from pipeline.setup.build import find_detector, load_yolo
from pipeline.tracking.crops import cut_crop

MINIMUM_SCORE = 0.25
"""Minimum confidence of a box in a photograph. Weaker boxes serve trackers, which compare them with the next frame."""


def read_photo(path: Path) -> NDArray[np.uint8]:
    """Read a picture file as (h, w, 3) RGB, rotated as its EXIF data says.

    Raises:
        FootageError: the file is not a picture, or is damaged.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if len(data) else None
    except (OSError, cv2.error) as error:
        raise FootageError(f"{path}: cannot be read ({error}); name another picture") from error
    if picture is None:
        raise FootageError(f"{path}: is not a picture, or is damaged; name a JPEG, PNG or WebP file")
    return np.asarray(picture, np.uint8)


@dataclass(frozen=True, eq=False)
class PhotoObject:
    """A person or vehicle in a photograph."""

    picture: NDArray[np.uint8]
    """(h, w, 3) RGB, cut to the object."""
    kind: str
    """Class of the object."""
    area: float
    """Area of its box in square pixels."""


def find_objects(
    photo: NDArray[np.uint8], name: str, detector: Detector, group: str | None
) -> tuple[PhotoObject, ...]:
    """Return all people and vehicles in a photograph, from left to right.

    Args:
        photo: (h, w, 3) RGB.
        name: name of the photograph in messages.
        detector: detects the boxes.
        group: class group of the objects; None: any.

    Raises:
        PipelineError: the photograph shows no object of the group.
    """
    (detections,) = detector.detect([photo], [0])
    boxes = _boxes_of_group(detections, group)
    if not len(boxes):
        raise PipelineError(
            f"{name}: the detector finds no {group or 'person or vehicle'} in it; if the picture is cut to the object, "
            "give --whole to use all of it"
        )
    centres = boxes.boxes[:, ::2].mean(axis=1)  # (n,) horizontal
    areas = (boxes.boxes[:, 2:] - boxes.boxes[:, :2]).prod(axis=1)  # (n,)
    return tuple(
        PhotoObject(
            picture=cut_crop(photo, boxes.boxes[place]),
            kind=str(boxes.classes[place]),
            area=float(areas[place]),
        )
        for place in np.argsort(centres, kind="stable").tolist()
    )


def _boxes_of_group(detections: Detections, group: str | None) -> Detections:
    """Return the confident boxes of a class group."""
    groups = np.array([class_group(kind) for kind in detections.classes.tolist()], np.str_)
    in_group = np.ones(len(detections), np.bool_) if group is None else groups == group
    return detections.select((detections.scores >= MINIMUM_SCORE) & in_group)


def largest_objects(
    photos: Sequence[Path],
    load_detector: Callable[[], Detector] | None,
    group: str | None,
    *,
    warn: Callable[[str], None],
) -> tuple[list[NDArray[np.uint8]], str]:
    """Return the largest object of each of several photographs of the same person or vehicle.

    Args:
        photos: picture files, at least one.
        load_detector: loads the detector; None: each picture is cut to the object already.
        group: `person` or `vehicle`; None: the class of the largest object, or `person` without a detector.
        warn: called with a sentence for each picture with several objects.

    Returns:
        The (h, w, 3) RGB pictures, cut to the object, and its class.

    Raises:
        PipelineError: a picture cannot be read, shows no object, or one of another class than the first picture.
    """
    pictures = [read_photo(path) for path in photos]
    if load_detector is None:
        return pictures, group or "person"
    detector = load_detector()
    chosen = []
    for picture, path in zip(pictures, photos, strict=True):
        objects = find_objects(picture, str(path), detector, group)
        place = max(range(len(objects)), key=lambda number: objects[number].area)
        chosen.append(objects[place])
        if len(objects) > 1:
            warn(
                f"{path}: shows {_count_objects(objects)}; searching for the largest, number {place + 1} from the left, "
                f"a {objects[place].kind}. Give --each to search for all of them."
            )
    kind = chosen[0].kind
    for path, item in zip(photos, chosen, strict=True):
        if class_group(item.kind) != class_group(kind):
            raise PipelineError(
                f"{path}: shows a {item.kind}, but {photos[0]} shows a {kind}; several pictures must show the same "
                "object: choose with --class, or search for each picture by itself"
            )
    return [item.picture for item in chosen], kind


def _count_objects(objects: Sequence[PhotoObject]) -> str:
    """Return the number of people and vehicles, as text."""
    people = sum(class_group(item.kind) == PERSON for item in objects)
    vehicles = len(objects) - people
    counts = []
    if people:
        counts.append(f"{people} {'person' if people == 1 else 'people'}")
    if vehicles:
        counts.append(f"{vehicles} vehicle{'' if vehicles == 1 else 's'}")
    return " and ".join(counts)


def load_detector_of(
    run: FinishedRun, path: Path | None, device: str | None, *, warn: Callable[[str], None]
) -> Detector:
    """Load the detector of a run with the settings of the run; the default detector if the run's is not available.

    Args:
        run: the run.
        path: detector weights to use instead; None: the run's own.
        device: device to compute on; None: the best one.
        warn: receives a warning if the detector is less accurate than the default one.

    Raises:
        DetectorError: the weights or the device cannot be used.
        PipelineError: no weights are available.
    """
    tracking = replace(run.record.settings.tracking, weights=None, half=False, vid_stride=1)
    recorded = run.record.weights.detector
    if path is None and recorded is not None and Path(recorded.file).exists():
        path = Path(recorded.file)
    try:
        weights = find_detector(path)
    except WeightsError as error:
        if path is not None:
            raise
        raise PipelineError(
            f"no detector is available for the picture: {DEFAULT} is not on this machine and cannot be downloaded; "
            "give --detector-weights FILE, or --whole if the picture is cut to the object"
        ) from error
    if weights.note:
        warn(weights.note)
    return load_yolo(weights.path, RunConfig(tracking=tracking, device=device))

"""Which person or vehicle a photograph shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import PERSON, Detections, class_group
from detectors.errors import WeightsError
from detectors.weights import DEFAULT, find_weights
from pipeline.config import RunConfig
from pipeline.errors import FootageError, PipelineError
from pipeline.protocols import Detector
from pipeline.search.runs import SearchedRun, damaged
from pipeline.setup.build import build_yolo
from pipeline.tracking.config import TrackingConfig
from pipeline.tracking.crops import cut_crop

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


@dataclass(frozen=True, eq=False)
class Shown:
    """A person or vehicle that a photograph shows."""

    picture: NDArray[np.uint8]
    """(h, w, 3) RGB, cut out."""
    kind: str
    """Its class."""
    area: float
    """Of its box, in square pixels."""


def find_all(photo: NDArray[np.uint8], name: str, detector: Detector, group: str | None) -> tuple[Shown, ...]:
    """Cut out everybody, from left to right.

    Args:
        photo: (h, w, 3) RGB.
        name: what to call it.
        detector: finds boxes.
        group: the class group to look for; None: any.

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
    middles = wanted.boxes[:, ::2].mean(axis=1)  # (n,) across
    areas = (wanted.boxes[:, 2:] - wanted.boxes[:, :2]).prod(axis=1)  # (n,)
    return tuple(
        Shown(cut_crop(photo, wanted.boxes[place]), str(wanted.classes[place]), float(areas[place]))
        for place in np.argsort(middles, kind="stable").tolist()
    )


def _wanted(found: Detections, group: str | None) -> Detections:
    """Keep the sure boxes of a class group."""
    groups = np.array([class_group(kind) for kind in found.classes.tolist()], np.str_)
    fits = np.ones(len(found), np.bool_) if group is None else groups == group
    return found.select((found.scores >= SURE) & fits)


def find_objects(
    photos: Sequence[Path],
    detector: Callable[[], Detector] | None,
    group: str | None,
    *,
    warn: Callable[[str], None],
) -> tuple[list[NDArray[np.uint8]], str]:
    """Cut one object out of several pictures, from each the largest.

    Args:
        photos: picture files, one or more.
        detector: loads it; None: each picture shows the object and nothing else.
        group: `person` or `vehicle`; None: whatever is largest, and a person where nobody looks.
        warn: called with a sentence for each picture that shows others, too.

    Returns:
        The cuts, and the object's class.

    Raises:
        PipelineError: a picture cannot be read, shows nothing, or something of another class than the first.
    """
    pictures = [read_photo(path) for path in photos]
    if detector is None:
        return pictures, group or "person"
    looking = detector()
    chosen = []
    for picture, path in zip(pictures, photos, strict=True):
        shown = find_all(picture, str(path), looking, group)
        place = max(range(len(shown)), key=lambda number: shown[number].area)
        chosen.append(shown[place])
        if len(shown) > 1:
            warn(
                f"{path}: shows {_counted(shown)}; looked for is the largest, number {place + 1} from the left, "
                f"a {shown[place].kind} (--each looks for each of them)"
            )
    kind = chosen[0].kind
    for path, other in zip(photos, chosen, strict=True):
        if class_group(other.kind) != class_group(kind):
            raise PipelineError(
                f"{path}: shows a {other.kind} and {photos[0]} a {kind}; several pictures are one query, "
                f"so say with --class which is meant, or search one by one"
            )
    return [one.picture for one in chosen], kind


def _counted(shown: Sequence[Shown]) -> str:
    """Say how many people and vehicles there are."""
    people = sum(class_group(one.kind) == PERSON for one in shown)
    vehicles = len(shown) - people
    words = (
        f"{people} {'person' if people == 1 else 'people'}",
        f"{vehicles} vehicle{'' if vehicles == 1 else 's'}",
    )
    return " and ".join(word for count, word in zip((people, vehicles), words, strict=True) if count)


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

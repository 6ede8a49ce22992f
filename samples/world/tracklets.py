"""What does each camera see of each actor? Tracklets of crops, as a detector and a tracker would cut them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.world.footage import Opening
from samples.world.programme import Category
from samples.world.sensor import Image, Sensor, develop

if TYPE_CHECKING:  # what draws is known only to who opens it
    from samples.world.production import Sighting

Box = tuple[float, float, float, float]
Who = tuple[Category, int, int]
"""Category, identity, and the camera of the production, from 0."""
LARGEST: dict[Category, tuple[int, int]] = {"person": (256, 128), "vehicle": (256, 256)}
"""Height and width that no crop exceeds."""
QUALITIES = (60, 96)
"""JPEG qualities are drawn from here, one for each tracklet."""
ERROR = 0.03
"""A detected side's usual error, as a share of the box's width or height."""
FAINTEST = 1.5
"""Pixels of movement that smear a picture visibly."""
HABIT = -1.0
"""No frame's time: that of errors which are alike in all frames."""


@dataclass(frozen=True)
class Cutting:
    """How tracklets are cut."""

    rate: float = 3.0
    """Looks a second."""
    share: float = 0.35
    """Smallest visible share of who is cut out."""
    tall: float = 40.0
    """Smallest visible height in pixels."""
    shortest: int = 4
    """Fewest crops of a tracklet."""
    longest: int = 16
    """Most crops of a tracklet; who stays longer gets another."""
    most: int = 4
    """Most tracklets of one actor in one camera: who sits there all day is no more to be learnt from."""
    gap: float = 1.5
    """Seconds unseen after which a tracklet ends."""

    def __post_init__(self) -> None:
        if not self.rate > 0 or not 1 <= self.shortest <= self.longest or self.most < 1:
            raise ValueError(
                f"rate above 0, 1 <= shortest <= longest, most >= 1: {self.rate=}, {self.shortest=}, "
                f"{self.longest=}, {self.most=}"
            )


USUAL = Cutting()


@dataclass(frozen=True)
class Tracklet:
    """What one camera saw of one actor in one go."""

    category: Category
    identity: int
    camera: int
    seconds: tuple[float, ...]
    pictures: tuple[bytes, ...]
    """JPEG, as many as seconds."""


@dataclass(frozen=True)
class Crop:
    """One picture of one actor."""

    seconds: float
    picture: Image


@dataclass(frozen=True)
class Watch:
    """One production through all its cameras, a worker's task."""

    opening: Opening
    sensors: tuple[Sensor, ...]
    """One for each camera."""
    seed: int
    cutting: Cutting = USUAL


def cut(watch: Watch) -> list[Tracklet]:
    """Watch a production and cut out who is there, by category, identity, camera and time."""
    seen: dict[Who, list[Crop]] = defaultdict(list)
    before: dict[Who, tuple[float, Box]] = {}
    for camera, time, image, sightings in looks(watch.opening, watch.sensors, watch.cutting.rate, watch.seed):
        for one in sightings:
            who: Who = one.category, one.identity, camera
            step = drift(before.get(who), (time, one.full), watch.sensors[camera].shutter)
            before[who] = time, one.full
            _, top, _, bottom = one.visible
            if one.share >= watch.cutting.share and bottom - top >= watch.cutting.tall:
                place = within(_detected(one.visible, who, time, watch.seed), image)
                if place is not None:
                    crop = shrunk(smeared(image[place], step), LARGEST[one.category])
                    seen[who].append(Crop(time, crop))
    return [tracklet for who in sorted(seen) for tracklet in _tracklets(watch, who, seen[who])]


def looks(
    opening: Opening, sensors: Sequence[Sensor], rate: float, seed: int
) -> Iterator[tuple[int, float, Image, list[Sighting]]]:
    """Give camera, seconds, picture and sightings, `rate` times a second; all cameras look at once."""
    production = opening.opened()
    for number in range(int(np.ceil(production.seconds * rate))):
        for camera, sensor in enumerate(sensors):
            linear, sightings = production.picture(camera, number / rate)
            random = np.random.default_rng([seed, camera, number])
            yield camera, number / rate, develop(linear, sensor, random), sightings


def jitter(box: Box, error: float, random: np.random.Generator) -> Box:
    """Err as detectors do: each side by this share of the box's size, now and then one of them four times that.

    >>> jitter((0, 0, 10, 20), 0.0, np.random.default_rng(0))
    (0.0, 0.0, 10.0, 20.0)
    """
    size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    errors = np.clip(random.normal(0, error, 4), -3 * error, 3 * error)
    if random.random() < 0.1:
        errors[random.integers(4)] *= 4
    left, top, right, bottom = (np.asarray(box) + size * errors).tolist()
    return left, top, right, bottom


def within(box: Box, image: Image) -> tuple[slice, slice] | None:
    """Cut a box off at the picture's edges; None where too little is left to show anything."""
    height, width = image.shape[:2]
    left, right = np.clip(np.rint([box[0], box[2]]), 0, width).astype(int).tolist()
    top, bottom = np.clip(np.rint([box[1], box[3]]), 0, height).astype(int).tolist()
    return (slice(top, bottom), slice(left, right)) if min(right - left, bottom - top) >= 8 else None


def drift(before: tuple[float, Box] | None, now: tuple[float, Box], shutter: float) -> tuple[float, float]:
    """Measure how far the middle of a box moves while the shutter is open, in pixels to the right and down.

    >>> drift((1.0, (0, 0, 10, 20)), (1.5, (50, 10, 60, 30)), 0.02)
    (2.0, 0.4)
    """
    if before is None:
        return 0.0, 0.0
    (then, old), (time, new) = before, now
    share = shutter / (time - then) / 2
    return share * (new[0] + new[2] - old[0] - old[2]), share * (new[1] + new[3] - old[1] - old[3])


def smeared(image: Image, step: tuple[float, float]) -> Image:
    """Blur a picture along a step in pixels, as an open shutter does; the background of a crop goes with it."""
    reach = int(np.ceil(max(map(abs, step)) / 2))
    if np.hypot(*step) < FAINTEST:
        return image
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    ends = [(round(reach + side * step[0] / 2), round(reach + side * step[1] / 2)) for side in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(
        cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def shrunk(image: Image, largest: tuple[int, int]) -> Image:
    """Give a picture its own size, or where that is too large, the largest of its shape that is not."""
    height, width = image.shape[:2]
    scale = min(1.0, largest[0] / height, largest[1] / width)
    if scale == 1:
        return image.copy()
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def runs(seconds: Sequence[float], cutting: Cutting) -> list[slice]:
    """Part increasing times where there is a gap and where a run is full, and keep those long enough.

    >>> runs([0, 1, 2, 9, 10, 11, 12], Cutting(shortest=2, longest=3, gap=2))
    [slice(0, 3, None), slice(3, 6, None)]
    """
    starts = [0] if len(seconds) else []
    for i, (before, now) in enumerate(pairwise(seconds), start=1):
        if now - before > cutting.gap or i - starts[-1] == cutting.longest:
            starts.append(i)
    parts = [slice(start, end) for start, end in pairwise([*starts, len(seconds)])]
    return [part for part in parts if part.stop - part.start >= cutting.shortest][: cutting.most]


def _tracklets(watch: Watch, who: Who, crops: Sequence[Crop]) -> Iterator[Tracklet]:
    for part in runs([crop.seconds for crop in crops], watch.cutting):
        quality = int(_random(watch.seed, who, crops[part.start].seconds).integers(*QUALITIES))
        pictures = tuple(_jpeg(crop.picture, quality) for crop in crops[part])
        yield Tracklet(*who, tuple(crop.seconds for crop in crops[part]), pictures)


def _detected(box: Box, who: Who, time: float, seed: int) -> Box:
    """Err twice: as a detector always does with this actor before this camera, and as it does in this frame."""
    habit = _random(seed, who, HABIT)
    return jitter(jitter(box, ERROR, habit), ERROR, _random(seed, who, time))


def _random(seed: int, who: Who, time: float) -> np.random.Generator:
    category, identity, camera = who
    return np.random.default_rng(
        [seed, camera, int(category == "vehicle"), identity, round((time - HABIT) * 1000)]
    )


def _jpeg(image: Image, quality: int) -> bytes:
    encoded: NDArray[np.uint8]
    _, encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()

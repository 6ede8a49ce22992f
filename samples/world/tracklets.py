"""Tracklets of crops of each actor in each camera, as a detector and a tracker would cut them."""

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

if TYPE_CHECKING:  # importing it would need OpenGL
    from samples.world.production import Sighting

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
ActorInCamera = tuple[Category, int, int]
"""Category, identity, and index of the production's camera."""
LARGEST: dict[Category, tuple[int, int]] = {"person": (256, 128), "vehicle": (256, 256)}
"""Largest height and width of a crop."""
QUALITIES = (60, 96)
"""Range of the JPEG quality, which is drawn for each tracklet."""
ERROR = 0.03
"""Standard deviation of the error of a detected side, as a share of the box's width or height."""
FAINTEST = 1.5
"""Smallest movement in pixels that blurs a crop."""
ALL_FRAMES = -1.0
"""Time that seeds the errors which are the same in all frames."""


@dataclass(frozen=True)
class Cutting:
    """The rules by which tracklets are cut."""

    rate: float = 3.0
    """Frames per second that are searched for actors."""
    min_share: float = 0.35
    """Smallest visible share of an actor that is cut out."""
    min_height: float = 40.0
    """Smallest visible height in pixels."""
    min_crops: int = 4
    """Smallest number of crops in a tracklet."""
    max_crops: int = 16
    """Largest number of crops in a tracklet; a longer stay gives several tracklets."""
    max_tracklets: int = 4
    """Largest number of tracklets of one actor in one camera; more pictures of the same pose teach nothing."""
    gap: float = 1.5
    """Seconds without a crop after which a tracklet ends."""

    def __post_init__(self) -> None:
        if not self.rate > 0 or not 1 <= self.min_crops <= self.max_crops or self.max_tracklets < 1:
            raise ValueError(
                "rate must be above 0, 1 <= min_crops <= max_crops and max_tracklets >= 1, got "
                f"{self.rate=}, {self.min_crops=}, {self.max_crops=}, {self.max_tracklets=}"
            )


USUAL = Cutting()


@dataclass(frozen=True)
class Tracklet:
    """The crops of one actor in one camera during one stay."""

    category: Category
    identity: int
    camera: int
    seconds: tuple[float, ...]
    pictures: tuple[bytes, ...]
    """JPEG file of each crop, in the order of `seconds`."""


@dataclass(frozen=True)
class Crop:
    """One crop of one actor."""

    seconds: float
    picture: Image


@dataclass(frozen=True)
class Watch:
    """A task of a worker: one production seen by all its cameras."""

    opening: Opening
    sensors: tuple[Sensor, ...]
    """Sensor of each camera."""
    seed: int
    cutting: Cutting = USUAL


def cut_tracklets(watch: Watch) -> list[Tracklet]:
    """Return the tracklets of a production, sorted by category, identity, camera and time."""
    crops: dict[ActorInCamera, list[Crop]] = defaultdict(list)
    previous: dict[ActorInCamera, tuple[float, Box]] = {}
    cutting = watch.cutting
    for camera, time, image, sightings in take_pictures(
        watch.opening, watch.sensors, cutting.rate, watch.seed
    ):
        for sighting in sightings:
            actor: ActorInCamera = sighting.category, sighting.identity, camera
            step = shutter_movement(previous.get(actor), (time, sighting.full), watch.sensors[camera].shutter)
            previous[actor] = time, sighting.full
            _, top, _, bottom = sighting.visible
            if sighting.share >= cutting.min_share and bottom - top >= cutting.min_height:
                area = pixels_inside(_detected(sighting.visible, actor, time, watch.seed), image)
                if area is not None:
                    crop = shrink(motion_blur(image[area], step), LARGEST[sighting.category])
                    crops[actor].append(Crop(time, crop))
    return [tracklet for actor in sorted(crops) for tracklet in _tracklets(watch, actor, crops[actor])]


def take_pictures(
    opening: Opening, sensors: Sequence[Sensor], rate: float, seed: int
) -> Iterator[tuple[int, float, Image, list[Sighting]]]:
    """Yield camera, seconds, picture and sightings of each camera, `rate` times a second.

    All cameras take their pictures at the same times.
    """
    production = opening.opened()
    for number in range(int(np.ceil(production.seconds * rate))):
        for camera, sensor in enumerate(sensors):
            linear, sightings = production.picture(camera, number / rate)
            random = np.random.default_rng([seed, camera, number])
            yield camera, number / rate, develop(linear, sensor, random), sightings


def jitter(box: Box, error: float, random: np.random.Generator) -> Box:
    """Return a box with a random error on each side, as detectors make them.

    `error` is the standard deviation as a share of the box's size. In one box of ten, one side has four times its error.

    >>> jitter((0, 0, 10, 20), 0.0, np.random.default_rng(0))
    (0.0, 0.0, 10.0, 20.0)
    """
    size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
    errors = np.clip(random.normal(0, error, 4), -3 * error, 3 * error)
    if random.random() < 0.1:
        errors[random.integers(4)] *= 4
    left, top, right, bottom = (np.asarray(box) + size * errors).tolist()
    return left, top, right, bottom


def pixels_inside(box: Box, image: Image) -> tuple[slice, slice] | None:
    """Return the rows and columns of a box inside the picture; None if either side is below 8 pixels."""
    height, width = image.shape[:2]
    left, right = np.clip(np.rint([box[0], box[2]]), 0, width).astype(int).tolist()
    top, bottom = np.clip(np.rint([box[1], box[3]]), 0, height).astype(int).tolist()
    return (slice(top, bottom), slice(left, right)) if min(right - left, bottom - top) >= 8 else None


def shutter_movement(
    previous: tuple[float, Box] | None, current: tuple[float, Box], shutter: float
) -> tuple[float, float]:
    """Return the movement of a box's middle while the shutter is open, in pixels to the right and down.

    Args:
        previous: Seconds and box in the previous frame; None if the actor was not visible, which counts as no movement.
        current: Seconds and box now.
        shutter: Exposure time in seconds.

    >>> shutter_movement((1.0, (0, 0, 10, 20)), (1.5, (50, 10, 60, 30)), 0.02)
    (2.0, 0.4)
    """
    if previous is None:
        return 0.0, 0.0
    (old_time, old), (time, new) = previous, current
    share = shutter / (time - old_time) / 2
    return share * (new[0] + new[2] - old[0] - old[2]), share * (new[1] + new[3] - old[1] - old[3])


def motion_blur(image: Image, step: tuple[float, float]) -> Image:
    """Return a picture blurred along a step in pixels, including the background; short steps leave it as it is."""
    reach = int(np.ceil(max(map(abs, step)) / 2))
    if np.hypot(*step) < FAINTEST:
        return image
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    ends = [(round(reach + side * step[0] / 2), round(reach + side * step[1] / 2)) for side in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(
        cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def shrink(image: Image, largest: tuple[int, int]) -> Image:
    """Return a copy of the picture, scaled down if it exceeds the largest (height, width); its shape is kept."""
    height, width = image.shape[:2]
    scale = min(1.0, largest[0] / height, largest[1] / width)
    if scale == 1:
        return image.copy()
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def split_at_gaps(seconds: Sequence[float], cutting: Cutting) -> list[slice]:
    """Return the slices of increasing times that become tracklets.

    A slice ends at a gap and at the largest number of crops; slices with too few crops are dropped.

    >>> split_at_gaps([0, 1, 2, 9, 10, 11, 12], Cutting(min_crops=2, max_crops=3, gap=2))
    [slice(0, 3, None), slice(3, 6, None)]
    """
    starts = [0] if len(seconds) else []
    for i, (previous, current) in enumerate(pairwise(seconds), start=1):
        if current - previous > cutting.gap or i - starts[-1] == cutting.max_crops:
            starts.append(i)
    parts = [slice(start, end) for start, end in pairwise([*starts, len(seconds)])]
    return [part for part in parts if part.stop - part.start >= cutting.min_crops][: cutting.max_tracklets]


def _tracklets(watch: Watch, actor: ActorInCamera, crops: Sequence[Crop]) -> Iterator[Tracklet]:
    """Yield the tracklets of one actor in one camera."""
    category, identity, camera = actor
    for part in split_at_gaps([crop.seconds for crop in crops], watch.cutting):
        quality = int(_random(watch.seed, actor, crops[part.start].seconds).integers(*QUALITIES))
        pictures = tuple(_jpeg(crop.picture, quality) for crop in crops[part])
        seconds = tuple(crop.seconds for crop in crops[part])
        yield Tracklet(category, identity, camera, seconds, pictures)


def _detected(box: Box, actor: ActorInCamera, time: float, seed: int) -> Box:
    """Return a box with two errors: one that is the same for this actor in all frames of a camera, and a new one."""
    constant_error = _random(seed, actor, ALL_FRAMES)
    return jitter(jitter(box, ERROR, constant_error), ERROR, _random(seed, actor, time))


def _random(seed: int, actor: ActorInCamera, time: float) -> np.random.Generator:
    """Return the generator of one actor in one camera at one time."""
    category, identity, camera = actor
    return np.random.default_rng(
        [seed, camera, int(category == "vehicle"), identity, round((time - ALL_FRAMES) * 1000)]
    )


def _jpeg(image: Image, quality: int) -> bytes:
    encoded: NDArray[np.uint8]
    _, encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()

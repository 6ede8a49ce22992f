"""Draw a small street seen by two cameras, with exact ground truth.

`draw` writes `east.mp4` and `west.mp4` (H.264, 10 frames a second), `detections.csv` (the boxes that a detector would
report, for `reid-pipeline match --detections`) and `truth.csv` (the identity of each box). No picture shows a real
person.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]
Cloth = Literal["plain", "stripes", "bars", "checks", "dots", "halves"]

WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 10, 26
FOCAL, HORIZON, EYE = 480.0, 80.0, 3.2  # pixels, pixels, metres above the ground
STREET = 14.0  # metres between the two cameras' sides of the street
PHASES = 24  # pictures of one gait cycle
STEP = 2 * np.pi / PHASES
DETECTABLE = 0.35  # smallest visible share of a reported box


@dataclass(frozen=True)
class Look:
    """The traits that make a figure recognisable."""

    cloth: Cloth
    top: Colour
    print: Colour
    legs: Colour
    skin: Colour
    hair: Colour
    bag: Colour | None = None
    skirt: bool = False


@dataclass(frozen=True)
class Walk:
    """A person's or a car's path along the street, linear between the given points."""

    identity: int
    kind: Literal["person", "car"]
    height: float  # metres
    depth: float  # metres from the east camera's side
    path: tuple[tuple[float, float], ...]  # (seconds, metres along the street)
    look: Look

    def at(self, seconds: float) -> tuple[float, float] | None:
        """Return the place in metres along the street and the speed in metres a second; None before and after."""
        times, places = zip(*self.path, strict=True)
        if not times[0] <= seconds <= times[-1]:
            return None
        place, next_place = np.interp([seconds, seconds + 0.1], times, places)
        return float(place), float(next_place - place) * 10


@dataclass(frozen=True)
class View:
    """A camera: its position, its direction and its light."""

    name: str
    place: float  # metres along the street
    facing: Literal[1, -1]  # -1 looks from the far side, which swaps left and right
    gain: tuple[float, float, float]
    wall: Colour
    ground: Colour

    def distance(self, depth: float) -> float:
        """Return the metres from the camera to a figure at this depth."""
        return depth if self.facing == 1 else STREET - depth

    def foot(self, place: float, depth: float) -> tuple[float, float, float]:
        """Return the pixel (x, y) of a foot on the ground, and the pixels per metre at that distance."""
        scale = FOCAL / self.distance(depth)
        return WIDTH / 2 + self.facing * scale * (place - self.place), HORIZON + scale * EYE, scale


@dataclass(frozen=True)
class Sighting:
    """One figure in one frame, as the ground truth lists it."""

    identity: int
    kind: str
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 of its visible pixels
    visible: float  # share of its pixels that are neither occluded nor outside the picture


VIEWS = (
    View("east", place=5.0, facing=1, gain=(1.0, 0.98, 0.92), wall=(150, 140, 128), ground=(118, 120, 122)),
    View(
        "west", place=17.0, facing=-1, gain=(0.86, 0.92, 1.02), wall=(112, 124, 132), ground=(136, 130, 120)
    ),
)
RED, BLUE, GREEN, WHITE, BLACK = (196, 40, 44), (38, 74, 178), (44, 130, 66), (236, 236, 230), (28, 28, 32)
YELLOW, PURPLE, ORANGE = (228, 190, 52), (118, 52, 140), (224, 116, 36)
GREY, TEAL = (120, 124, 130), (30, 140, 150)
BROWN, PINK, NAVY, SAND = (104, 68, 42), (226, 142, 168), (30, 38, 78), (206, 186, 148)
FAIR, TAN, DARK = (232, 190, 164), (190, 140, 104), (110, 76, 54)

CAST = (
    Walk(1, "person", 1.78, 6.0, ((0, -1), (17, 23)), Look("stripes", RED, WHITE, NAVY, FAIR, BROWN)),
    Walk(2, "person", 1.66, 7.4, ((1, 23), (18, -1)), Look("dots", YELLOW, BLACK, BLACK, TAN, BLACK, bag=RED)),
    Walk(3, "person", 1.84, 6.6, ((3, -1), (19, 23)), Look("plain", GREEN, GREEN, SAND, DARK, BLACK, bag=BLACK)),
    Walk(4, "person", 1.60, 8.0, ((2, -1), (20, 23)), Look("checks", BLUE, WHITE, GREY, FAIR, YELLOW, skirt=True)),
    # leaves the east view, turns and comes back through it; never seen in the west
    Walk(5, "person", 1.72, 6.3, ((0, 1), (6, 11), (10, 11), (18, -2)), Look("halves", ORANGE, PURPLE, BLUE, TAN, BROWN)),
    # never seen in the east
    Walk(6, "person", 1.75, 7.0, ((4, 24), (10, 15), (13, 15), (19, 24)), Look("bars", BLACK, PINK, BLACK, FAIR, ORANGE)),
    Walk(7, "person", 1.70, 7.7, ((8, 23), (25, -1)), Look("plain", PINK, PINK, PURPLE, FAIR, BLACK, skirt=True)),
    Walk(8, "person", 1.81, 6.9, ((7, -1), (24, 23)), Look("halves", WHITE, TEAL, BROWN, DARK, BLACK, bag=YELLOW)),
    Walk(9, "car", 1.45, 8.4, ((10, -4), (16, 26)), Look("plain", RED, WHITE, BLACK, FAIR, BLACK)),
    Walk(10, "car", 1.50, 8.6, ((18, 26), (25, -4)), Look("stripes", TEAL, YELLOW, BLACK, FAIR, BLACK)),
)  # fmt: skip


def draw(folder: Path, *, seed: int = 0, seconds: int = SECONDS) -> None:
    """Write both cameras' footage, the detections and the ground truth into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["camera", "frame", "identity", "class", "bb_left", "bb_top", "bb_width", "bb_height"]
    with (
        (folder / "truth.csv").open("w", newline="", encoding="utf-8") as truth_file,
        (folder / "detections.csv").open("w", newline="", encoding="utf-8") as detections_file,
    ):
        truth, detections = csv.writer(truth_file), csv.writer(detections_file)
        truth.writerow([*columns, "visible"])
        detections.writerow([column for column in columns if column != "identity"] + ["conf"])
        for index, view in enumerate(VIEWS):
            random = np.random.default_rng([seed, index])
            pictures = []
            for frame, (picture, sightings) in enumerate(draw_frames(view, random, seconds)):
                pictures.append(picture)
                for sighting in sightings:
                    x0, y0, x1, y1 = sighting.box
                    box = np.array([x0, y0, x1 - x0, y1 - y0])
                    visible = f"{sighting.visible:.3f}"
                    truth.writerow([view.name, frame, sighting.identity, sighting.kind, *box, visible])
                    if sighting.visible >= DETECTABLE and box[2:].min() >= 8:
                        noisy = box + random.normal(0, 0.01 * box[3], 4)
                        row = [f"{value:.2f}" for value in noisy]
                        conf = f"{0.5 + 0.45 * sighting.visible:.3f}"
                        detections.writerow([view.name, frame, sighting.kind, *row, conf])
            write_video(folder / f"{view.name}.mp4", pictures)


def draw_frames(
    view: View, random: np.random.Generator, seconds: int
) -> Iterator[tuple[Image, list[Sighting]]]:
    """Yield the picture and the sightings of each frame of one camera."""
    background = draw_scenery(view, random)
    for frame in range(seconds * RATE):
        canvas = background.astype(np.float32)
        owner = np.zeros((HEIGHT, WIDTH), np.int32)
        sizes: dict[int, tuple[str, int]] = {}
        for walk in sorted(CAST, key=lambda walk: -view.distance(walk.depth)):
            position = walk.at(frame / RATE)
            if position is not None:
                sizes[walk.identity] = walk.kind, paste(canvas, owner, view, walk, position)
        noise = random.integers(-4, 5, canvas.shape, dtype=np.int8)
        light = canvas * np.array(view.gain, np.float32) + noise
        measured = (measure(owner, identity, *figure) for identity, figure in sorted(sizes.items()))
        yield light.clip(0, 255).astype(np.uint8), [sighting for sighting in measured if sighting is not None]


def measure(owner: NDArray[np.int32], identity: int, kind: str, size: int) -> Sighting | None:
    """Return the sighting of a figure that covers `size` pixels in full; None if no pixel of it is visible.

    `owner` is (h, w): the identity that each pixel shows, or 0.
    """
    ys, xs = np.nonzero(owner == identity)
    if not len(ys) or not size:
        return None
    box = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
    return Sighting(identity, kind, box, len(ys) / size)


def paste(
    canvas: NDArray[np.float32],
    owner: NDArray[np.int32],
    view: View,
    walk: Walk,
    position: tuple[float, float],
) -> int:
    """Draw one figure over the canvas and mark its pixels in `owner`; return its full size in pixels.

    Figures must be pasted from far to near.
    """
    place, speed = position
    x, y, scale = view.foot(place, walk.depth)
    rightward = speed * view.facing >= 0
    figure = draw_figure(walk, round(place * 4.2 / STEP) % PHASES if abs(speed) > 0.05 else 0)
    if not rightward:
        figure = figure[:, ::-1]
    height = max(2, round(walk.height * scale))
    width = max(2, round(figure.shape[1] * height / figure.shape[0]))
    scaled = cv2.resize(figure, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    left, top = round(x - width / 2), round(y - height)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, WIDTH), min(top + height, HEIGHT)
    if x0 >= x1 or y0 >= y1:
        return 0
    inside = scaled[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = inside[..., 3:] / 255
    canvas[y0:y1, x0:x1] = canvas[y0:y1, x0:x1] * (1 - alpha) + inside[..., :3] * alpha
    owner[y0:y1, x0:x1][alpha[..., 0] > 0.5] = walk.identity
    return int((scaled[..., 3] > 127).sum())


@cache
def draw_figure(walk: Walk, phase: int) -> Image:
    """Return one figure that faces right, RGBA, at one of the `PHASES` of a gait cycle."""
    if walk.kind == "person":
        return draw_person(walk.look, float(np.sin(phase * STEP)))
    return draw_car(walk.look)


def draw_person(look: Look, swing: float) -> Image:
    """Return a person who walks right, (600, 320, 4) RGBA; `swing` in [-1, 1] is the position of the legs."""
    picture = np.zeros((600, 320, 4), np.uint8)
    hip, shoulder = np.array([160, 310]), np.array([160, 120])
    for side in (-1, 1):
        thigh = 0.32 * side * swing
        _limb(picture, hip, [thigh, thigh - 0.18 * abs(swing)], (140, 138), 44, look.legs)
    _limb(picture, shoulder, [-0.5 * swing, 0.2 - 0.5 * swing], (100, 90), 30, _shade(look.top, 0.75))
    body = np.array([[112, 104], [208, 104], [200, 330], [120, 330]])
    if look.skirt:
        body = np.array([[118, 104], [202, 104], [196, 260], [226, 420], [94, 420], [124, 260]])
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [body], 255, cv2.LINE_AA)
    cloth = np.dstack([draw_cloth(look), np.full(picture.shape[:2], 255, np.uint8)])
    picture[mask > 127] = cloth[mask > 127]
    if look.bag is not None:
        cv2.ellipse(picture, (104, 190), (34, 62), 8, 0, 360, (*look.bag, 255), -1, cv2.LINE_AA)
    _limb(picture, shoulder, [0.5 * swing, 0.2 + 0.5 * swing], (100, 90), 30, _shade(look.top, 0.9))
    cv2.ellipse(picture, (164, 58), (40, 50), 0, 0, 360, (*look.skin, 255), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (154, 44), (44, 42), 0, 90, 330, (*look.hair, 255), -1, cv2.LINE_AA)
    return picture


def draw_car(look: Look) -> Image:
    """Return a car that drives right, (300, 840, 4) RGBA."""
    picture = np.zeros((300, 840, 4), np.uint8)
    body = [[10, 240], [14, 150], [150, 120], [270, 20], [560, 20], [680, 125], [826, 150], [832, 240]]
    cv2.fillPoly(picture, [np.array(body)], (*look.top, 255), cv2.LINE_AA)
    front, back = (
        [[190, 120], [285, 38], [400, 38], [400, 120]],
        [[420, 120], [420, 38], [550, 38], [640, 120]],
    )
    for window in (front, back):
        cv2.fillPoly(picture, [np.array(window)], (60, 76, 88, 255), cv2.LINE_AA)
    if look.cloth == "stripes":
        cv2.rectangle(picture, (16, 160), (830, 190), (*look.print, 255), -1)
    for x in (190, 660):
        cv2.circle(picture, (x, 240), 58, (*BLACK, 255), -1, cv2.LINE_AA)
        cv2.circle(picture, (x, 240), 26, (*GREY, 255), -1, cv2.LINE_AA)
    return picture


@cache
def draw_cloth(look: Look) -> Image:
    """Return the cloth of a figure's body, (600, 320, 3) RGB."""
    ys, xs = np.mgrid[:600, :320]
    printed = {
        "plain": np.zeros_like(xs, bool),
        "stripes": ys // 26 % 2 == 0,
        "bars": xs // 20 % 2 == 0,
        "checks": (xs // 28 + ys // 28) % 2 == 0,
        "dots": (xs % 40 - 20) ** 2 + (ys % 40 - 20) ** 2 < 110,
        "halves": ys > 210,
    }[look.cloth]
    painted: Image = np.where(printed[..., None], look.print, look.top).astype(np.uint8)
    return painted


def draw_scenery(view: View, random: np.random.Generator) -> Image:
    """Return the empty street, (h, w, 3) RGB: a wall of bricks or panels and a speckled ground."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    kerb = round(HORIZON + FOCAL * EYE / 11)
    picture[:kerb], picture[kerb:] = view.wall, view.ground
    step = 16 if view.facing == 1 else 42
    for y in range(0, kerb, step):
        picture[y : y + 1] *= 0.8
        for x in range((y // step % 2) * step, WIDTH, 2 * step):
            picture[y : min(y + step, kerb), x : x + 1] *= 0.8
    speckles = random.normal(0, 9, (HEIGHT // 6, WIDTH // 6, 1)).astype(np.float32)
    picture += cv2.resize(speckles, (WIDTH, HEIGHT))[..., None]
    return picture.clip(0, 255).astype(np.uint8)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (round(value * factor) for value in colour)
    return red, green, blue


def _limb(
    picture: Image,
    start: NDArray[np.int64],
    angles: list[float],
    lengths: tuple[int, int],
    thickness: int,
    colour: Colour,
) -> None:
    """Draw two joined strokes. Angles are in radians from straight down, positive to the right."""
    for angle, length in zip(angles, lengths, strict=True):
        end = start + np.round(length * np.array([np.sin(angle), np.cos(angle)])).astype(np.int64)
        cv2.line(picture, start.tolist(), end.tolist(), (*colour, 255), thickness, cv2.LINE_AA)
        start = end


def write_video(path: Path, pictures: list[Image]) -> None:
    """Encode (h, w, 3) RGB pictures as an H.264 file."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE), options={"crf": "20", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for picture in pictures:
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)

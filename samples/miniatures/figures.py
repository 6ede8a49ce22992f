"""Draw invented people and vehicles as a ReID network sees them: small crops, with one light for each camera.

An identity combines a few colours with a pattern, a cut, a bag, hair and build. Its pictures differ in facing,
step, crop, light, background and occlusion. So no single colour and no single place in the picture identifies it.
No picture shows a real person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]
Cloth = Literal["plain", "stripes", "bars", "checks", "dots", "halves", "badge"]
Lower = Literal["trousers", "shorts", "skirt", "coat"]
Hair = Literal["short", "long", "bun", "cap"]
Bag = Literal["none", "backpack", "handbag"]
Body = Literal["saloon", "hatchback", "van", "pickup"]
Trim = Literal["none", "band", "two-tone", "sign"]
Facing = Literal["left", "right", "front", "back"]
T = TypeVar("T")

PERSON_HEIGHT, PERSON_WIDTH = 256, 128  # pixels of a drawn person
VEHICLE_WIDTH, VEHICLE_HEIGHT = 256, 192  # pixels of a drawn vehicle
RED, BLUE, GREEN, WHITE, BLACK = (186, 44, 46), (44, 76, 170), (46, 122, 66), (228, 228, 222), (34, 34, 38)
YELLOW, GREY, NAVY = (218, 182, 60), (124, 126, 132), (34, 42, 80)
SAND, BROWN = (198, 178, 142), (102, 70, 46)
CLOTH_COLOURS = ((RED, WHITE), (BLUE, WHITE), (GREEN, YELLOW), (BLACK, GREY), (NAVY, SAND), (YELLOW, BLACK))
PAINTS = (WHITE, BLACK, GREY, RED, BLUE, SAND)
SKINS = ((230, 190, 164), (188, 140, 106), (112, 78, 56))
FACINGS: tuple[Facing, ...] = ("left", "right", "front", "back")


@dataclass(frozen=True)
class Person:
    """The traits that make a person recognisable."""

    cloth: Cloth
    colours: tuple[Colour, Colour]
    long_sleeves: bool
    lower: Lower
    legs: Colour
    shoes: Colour
    hair: Hair
    hair_colour: Colour
    skin: Colour
    bag: Bag
    bag_colour: Colour
    build: float
    """Width of the body as a multiple of the usual width."""
    hip: float
    """Distance from the top of the picture down to the hip, as a share of the picture's height."""


@dataclass(frozen=True)
class Vehicle:
    """The traits that make a vehicle recognisable."""

    body: Body
    paint: Colour
    trim: Trim
    trim_colour: Colour
    rims: Colour
    glass: Colour
    rack: bool
    stickers: tuple[tuple[float, Colour], ...]
    """(place, colour) of each sticker; the place is a share of the vehicle's length in [0, 1]."""


Look = Person | Vehicle


@dataclass(frozen=True)
class Camera:
    """The light, the blur and the background of one camera's pictures."""

    gain: tuple[float, float, float]
    """Factors on red, green and blue."""
    offset: float
    """Levels added to every pixel after the gain."""
    blur: float
    """Standard deviation of the blur, in pixels; no blur up to 0.2."""
    scenery: Image
    """(h, w, 3) panorama; the backgrounds of the crops are cut from it."""


def invent_person(random: np.random.Generator) -> Person:
    """Draw a person at random."""
    clothes: tuple[Cloth, ...] = ("plain", "stripes", "bars", "checks", "dots", "halves", "badge")
    lowers: tuple[Lower, ...] = ("trousers", "trousers", "shorts", "skirt", "coat")
    hairs: tuple[Hair, ...] = ("short", "long", "bun", "cap")
    bags: tuple[Bag, ...] = ("none", "backpack", "handbag")
    colours = _pick(random, CLOTH_COLOURS)
    return Person(
        cloth=_pick(random, clothes),
        colours=colours if random.random() < 0.6 else (colours[1], colours[0]),
        long_sleeves=random.random() < 0.6,
        lower=_pick(random, lowers),
        legs=_pick(random, (NAVY, BLACK, GREY, SAND, BROWN, BLUE)),
        shoes=_pick(random, (BLACK, WHITE, BROWN, RED)),
        hair=_pick(random, hairs),
        hair_colour=_pick(random, (BLACK, BROWN, SAND, GREY)),
        skin=_pick(random, SKINS),
        bag=_pick(random, bags),
        bag_colour=_pick(random, (BLACK, RED, BROWN, BLUE)),
        build=float(random.uniform(0.82, 1.25)),
        hip=float(random.uniform(0.50, 0.58)),
    )


def invent_vehicle(random: np.random.Generator) -> Vehicle:
    """Draw a vehicle at random."""
    bodies: tuple[Body, ...] = ("saloon", "hatchback", "van", "pickup")
    trims: tuple[Trim, ...] = ("none", "band", "two-tone", "sign")
    places = random.uniform(0.15, 0.85, random.integers(0, 3))
    return Vehicle(
        body=_pick(random, bodies),
        paint=_pick(random, PAINTS),
        trim=_pick(random, trims),
        trim_colour=_pick(random, (RED, BLUE, YELLOW, GREEN)),
        rims=_pick(random, (GREY, WHITE, BLACK)),
        glass=_pick(random, ((70, 84, 96), (30, 34, 40), (120, 140, 150))),
        rack=random.random() < 0.3,
        stickers=tuple((float(place), _pick(random, (RED, YELLOW, GREEN, WHITE))) for place in places),
    )


def invent_camera(random: np.random.Generator) -> Camera:
    """Draw a camera at random: its light, its sharpness and its background."""
    red, green, blue = random.uniform(0.84, 1.12, 3)
    scenery = np.empty((PERSON_HEIGHT, 8 * PERSON_WIDTH, 3), np.float32)
    kerb = int(random.integers(110, 190))
    scenery[:kerb], scenery[kerb:] = _grey(random), _grey(random)
    step = int(random.integers(18, 60))
    scenery[:kerb:step] *= 0.75
    scenery[:kerb, ::step] *= 0.8
    for _ in range(14):
        x, width = random.integers(0, 7 * PERSON_WIDTH), random.integers(10, 90)
        top = random.integers(0, kerb)
        scenery[top : kerb + int(random.integers(-30, 30)), x : x + width] = _grey(random)
    texture = random.normal(0, 16, (PERSON_HEIGHT // 8, PERSON_WIDTH, 1)).astype(np.float32)
    scenery += cv2.resize(texture, (8 * PERSON_WIDTH, PERSON_HEIGHT))[..., None]
    blur, offset = random.uniform(0.0, 0.9), random.uniform(-16, 16)
    return Camera((red, green, blue), float(offset), float(blur), scenery.clip(0, 255).astype(np.uint8))


def _grey(random: np.random.Generator) -> NDArray[np.float64]:
    """Return the (3,) colour of a wall or a floor: nearly grey, so that people stand out as they do in streets."""
    return random.uniform(50, 200) + random.normal(0, 14, 3)


def picture_passage(
    look: Look, camera: Camera, random: np.random.Generator, *, frames: int, size: tuple[int, int]
) -> list[Image]:
    """Return the (h, w, 3) RGB pictures that a camera takes of one person or vehicle passing by.

    `random` draws the direction, the light, the crop and the noise of this passage.
    """
    facing, phase = FACINGS[random.integers(4)], random.uniform(0, 2 * np.pi)
    light, scale = random.uniform(0.85, 1.15), random.uniform(0.85, 1.08)
    place, drift = random.uniform(0, 1), random.uniform(-0.01, 0.01)
    occluder = _occluder(random)
    pictures = []
    for frame in range(frames):
        swing = float(np.sin(phase + frame * 0.7))
        figure = draw_figure(look, facing, swing)
        shift = random.normal(0, 0.025, 2)
        canvas = _background(camera, place + frame * drift, size)
        _paste(canvas, figure, scale * random.uniform(0.97, 1.03), shift)
        if occluder is not None:
            _paint_occluder(canvas, occluder)
        canvas = canvas * (np.array(camera.gain, np.float32) * np.float32(light)) + np.float32(camera.offset)
        if camera.blur > 0.2:
            canvas = cv2.GaussianBlur(canvas, (0, 0), camera.blur)
        noisy = canvas + random.normal(0, 5, canvas.shape)
        pictures.append(noisy.clip(0, 255).astype(np.uint8))
    return pictures


def draw_figure(look: Look, facing: Facing, swing: float) -> Image:
    """Return a figure on a transparent ground, (h, w, 4) RGBA; `swing` in [-1, 1] is the position of its legs."""
    if isinstance(look, Person):
        return _draw_person(look, facing, swing)
    return _draw_vehicle(look, facing)


def _draw_person(look: Person, facing: Facing, swing: float) -> Image:
    """Return a walking person, (256, 128, 4) RGBA."""
    picture = np.zeros((PERSON_HEIGHT, PERSON_WIDTH, 4), np.uint8)
    sideways = facing in ("left", "right")
    hip, shoulder = round(PERSON_HEIGHT * look.hip), 56
    half_width = (15 if sideways else 23) * look.build
    spread = [0.42 * swing, -0.42 * swing] if sideways else [0.07, -0.07]
    for leg, angle in enumerate(spread):
        x = 64 + (0 if sideways else (9 if leg == 0 else -9) * look.build)
        lift = 0.0 if sideways else 6 * max(0.0, swing if leg == 0 else -swing)
        _draw_leg(picture, look, (x, hip), angle, 244 - hip - lift)
    reach, lift = 0 if sideways else half_width, 0.5 * swing if sideways else 0.12
    bag = (*look.bag_colour, 255)
    _draw_arm(picture, look, (64 - reach, shoulder + 6), -lift)
    if look.bag == "backpack" and sideways:
        cv2.ellipse(picture, (round(64 - half_width - 6), 86), (11, 26), 0, 0, 360, bag, -1)
    _draw_body(picture, look, half_width, hip, facing)
    _draw_arm(picture, look, (64 + reach, shoulder + 6), lift)
    if look.bag == "backpack" and facing == "back":
        cv2.rectangle(picture, (48, 64), (80, 112), bag, -1)
    if look.bag == "handbag":
        x = round(64 + (half_width + 6 if facing != "back" else -half_width - 6))
        cv2.rectangle(picture, (x - 11, hip - 2), (x + 11, hip + 20), bag, -1)
    _draw_head(picture, look, facing)
    return np.ascontiguousarray(picture[:, ::-1]) if facing == "left" else picture


def _draw_leg(picture: Image, look: Person, hip: tuple[float, float], angle: float, length: float) -> None:
    """Draw a leg from the hip down; `angle` is its swing in radians, `length` its height in pixels."""
    knee = hip[0] + np.sin(angle) * length * 0.5, hip[1] + length * 0.5
    foot = hip[0] + np.sin(angle) * length * 0.85, hip[1] + length
    bare = look.lower in ("shorts", "skirt")
    thickness = round((17 if not bare else 12) * look.build)
    _line(picture, knee, foot, look.skin if bare else look.legs, thickness)
    _line(picture, hip, knee, look.skin if look.lower == "skirt" else look.legs, round(18 * look.build))
    cv2.ellipse(picture, (round(foot[0]) + 3, round(foot[1])), (11, 6), 0, 0, 360, (*look.shoes, 255), -1)


def _draw_arm(picture: Image, look: Person, shoulder: tuple[float, float], angle: float) -> None:
    """Draw an arm from the shoulder down; `angle` is its swing in radians."""
    elbow = shoulder[0] + np.sin(angle) * 34, shoulder[1] + 34
    hand = elbow[0] + np.sin(angle + 0.1) * 32, elbow[1] + 32
    _line(picture, elbow, hand, _shade(look.colours[0], 0.85) if look.long_sleeves else look.skin, 9)
    _line(picture, shoulder, elbow, _shade(look.colours[0], 0.85), 12)


def _draw_body(picture: Image, look: Person, half_width: float, hip: int, facing: Facing) -> None:
    """Draw the trunk with its cloth, and the lower part of a coat or a skirt."""
    waist, hem = half_width * 0.86, hip + (46 if look.lower == "coat" else 8)
    hem_width = half_width * (1.15 if look.lower == "coat" else 0.9)
    if look.lower == "skirt":
        flare = half_width * 1.35
        skirt = [(64 - waist, hip), (64 + waist, hip), (64 + flare, hip + 50), (64 - flare, hip + 50)]
        cv2.fillPoly(picture, [np.array(skirt).round().astype(np.int32)], (*look.legs, 255))
    outline = [
        (64 - half_width, 54), (64 - 8, 47), (64 + 8, 47), (64 + half_width, 54), (64 + waist, hip - 6),
        (64 + hem_width, hem), (64 - hem_width, hem), (64 - waist, hip - 6),
    ]  # fmt: skip
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.array(outline).round().astype(np.int32)], 255)
    picture[mask > 0, :3] = _cloth(look, facing)[mask > 0]
    picture[mask > 0, 3] = 255


@lru_cache(maxsize=4)
def _cloth(look: Person, facing: Facing) -> Image:
    """Return the cloth of the trunk, (256, 128, 3) RGB; a badge shows only on the chest, from the front."""
    ys, xs = np.mgrid[:PERSON_HEIGHT, :PERSON_WIDTH]
    badge = (np.abs(xs - 64) < 12) & (np.abs(ys - 84) < 13) & (facing == "front")
    printed = {
        "plain": np.zeros_like(badge),
        "stripes": ys // 11 % 2 == 0,
        "bars": xs // 9 % 2 == 0,
        "checks": (xs // 14 + ys // 14) % 2 == 0,
        "dots": (xs % 18 - 9) ** 2 + (ys % 18 - 9) ** 2 < 26,
        "halves": ys > 96,
        "badge": badge,
    }[look.cloth]
    painted: Image = np.where(printed[..., None], look.colours[1], look.colours[0]).astype(np.uint8)
    return painted


def _draw_head(picture: Image, look: Person, facing: Facing) -> None:
    """Draw head, hair and cap."""
    hair, skin = (*look.hair_colour, 255), (*look.skin, 255)
    cv2.rectangle(picture, (59, 40), (69, 52), skin, -1)
    cv2.ellipse(picture, (64, 28), (13, 17), 0, 0, 360, hair if facing == "back" else skin, -1)
    if look.hair == "long":
        cv2.rectangle(picture, (50, 24), (57, 56), hair, -1)
        if facing in ("front", "back"):
            cv2.rectangle(picture, (71, 24), (78, 56), hair, -1)
    if look.hair == "bun":
        cv2.circle(picture, (64 if facing in ("front", "back") else 50, 9), 8, hair, -1)
    crown = (*look.colours[1], 255) if look.hair == "cap" else hair
    cv2.ellipse(picture, (63, 24), (15, 15), 0, 180, 360, crown, -1)


def _draw_vehicle(look: Vehicle, facing: Facing) -> Image:
    """Return a vehicle seen from a side or an end, (192, 256, 4) RGBA."""
    picture = np.zeros((VEHICLE_HEIGHT, VEHICLE_WIDTH, 4), np.uint8)
    if facing in ("front", "back"):
        _draw_end(picture, look, facing)
        return picture
    _draw_side(picture, look)
    return np.ascontiguousarray(picture[:, ::-1]) if facing == "left" else picture


OUTLINES: dict[Body, list[tuple[int, int]]] = {
    "saloon": [(8, 148), (10, 108), (52, 96), (88, 58), (164, 58), (202, 98), (246, 108), (248, 148)],
    "hatchback": [(12, 148), (14, 98), (34, 56), (150, 52), (196, 96), (244, 108), (246, 148)],
    "van": [(8, 148), (8, 34), (178, 34), (216, 88), (248, 100), (248, 148)],
    "pickup": [(6, 148), (8, 98), (104, 98), (110, 50), (172, 50), (204, 96), (246, 104), (248, 148)],
}
WINDOWS: dict[Body, list[list[tuple[int, int]]]] = {
    "saloon": [[(68, 94), (94, 64), (124, 64), (124, 94)], [(130, 94), (130, 64), (160, 64), (186, 94)]],
    "hatchback": [[(36, 92), (46, 62), (90, 60), (90, 92)], [(97, 92), (97, 60), (145, 60), (178, 92)]],
    "van": [[(150, 84), (150, 46), (174, 46), (202, 84)]],
    "pickup": [[(118, 92), (122, 57), (168, 57), (192, 92)]],
}


def _draw_side(picture: Image, look: Vehicle) -> None:
    """Draw the side of a vehicle that faces right."""
    outline = np.array(OUTLINES[look.body], np.int32)
    cv2.fillPoly(picture, [outline], (*look.paint, 255))
    inside = picture[..., 3] > 0
    ys, xs = np.mgrid[:VEHICLE_HEIGHT, :VEHICLE_WIDTH]
    trimmed = {
        "none": np.zeros_like(inside),
        "band": (ys > 112) & (ys < 124),
        "two-tone": ys > 118,
        "sign": (np.abs(xs - 128) < 34) & (np.abs(ys - 116) < 11),
    }[look.trim]
    picture[inside & trimmed, :3] = look.trim_colour
    for window in WINDOWS[look.body]:
        cv2.fillPoly(picture, [np.array(window, np.int32)], (*look.glass, 255))
    for place, colour in look.stickers:
        x = round(20 + place * 210)
        cv2.rectangle(picture, (x - 8, 128), (x + 8, 142), (*colour, 255), -1)
    if look.rack:
        top = int(outline[:, 1].min())
        cv2.rectangle(picture, (80, top - 12), (150, top - 5), (*BLACK, 255), -1)
    for x in (58, 200):
        cv2.circle(picture, (x, 150), 25, (*BLACK, 255), -1)
        cv2.circle(picture, (x, 150), 13, (*look.rims, 255), -1)


def _draw_end(picture: Image, look: Vehicle, facing: Facing) -> None:
    """Draw the front or the back of a vehicle."""
    top = {"saloon": 58, "hatchback": 54, "van": 34, "pickup": 50}[look.body]
    cv2.rectangle(picture, (62, 150), (86, 174), (*BLACK, 255), -1)
    cv2.rectangle(picture, (170, 150), (194, 174), (*BLACK, 255), -1)
    outline = [(54, 158), (54, 100), (74, top), (182, top), (202, 100), (202, 158)]
    cv2.fillPoly(picture, [np.array(outline, np.int32)], (*look.paint, 255))
    window = [(68, 96), (82, top + 8), (174, top + 8), (188, 96)]
    cv2.fillPoly(picture, [np.array(window, np.int32)], (*look.glass, 255))
    if look.trim in ("band", "two-tone"):
        bottom = 124 if look.trim == "band" else 158
        cv2.rectangle(picture, (54, 113), (202, bottom), (*look.trim_colour, 255), -1)
    if look.trim == "sign":
        cv2.rectangle(picture, (98, 100), (158, 116), (*look.trim_colour, 255), -1)
    lamps = (236, 226, 180) if facing == "front" else (170, 30, 30)
    for x in (58, 178):
        cv2.rectangle(picture, (x, 118), (x + 20, 130), (*lamps, 255), -1)
    cv2.rectangle(picture, (108, 138), (148, 150), (*WHITE, 255), -1)
    if look.rack:
        cv2.rectangle(picture, (86, top - 12), (170, top - 5), (*BLACK, 255), -1)


def _background(camera: Camera, place: float, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the (h, w, 3) background at a place in [0, 1] along the camera's scenery."""
    height, width = size
    crop_width = min(round(PERSON_HEIGHT * width / height), camera.scenery.shape[1])
    left = round(abs(place) % 1 * (camera.scenery.shape[1] - crop_width))
    crop = camera.scenery[:, left : left + crop_width]
    return cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)  # type: ignore[no-any-return]


def _paste(canvas: NDArray[np.float32], figure: Image, scale: float, shift: NDArray[np.float64]) -> None:
    """Paste a figure into the canvas, scaled about the middle and shifted by (down, right) shares of the canvas."""
    height, width = canvas.shape[:2]
    figure_height, figure_width = round(height * scale), round(width * scale)
    scaled = cv2.resize(figure, (figure_width, figure_height), interpolation=cv2.INTER_AREA)
    scaled = scaled.astype(np.float32)
    top = round((height - figure_height) / 2 + shift[0] * height)
    left = round((width - figure_width) / 2 + shift[1] * width)
    y0, y1 = max(top, 0), min(top + figure_height, height)
    x0, x1 = max(left, 0), min(left + figure_width, width)
    visible = scaled[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = visible[..., 3:] / 255
    canvas[y0:y1, x0:x1] = canvas[y0:y1, x0:x1] * (1 - alpha) + visible[..., :3] * alpha


def _occluder(random: np.random.Generator) -> tuple[str, float, float, float] | None:
    """Draw a post or a rail in front of the figure: kind, start, thickness and brightness; None four times in five.

    Start and thickness are shares of the picture.
    """
    kind = ("post", "rail", "")[int(random.choice(3, p=(0.1, 0.1, 0.8)))]
    start, thickness = random.uniform(0.2, 0.8), random.uniform(0.06, 0.16)
    brightness = random.uniform(30, 180)
    return (kind, float(start), float(thickness), float(brightness)) if kind else None


def _paint_occluder(canvas: NDArray[np.float32], occluder: tuple[str, float, float, float]) -> None:
    """Paint a post or a rail over the canvas."""
    kind, start, thickness, brightness = occluder
    length = canvas.shape[1] if kind == "post" else canvas.shape[0]
    strip = slice(round(start * length), round((start + thickness) * length) + 1)
    if kind == "post":
        canvas[:, strip] = brightness
    else:
        canvas[strip] = brightness


def _pick(random: np.random.Generator, choices: Sequence[T]) -> T:
    """Return one of the choices, all equally likely."""
    return choices[int(random.integers(len(choices)))]


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (round(value * factor) for value in colour)
    return red, green, blue


def _line(
    picture: Image, start: tuple[float, float], end: tuple[float, float], colour: Colour, thickness: int
) -> None:
    start_pixel, end_pixel = ((round(x), round(y)) for x, y in (start, end))
    cv2.line(picture, start_pixel, end_pixel, (*colour, 255), thickness, cv2.LINE_AA)

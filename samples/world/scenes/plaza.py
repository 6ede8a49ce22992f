"""An open square between houses, with shops, trees and benches, watched from its edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Point, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import Front, Street, far_house, house, street
from samples.world.scenes.daylight import LIT, daylight
from samples.world.scenes.furniture import Stuff
from samples.world.scenes.plot import LOW, POLE, TREE, Plot
from samples.world.scenes.site import Site

DEEP = 9.0  # metres from a house's front to its back
LANE = 4.0  # metres: the width of the lane behind the houses


def plaza(weather: Weather, rng: np.random.Generator, cameras: int, size: tuple[int, int]) -> Scene:
    """Build a square of about 34 x 26 m."""
    site = Site()
    half = (float(rng.uniform(16, 19)), float(rng.uniform(12.5, 15)))
    kit = furniture.stuff(site, rng, lit=LIT[weather])
    watching = hung(rng, cameras, half, size, step=2 if weather == "glare" else 1)
    # a low sun must reach the ground through the side that the first camera looks at
    open_side = facing(watching[0]) if weather == "glare" else int(rng.integers(8))
    alleys = houses(site, rng, half, street(site, rng, lit=LIT[weather]), open_side)
    blocks = list(site.obstacles)
    pave(site, rng, half)
    if open_side < 4:
        park(site, rng, half, open_side, alleys[open_side], kit)
    lamps = furnished(site, rng, half, Plot(rng, watching, alleys), kit, LIT[weather])
    walkable = (Rectangle(0, 0, 2 * half[0], 2 * half[1]), *(a for a in alleys), *back_lanes(half))
    entrances = tuple(p for p in ends(alleys) if views.hidden(watching, blocks, p))
    ground = Ground(walkable, tuple(site.obstacles), entrances, tuple(site.seats))
    return Scene("plaza", weather, site.scenery(), daylight(weather, rng, watching, lamps), ground, watching)


def facing(camera: Camera) -> int:
    """Find the side that a camera looks at: 0 east, 1 north, 2 west, 3 south."""
    ahead = np.arctan2(camera.target[1] - camera.eye[1], camera.target[0] - camera.eye[0])
    return int(np.round(ahead / (np.pi / 2))) % 4


def houses(site: Site, rng: np.random.Generator, half: Point, kit: Street, open_side: int) -> list[Rectangle]:
    """Build houses on all sides but the open one, with an alley through each; returns the alleys."""
    alleys = []
    for side in range(4):
        heading = side * np.pi / 2  # where the side lies, seen from the middle
        reach, length = (half[side % 2], half[1 - side % 2])
        gap, wide = float(rng.uniform(-0.6, 0.6) * length), float(rng.uniform(3, 4.5))
        corner = length + DEEP if side % 2 else length

        def at(along: float, heading: float = heading, reach: float = reach) -> Point:
            return furniture.turned((0, 0), heading, reach, along)

        for start, end in ((corner, gap + wide / 2), (gap - wide / 2, -corner)) if side != open_side else ():
            row(site, rng, at(start), at(end), kit)
        middle = furniture.turned((0, 0), heading, reach + DEEP / 2, gap)
        alleys.append(Rectangle(*middle, DEEP + 0.4, wide - 0.4, heading))
    for side in range(4):
        away = half[side % 2] + DEEP + LANE + 7 + 14 * (side == open_side)
        for along in (-12.0, 12.0):
            at_far = furniture.turned((0, 0), side * np.pi / 2, away, along + float(rng.uniform(-3, 3)))
            far_house(
                site,
                rng,
                Rectangle(*at_far, 12.0, float(rng.uniform(14, 22)), side * np.pi / 2),
                kit,
                open_side == side,
            )
    return alleys


def park(site: Site, rng: np.random.Generator, half: Point, side: int, alley: Rectangle, kit: Stuff) -> None:
    """Leave a side open: hedges with a way between them, and trees on grass behind."""
    heading, reach, length = side * np.pi / 2, half[side % 2], half[1 - side % 2]
    lawn = site.material(surfaces.grass(rng), 4)
    gap, wide = float(np.dot(furniture.turned((0, 0), -heading, alley.x, alley.y), (0, 1))), alley.width
    for start, end in ((-length, gap - wide / 2), (gap + wide / 2, length)):
        middle, long = (start + end) / 2, end - start
        hedge = Rectangle(*furniture.turned((0, 0), heading, reach + 0.5, middle), 0.8, long, heading)
        site.box(hedge, 0, 0.8, kit.hedge)
        plot = Rectangle(
            *furniture.turned((0, 0), heading, reach + DEEP / 2 + 0.2, middle), DEEP - 0.4, long, heading
        )
        site.box(plot, -0.1, 0.02, lawn)
        site.obstacles.append(plot)
        for _ in range(max(1, int(long / 5))):
            along, aside = float(rng.uniform(-0.4, 0.4) * DEEP), float(rng.uniform(-0.45, 0.45) * long)
            at = furniture.turned((plot.x, plot.y), heading, along, aside)
            furniture.tree(site, rng, at, float(rng.uniform(5, 8)), float(rng.uniform(1.5, 2.4)), kit)


def row(site: Site, rng: np.random.Generator, start: Point, end: Point, kit: Street) -> None:
    """Fill a front from left to right with one to three houses."""
    whole = Front(start, end)
    count = max(1, round(whole.length / rng.uniform(9, 15)))
    cuts = np.linspace(0, whole.length, count + 1)
    for a, b in pairwise(cuts):
        left, right = (whole.at(float(s), 0)[:2] for s in (a, b))
        front = Front((float(left[0]), float(left[1])), (float(right[0]), float(right[1])))
        house(site, rng, front, DEEP, int(rng.integers(2, 6)), kit)


def pave(site: Site, rng: np.random.Generator, half: Point) -> None:
    """Lay the square, a border or a carpet of another stone, and the lanes around."""
    main = site.material(surfaces.paving(rng), 3)
    other = site.material(surfaces.paving(rng), float(rng.uniform(1.5, 3)))
    lane = site.material(surfaces.asphalt(rng), 6)
    site.floor((-90, -90), (90, 90), -0.03, lane)
    site.floor((-half[0] - DEEP, -half[1] - DEEP), (half[0] + DEEP, half[1] + DEEP), -0.012, other)
    inset = float(rng.uniform(1.5, 3.5))
    site.floor((inset - half[0], inset - half[1]), (half[0] - inset, half[1] - inset), 0, main)
    style = rng.integers(3)
    if style == 0:
        site.floor((-2, inset - half[1]), (2, half[1] - inset), 0.006, other)
    elif style == 1:
        for y in np.arange(-half[1] + 5, half[1] - 3, 5):
            site.floor((inset - half[0], y), (half[0] - inset, y + 0.4), 0.006, other)


def hung(
    rng: np.random.Generator, count: int, half: Point, size: tuple[int, int], *, step: int
) -> tuple[Camera, ...]:
    """Hang cameras at the square's corners and sides, looking inward; the first at any of them or, by 2, at a side."""
    first = int(rng.integers(8)) // step * step
    order = [(first + turn) % 8 for turn in (0, 3, 5, 6, 1, 4, 2, 7)][:count]
    found = []
    for number, place in enumerate(order):
        angle = place * np.pi / 4
        x = float(np.round(np.cos(angle)) * (half[0] - 1.9) + rng.uniform(-1, 1) * (place % 4 == 2) * 5)
        y = float(np.round(np.sin(angle)) * (half[1] - 1.9) + rng.uniform(-1, 1) * (place % 4 == 0) * 4)
        reach = float(rng.uniform(10, 14))
        away = float(np.hypot(x, y))
        at = (
            x * (1 - reach / away) + float(rng.uniform(-2, 2)),
            y * (1 - reach / away) + float(rng.uniform(-2, 2)),
        )
        eye = (x, y, float(rng.uniform(3.6, 6.5)))
        found.append(views.aimed(f"c{number + 1}", eye, at, float(rng.uniform(40, 56)), size))
    return tuple(found)


def furnished(
    site: Site, rng: np.random.Generator, half: Point, plot: Plot, kit: Stuff, lit: float
) -> list[tuple[float, float, float]]:
    """Furnish the square where no camera loses its view; returns its lamps."""

    def area(edge: float) -> Rectangle:
        return Rectangle(0, 0, 2 * (half[0] - edge), 2 * (half[1] - edge))

    if (at := plot.spot(area(5), 2.2, ((0.7, 1.0),))) is not None:
        centre(site, rng, at, kit)
    if (at := plot.spot(area(3), 2.4, ((1.3, 1.7),))) is not None:
        fronts = (
            site.material(pictures.shop(rng), 5, 3, glow=lit * 2),
            site.material(pictures.sign(rng), 3, glow=lit),
        )
        furniture.kiosk(site, at, inward(at), kit, *fronts)
    for _ in range(rng.integers(5, 10)):
        if (at := plot.spot(area(1.6), 0.5, TREE)) is not None:
            furniture.tree(site, rng, at, float(rng.uniform(5.5, 8)), float(rng.uniform(1.5, 2.2)), kit)
    lamps = []
    for _ in range(rng.integers(3, 6)):
        if (at := plot.spot(area(1.0), 0.3, POLE)) is not None:
            lamps.append(furniture.lamp(site, at, inward(at), float(rng.uniform(4, 5.5)), kit))
    low(site, rng, half, plot, kit)
    return lamps


def low(site: Site, rng: np.random.Generator, half: Point, plot: Plot, kit: Stuff) -> None:
    """Set what people look over: benches, planters, bins and a bicycle rack."""
    area = Rectangle(0, 0, 2 * half[0] - 3, 2 * half[1] - 3)
    for _ in range(rng.integers(4, 9)):
        if (at := plot.spot(area, 1.15, LOW)) is not None:
            furniture.bench(site, rng, at, float(rng.integers(8) * np.pi / 4), kit)
    for _ in range(rng.integers(2, 7)):
        if (at := plot.spot(area, 1.0, LOW)) is not None:
            turn = float(rng.integers(2) * np.pi / 2)
            furniture.planter(site, rng, Rectangle(*at, float(rng.uniform(1, 2)), 1.0, turn), kit)
    for _ in range(rng.integers(2, 5)):
        if (at := plot.spot(area, 0.3, LOW)) is not None:
            furniture.bin_(site, at, kit)
    if (at := plot.spot(area, 1.6, LOW)) is not None:
        furniture.rack(site, at, float(rng.integers(2) * np.pi / 2), int(rng.integers(3, 6)), kit)


def inward(at: Point) -> float:
    """Find the heading from a place to the middle."""
    return float(np.arctan2(-at[1], -at[0]))


def centre(site: Site, rng: np.random.Generator, at: Point, kit: Stuff) -> None:
    """Put a fountain, a statue or an advertising column somewhere in the middle."""
    style = rng.integers(3)
    if style == 0:
        furniture.fountain(site, at, kit, site.material(surfaces.plain((70, 92, 98), 150), 2))
    elif style == 1:
        furniture.statue(site, rng, at, kit)
    else:
        furniture.column(site, at, kit)


def back_lanes(half: Point) -> tuple[Rectangle, ...]:
    """Find the four lanes behind the houses."""
    x, y = half[0] + DEEP + LANE / 2, half[1] + DEEP + LANE / 2
    long, wide = 2 * (half[0] + DEEP + LANE), 2 * (half[1] + DEEP + LANE)
    return (
        Rectangle(x, 0, LANE - 0.6, wide), Rectangle(-x, 0, LANE - 0.6, wide),
        Rectangle(0, y, long, LANE - 0.6), Rectangle(0, -y, long, LANE - 0.6),
    )  # fmt: skip


def ends(alleys: list[Rectangle]) -> list[Point]:
    """Find places in the back lanes, to both sides of every alley's end."""
    places = []
    for alley in alleys:
        for aside in (-1, 1):
            out = DEEP / 2 + LANE / 2
            places.append(
                furniture.turned((alley.x, alley.y), alley.heading, out, aside * (alley.width / 2 + 3.5))
            )
    return places

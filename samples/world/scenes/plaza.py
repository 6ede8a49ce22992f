"""An open square between houses, with shops, trees and benches, watched from its edges."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Point, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import Front, Street, far_house, house, street
from samples.world.scenes.daylight import LIT, daylight
from samples.world.scenes.furniture import Stuff
from samples.world.scenes.site import Site, inside

DEEP = 9.0  # metres from a house's front to its back
LANE = 4.0  # metres: the width of the lane behind the houses


def plaza(weather: Weather, rng: np.random.Generator, cameras: int, size: tuple[int, int]) -> Scene:
    """Build a square of about 34 x 26 m."""
    site = Site()
    half = (float(rng.uniform(16, 19)), float(rng.uniform(12.5, 15)))
    kit = furniture.stuff(site, rng, lit=LIT[weather])
    alleys = houses(site, rng, half, street(site, rng, lit=LIT[weather]))
    blocks = list(site.obstacles)
    watching = hung(rng, cameras, half, size)
    pave(site, rng, half)
    lamps = furnished(site, rng, half, watching, alleys, kit, LIT[weather])
    walkable = (Rectangle(0, 0, 2 * half[0], 2 * half[1]), *(a for a in alleys), *back_lanes(half))
    entrances = tuple(p for p in ends(alleys, half) if views.hidden(watching, blocks, p))
    ground = Ground(walkable, tuple(site.obstacles), entrances, tuple(site.seats))
    return Scene("plaza", weather, site.scenery(), daylight(weather, rng, watching, lamps), ground, watching)


def houses(site: Site, rng: np.random.Generator, half: Point, kit: Street) -> list[Rectangle]:
    """Build houses on all four sides, with an alley through each; returns the alleys."""
    alleys = []
    for side in range(4):
        heading = side * np.pi / 2  # where the side lies, seen from the middle
        reach, length = (half[side % 2], half[1 - side % 2])
        gap, wide = float(rng.uniform(-0.6, 0.6) * length), float(rng.uniform(3, 4.5))
        corner = length + DEEP if side % 2 else length

        def at(along: float, heading: float = heading, reach: float = reach) -> Point:
            return furniture.turned((0, 0), heading, reach, along)

        for start, end in ((corner, gap + wide / 2), (gap - wide / 2, -corner)):
            row(site, rng, at(start), at(end), kit)
        middle = furniture.turned((0, 0), heading, reach + DEEP / 2, gap)
        alleys.append(Rectangle(*middle, DEEP + 0.4, wide - 0.4, heading))
    for x in (-1, 1):
        for y in (-1, 1):
            far = (x * (half[0] + DEEP + LANE + 8), y * (half[1] + DEEP + LANE + 8))
            far_house(site, rng, Rectangle(far[0], y * rng.uniform(3, 9), 14, 2 * half[1], 0), kit)
            far_house(site, rng, Rectangle(x * rng.uniform(8, 16), far[1], 24, 14, 0), kit)
    return alleys


def row(site: Site, rng: np.random.Generator, start: Point, end: Point, kit: Street) -> None:
    """Fill a front from left to right with one to three houses."""
    whole = Front(start, end)
    count = max(1, round(whole.length / rng.uniform(9, 15)))
    cuts = np.linspace(0, whole.length, count + 1)
    for a, b in zip(cuts, cuts[1:], strict=False):
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


def hung(rng: np.random.Generator, count: int, half: Point, size: tuple[int, int]) -> tuple[Camera, ...]:
    """Hang cameras at the square's corners and sides, looking inward; neighbours share ground."""
    first = rng.integers(8)
    order = [(first + step) % 8 for step in (0, 3, 5, 6, 1, 4, 2, 7)][:count]
    found = []
    for number, place in enumerate(order):
        angle = place * np.pi / 4
        x = float(np.round(np.cos(angle)) * (half[0] - 1.4) + rng.uniform(-1, 1) * (place % 4 == 2) * 5)
        y = float(np.round(np.sin(angle)) * (half[1] - 1.4) + rng.uniform(-1, 1) * (place % 4 == 0) * 4)
        reach = float(rng.uniform(10, 14))
        away = float(np.hypot(x, y))
        at = (x * (1 - reach / away) + float(rng.uniform(-2, 2)), y * (1 - reach / away) + float(rng.uniform(-2, 2)))
        eye = (x, y, float(rng.uniform(3.6, 6.5)))
        found.append(views.aimed(f"c{number + 1}", eye, at, float(rng.uniform(40, 56)), size))
    return tuple(found)


def furnished(
    site: Site, rng: np.random.Generator, half: Point, cameras: tuple[Camera, ...], alleys: list[Rectangle], kit: Stuff,
    lit: float,
) -> list[tuple[float, float, float]]:  # fmt: skip
    """Furnish the square where no camera loses its view; returns its lamps."""
    grounds = [views.ground_seen(c, (-half[0], -half[1]), half) for c in cameras]
    taken: list[tuple[float, float, float]] = []

    def spot(radius: float, edge: float, balls: tuple[tuple[float, float], ...]) -> Point | None:
        for _ in range(40):
            x, y = (float(rng.uniform(-h + edge, h - edge)) for h in half)
            room = all(np.hypot(x - a, y - b) > radius + r + 0.9 for a, b, r in taken)
            clear = not any(inside(a, x, y, margin=radius + 1.5) for a in alleys)
            if room and clear and views.free(cameras, grounds, [(x, y, z, r) for z, r in balls]):
                taken.append((x, y, radius))
                return x, y
        return None

    if (at := spot(2.2, 5, ((0.7, 1.0),))) is not None:
        centre(site, rng, at, kit)
    if (at := spot(2.4, 3, ((1.3, 1.7),))) is not None:
        fronts = (site.material(pictures.shop(rng), 5, 3, glow=lit * 2), site.material(pictures.sign(rng), 3, glow=lit))
        heading = float(np.arctan2(-at[1], -at[0]))
        furniture.kiosk(site, rng, at, heading, kit, *fronts)
    for _ in range(rng.integers(5, 10)):
        height, crown = float(rng.uniform(5.5, 8)), float(rng.uniform(1.5, 2.2))
        if (at := spot(0.5, 1.6, ((height - crown * 0.85, crown), (1.5, 0.4)))) is not None:
            furniture.tree(site, rng, at, height, crown, kit)
    lamps = []
    for _ in range(rng.integers(4, 7)):
        if (at := spot(0.3, 1.0, ((4.5, 0.5), (3.0, 0.25), (1.5, 0.25)))) is not None:
            lamps.append(furniture.lamp(site, at, float(np.arctan2(-at[1], -at[0])), float(rng.uniform(4, 5.5)), kit))
    for _ in range(rng.integers(4, 9)):
        if (at := spot(1.15, 1.6, ((0.5, 0.8),))) is not None:
            furniture.bench(site, rng, at, float(rng.integers(8) * np.pi / 4), kit)
    for _ in range(rng.integers(2, 7)):
        if (at := spot(1.0, 1.5, ((0.7, 0.8),))) is not None:
            long = float(rng.uniform(1, 2))
            furniture.planter(site, rng, Rectangle(*at, long, 1.0, float(rng.integers(2) * np.pi / 2)), kit)
    small(site, rng, spot, kit)
    return lamps


def centre(site: Site, rng: np.random.Generator, at: Point, kit: Stuff) -> None:
    """Put a fountain, a statue or an advertising column somewhere in the middle."""
    style = rng.integers(3)
    if style == 0:
        furniture.fountain(site, at, kit, site.material(surfaces.plain((70, 92, 98), 150), 2))
    elif style == 1:
        furniture.statue(site, rng, at, kit)
    else:
        furniture.column(site, at, kit)


def small(site: Site, rng: np.random.Generator, spot: object, kit: Stuff) -> None:
    """Set bins and bicycle racks."""
    assert callable(spot)
    for _ in range(rng.integers(2, 5)):
        if (at := spot(0.3, 1.0, ((0.5, 0.4),))) is not None:
            furniture.bin_(site, at, kit)
    if (at := spot(1.6, 1.2, ((0.4, 0.8),))) is not None:
        furniture.rack(site, at, 0.0, int(rng.integers(3, 6)), kit)


def back_lanes(half: Point) -> tuple[Rectangle, ...]:
    """Find the four lanes behind the houses."""
    x, y = half[0] + DEEP + LANE / 2, half[1] + DEEP + LANE / 2
    long, wide = 2 * (half[0] + DEEP + LANE), 2 * (half[1] + DEEP + LANE)
    return (
        Rectangle(x, 0, LANE - 0.6, wide), Rectangle(-x, 0, LANE - 0.6, wide),
        Rectangle(0, y, long, LANE - 0.6), Rectangle(0, -y, long, LANE - 0.6),
    )  # fmt: skip


def ends(alleys: list[Rectangle], half: Point) -> list[Point]:
    """Find places in the back lanes, to both sides of every alley's end."""
    places = []
    for alley in alleys:
        for aside in (-1, 1):
            out = DEEP / 2 + LANE / 2
            places.append(furniture.turned((alley.x, alley.y), alley.heading, out, aside * (alley.width / 2 + 3.5)))
    return places

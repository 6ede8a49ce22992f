"""A long hall indoors with side passages, lit from the ceiling, watched at several stretches."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Point, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import Front, fitted, slab
from samples.world.scenes.daylight import indoors
from samples.world.scenes.furniture import Stuff
from samples.world.scenes.plot import LOW, Plot
from samples.world.scenes.site import Material, Site

HALF = 24.0  # metres from the middle to either end
PASSAGE = 3.0  # metres: how wide a side passage is
DEEP = 7.0  # metres: how far a side passage leads


def corridor(weather: Weather, rng: np.random.Generator, cameras: int, size: tuple[int, int]) -> Scene:
    """Build a hall of 48 m with two passages on either side that turn a corner."""
    site = Site()
    half, high = float(rng.uniform(2.8, 4.2)), float(rng.uniform(3.0, 3.5))
    kit = furniture.stuff(site, rng, lit=0.6)
    gaps = {side: sorted(float(x) for x in (rng.uniform(-19, -6), rng.uniform(6, 19))) for side in (-1, 1)}
    watching = hung(rng, cameras, half, high, size)
    lamps = shell(site, rng, half, high)
    walkable = [Rectangle(0, 0, 2 * HALF - 0.6, 2 * half - 0.3)]
    ends: list[Point] = []
    for side, middles in gaps.items():
        sides(site, rng, half, high, side, middles)
        for x in middles:
            walkable += passage(half, side, x)
            ends += [(x + way * 5.0, side * (half + DEEP - PASSAGE / 2)) for way in (-1, 1)]
    blocks = [block for block in site.obstacles if block.length > 3]
    furnished(site, rng, half, high, Plot(rng, watching, walkable[1:]), kit)
    entrances = tuple(p for p in ends if views.hidden(watching, blocks, p))
    ground = Ground(tuple(walkable), tuple(site.obstacles), entrances, tuple(site.seats))
    return Scene("corridor", weather, site.scenery(), indoors(rng, lamps), ground, watching)


def hung(
    rng: np.random.Generator, count: int, half: float, high: float, size: tuple[int, int]
) -> tuple[Camera, ...]:
    """Hang cameras under the ceiling, from both ends and from places between."""
    places = ((-HALF + 1, 1), (HALF - 1, -1), (1.5, 1), (-1.5, -1), (-11, 1), (11, -1))
    found = []
    for number, (x, ahead) in enumerate(places[:count]):
        side = float(rng.choice([-1, 1]) * rng.uniform(0.3, half - 0.5))
        eye = (x, side, min(high - 0.15, float(rng.uniform(2.6, 3.2))))
        at = (x + ahead * float(rng.uniform(6, 8.5)), -side * float(rng.uniform(0, 0.4)))
        found.append(views.aimed(f"c{number + 1}", eye, at, float(rng.uniform(46, 62)), size))
    return tuple(found)


def passage(half: float, side: int, x: float) -> list[Rectangle]:
    """Find a side passage's two arms: out of the hall, and along its end."""
    out = Rectangle(x, side * (half + DEEP / 2 - 0.2), PASSAGE - 0.4, DEEP)
    across = Rectangle(x, side * (half + DEEP - PASSAGE / 2), 12.0, PASSAGE - 0.4)
    return [out, across]


def shell(site: Site, rng: np.random.Generator, half: float, high: float) -> list[tuple[float, float, float]]:
    """Lay floor and ceiling, close the ends; returns the lamps."""
    floor = site.material(surfaces.tiles(rng), 3)
    value = float(rng.uniform(190, 225))
    grid = surfaces.stones(rng, (value, value, value - 4), 5, 5, shift=0, joint=3, spread=2, gap=0.8)
    ceiling = site.material(grid, 3)
    light = site.material(surfaces.plain((255, 252, 242), 130), 1, glow=2.2)
    wide = half + DEEP + 1
    site.floor((-HALF - 8, -wide), (HALF + 8, wide), 0, floor)
    under(site, (-HALF - 8, -wide), (HALF + 8, wide), high, ceiling)
    long = float(rng.choice([0.6, 1.2, 2.4]))
    for x in np.arange(-HALF + 1.5, HALF, 3.0):
        for y in (-half / 2, half / 2):
            under(site, (x, y - 0.3), (x + long, y + 0.3), high - 0.01, light)
    end = site.material(pictures.shop(rng), 2 * half, high, glow=0.5)
    site.wall((HALF, half), (HALF, -half), 0, high, end, fit=True)
    site.wall((-HALF, -half), (-HALF, half), 0, high, end, fit=True)
    return [(float(x), 0.0, high - 0.15) for x in np.linspace(-HALF + 3, HALF - 3, 8)]


def under(site: Site, low: Point, high: Point, z: float, material: Material) -> None:
    """Add a level surface that is seen from below."""
    (x0, y0), (x1, y1) = low, high
    site.sheet_on((x0, y1, z), (x1 - x0, 0, 0), (0, y0 - y1, 0), material)


def sides(
    site: Site, rng: np.random.Generator, half: float, high: float, side: int, middles: list[float]
) -> None:
    """Build one long wall with its passages, doors, shop windows, posters and skirting."""
    kinds = (surfaces.plaster, surfaces.concrete, surfaces.glazed, surfaces.brick)
    wall = site.material(kinds[rng.choice(4, p=[0.5, 0.2, 0.2, 0.1])](rng), 3)
    band = site.material(surfaces.plain(pictures.vivid(rng), 250), 1)
    doors = [site.material(pictures.door(rng), 1) for _ in range(2)]
    prints = [site.material(pictures.poster(rng), 1, glow=float(rng.choice([0, 0.8]))) for _ in range(3)]
    window = site.material(pictures.shop(rng), 5, glow=0.8)
    edges = [-HALF, *(x + way * PASSAGE / 2 for x in middles for way in (-1, 1)), HALF]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        solid(site, left, right, half, high, side, wall)
        a, b = (left, right) if side > 0 else (right, left)
        front = Front((a, side * half), (b, side * half))
        slab(site, front, (0, 0, front.length, 0.1), (0, 0.02), band)
        s = 0.7
        while s < front.length - 3.2:
            s += hang(site, rng, front, s, doors, prints, window) + float(rng.uniform(0.4, 2.5))
    start, end = (-HALF - 8, HALF + 8)[::side]
    site.wall((start, side * (half + DEEP)), (end, side * (half + DEEP)), 0, high, wall)


def hang(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    s: float,
    doors: list[Material],
    prints: list[Material],
    window: Material,
) -> float:
    """Put a door, a poster or a shop window on a wall; returns its width."""
    style = rng.choice(3, p=[0.35, 0.45, 0.2])
    if style == 0:
        fitted(site, front, (s, 0, s + 1.0, 2.1), 0.02, doors[rng.integers(len(doors))])
        return 1.0
    if style == 1:
        wide = float(rng.uniform(0.8, 1.3))
        fitted(site, front, (s, 0.8, s + wide, 0.8 + wide * 1.3), 0.03, prints[rng.integers(len(prints))])
        return wide
    fitted(site, front, (s, 0.05, s + 3.0, 2.4), 0.02, window)
    return 3.0


def solid(site: Site, left: float, right: float, half: float, high: float, side: int, wall: Material) -> None:
    """Build the block between two passages: its face to the hall, its flanks, and its back to the far arm."""
    deep = DEEP - PASSAGE
    place = Rectangle((left + right) / 2, side * (half + deep / 2), right - left, deep)
    site.box(place, 0, high, wall)
    site.obstacles.append(place)


def furnished(site: Site, rng: np.random.Generator, half: float, high: float, plot: Plot, kit: Stuff) -> None:
    """Set pillars, benches along the walls, plants, bins and coat racks."""
    if half > 3.6:
        pillars(site, rng, half, high, plot)
    for side in (-1, 1):
        wall = Rectangle(0, side * (half - 0.45), 2 * HALF - 6, 0.05)
        for _ in range(rng.integers(3, 7)):
            if (at := plot.spot(wall, 1.1, LOW)) is not None:
                furniture.bench(site, rng, at, -side * np.pi / 2, kit)
        for _ in range(rng.integers(2, 5)):
            if (at := plot.spot(wall, 0.6, LOW)) is not None:
                furniture.planter(site, rng, Rectangle(*at, 0.7, 0.6), kit)
        for _ in range(rng.integers(1, 4)):
            if (at := plot.spot(wall, 0.4, LOW)) is not None:
                furniture.bin_(site, at, kit)
        for _ in range(rng.integers(1, 3)):
            if (at := plot.spot(wall, 0.5, ((1.0, 0.5),))) is not None:
                furniture.coats(site, rng, at, kit)


def pillars(site: Site, rng: np.random.Generator, half: float, high: float, plot: Plot) -> None:
    """Set two rows of pillars."""
    pillar = site.material(surfaces.glazed(rng) if rng.random() < 0.5 else surfaces.concrete(rng), 2)
    for x in np.arange(-20.0, 21, 8.0):
        for y in (-half + 0.9, half - 0.9):
            if plot.may_take(x, y, 0.4, ((1.5, 0.35),)):
                site.box(Rectangle(x, y, 0.5, 0.5), 0, high, pillar)
                site.obstacles.append(Rectangle(x, y, 0.5, 0.5))

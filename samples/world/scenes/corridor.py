"""A long indoor hall with side passages, lit from the ceiling; the cameras watch different stretches."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Point, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import Front, add_fitted_panel, add_slab
from samples.world.scenes.daylight import indoors
from samples.world.scenes.furniture import FurnitureMaterials
from samples.world.scenes.plot import LOW, Plot
from samples.world.scenes.site import Material, Site

HALF_LENGTH = 24.0  # metres from the middle to each end
PASSAGE_WIDTH, PASSAGE_DEPTH = 3.0, 7.0  # metres


def corridor(weather: Weather, rng: np.random.Generator, camera_count: int, size: tuple[int, int]) -> Scene:
    """Build a hall of 48 m with two passages on each side that turn a corner."""
    site = Site()
    half_width, height = float(rng.uniform(2.8, 4.2)), float(rng.uniform(3.0, 3.5))
    materials = furniture.draw_furniture_materials(site, rng, lit=0.6)
    passages = {
        side: sorted(float(x) for x in (rng.uniform(-19, -6), rng.uniform(6, 19))) for side in (-1, 1)
    }
    cameras = place_cameras(rng, camera_count, half_width, height, size)
    lamps = build_shell(site, rng, half_width, height)
    walkable = [Rectangle(0, 0, 2 * HALF_LENGTH - 0.6, 2 * half_width - 0.3)]
    passage_ends: list[Point] = []
    for side, middles in passages.items():
        build_side(site, rng, half_width, height, side, middles)
        for x in middles:
            walkable += passage_areas(half_width, side, x)
            passage_ends += [
                (x + direction * 5.0, side * (half_width + PASSAGE_DEPTH - PASSAGE_WIDTH / 2))
                for direction in (-1, 1)
            ]
    large_obstacles = [block for block in site.obstacles if block.length > 3]
    furnish(site, rng, half_width, height, Plot(rng, cameras, walkable[1:]), materials)
    entrances = tuple(place for place in passage_ends if views.hidden(cameras, large_obstacles, place))
    ground = Ground(tuple(walkable), tuple(site.obstacles), entrances, tuple(site.seats))
    return Scene("corridor", weather, site.scenery(), indoors(rng, lamps), ground, cameras)


def place_cameras(
    rng: np.random.Generator, count: int, half_width: float, height: float, size: tuple[int, int]
) -> tuple[Camera, ...]:
    """Place cameras under the ceiling, at both ends and between them."""
    places = ((-HALF_LENGTH + 1, 1), (HALF_LENGTH - 1, -1), (1.5, 1), (-1.5, -1), (-11, 1), (11, -1))
    cameras = []
    for number, (x, ahead) in enumerate(places[:count]):
        y = float(rng.choice([-1, 1]) * rng.uniform(0.3, half_width - 0.5))
        eye = (x, y, min(height - 0.15, float(rng.uniform(2.6, 3.2))))
        target = (x + ahead * float(rng.uniform(6, 8.5)), -y * float(rng.uniform(0, 0.4)))
        cameras.append(views.aimed(f"c{number + 1}", eye, target, float(rng.uniform(46, 62)), size))
    return tuple(cameras)


def passage_areas(half_width: float, side: int, x: float) -> list[Rectangle]:
    """Return the two arms of a side passage: out of the hall, and across the end of the first arm."""
    out = Rectangle(x, side * (half_width + PASSAGE_DEPTH / 2 - 0.2), PASSAGE_WIDTH - 0.4, PASSAGE_DEPTH)
    across = Rectangle(x, side * (half_width + PASSAGE_DEPTH - PASSAGE_WIDTH / 2), 12.0, PASSAGE_WIDTH - 0.4)
    return [out, across]


def build_shell(
    site: Site, rng: np.random.Generator, half_width: float, height: float
) -> list[tuple[float, float, float]]:
    """Add floor, ceiling and end walls; return the places of the lamps."""
    floor = site.material(surfaces.tiles(rng), 3)
    value = float(rng.uniform(190, 225))
    ceiling_tiles = surfaces.stones(rng, (value, value, value - 4), 5, 5, shift=0, joint=3, spread=2, gap=0.8)
    ceiling = site.material(ceiling_tiles, 3)
    light = site.material(surfaces.plain((255, 252, 242), 130), 1, glow=2.2)
    y_end = half_width + PASSAGE_DEPTH + 1
    site.floor((-HALF_LENGTH - 8, -y_end), (HALF_LENGTH + 8, y_end), 0, floor)
    add_ceiling(site, (-HALF_LENGTH - 8, -y_end), (HALF_LENGTH + 8, y_end), height, ceiling)
    lamp_length = float(rng.choice([0.6, 1.2, 2.4]))
    for x in np.arange(-HALF_LENGTH + 1.5, HALF_LENGTH, 3.0):
        for y in (-half_width / 2, half_width / 2):
            add_ceiling(site, (x, y - 0.3), (x + lamp_length, y + 0.3), height - 0.01, light)
    end = site.material(pictures.shop(rng), 2 * half_width, height, glow=0.5)
    site.wall((HALF_LENGTH, half_width), (HALF_LENGTH, -half_width), 0, height, end, fit=True)
    site.wall((-HALF_LENGTH, -half_width), (-HALF_LENGTH, half_width), 0, height, end, fit=True)
    return [(float(x), 0.0, height - 0.15) for x in np.linspace(-HALF_LENGTH + 3, HALF_LENGTH - 3, 8)]


def add_ceiling(site: Site, low: Point, high: Point, z: float, material: Material) -> None:
    """Add a level surface that is visible from below."""
    (x0, y0), (x1, y1) = low, high
    site.sheet_on((x0, y1, z), (x1 - x0, 0, 0), (0, y0 - y1, 0), material)


def build_side(
    site: Site, rng: np.random.Generator, half_width: float, height: float, side: int, middles: list[float]
) -> None:
    """Build one long wall with its passages, doors, shop windows, posters and skirting board.

    `side` is 1 or -1 for the wall at positive or negative y; `middles` are the x of its passages.
    """
    painters = (surfaces.plaster, surfaces.concrete, surfaces.glazed, surfaces.brick)
    wall = site.material(painters[rng.choice(4, p=[0.5, 0.2, 0.2, 0.1])](rng), 3)
    skirting = site.material(surfaces.plain(pictures.vivid(rng), 250), 1)
    doors = [site.material(pictures.door(rng), 1) for _ in range(2)]
    posters = [site.material(pictures.poster(rng), 1, glow=float(rng.choice([0, 0.8]))) for _ in range(3)]
    window = site.material(pictures.shop(rng), 5, glow=0.8)
    edges = [
        -HALF_LENGTH,
        *(x + direction * PASSAGE_WIDTH / 2 for x in middles for direction in (-1, 1)),
        HALF_LENGTH,
    ]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        build_block(site, left, right, half_width, height, side, wall)
        x_start, x_end = (left, right) if side > 0 else (right, left)
        front = Front((x_start, side * half_width), (x_end, side * half_width))
        add_slab(site, front, (0, 0, front.length, 0.1), (0, 0.02), skirting)
        s = 0.7
        while s < front.length - 3.2:
            s += hang_on_wall(site, rng, front, s, doors, posters, window) + float(rng.uniform(0.4, 2.5))
    start, end = (-HALF_LENGTH - 8, HALF_LENGTH + 8)[::side]
    site.wall(
        (start, side * (half_width + PASSAGE_DEPTH)),
        (end, side * (half_width + PASSAGE_DEPTH)),
        0,
        height,
        wall,
    )


def hang_on_wall(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    s: float,
    doors: list[Material],
    posters: list[Material],
    window: Material,
) -> float:
    """Add a door, a poster or a shop window at s metres along a wall; return its width in metres."""
    style = rng.choice(3, p=[0.35, 0.45, 0.2])
    if style == 0:
        add_fitted_panel(site, front, (s, 0, s + 1.0, 2.1), 0.02, doors[rng.integers(len(doors))])
        return 1.0
    if style == 1:
        width = float(rng.uniform(0.8, 1.3))
        add_fitted_panel(
            site, front, (s, 0.8, s + width, 0.8 + width * 1.3), 0.03, posters[rng.integers(len(posters))]
        )
        return width
    add_fitted_panel(site, front, (s, 0.05, s + 3.0, 2.4), 0.02, window)
    return 3.0


def build_block(
    site: Site, left: float, right: float, half_width: float, height: float, side: int, wall: Material
) -> None:
    """Build the solid block between two passages."""
    depth = PASSAGE_DEPTH - PASSAGE_WIDTH
    place = Rectangle((left + right) / 2, side * (half_width + depth / 2), right - left, depth)
    site.box(place, 0, height, wall)
    site.obstacles.append(place)


def furnish(
    site: Site,
    rng: np.random.Generator,
    half_width: float,
    height: float,
    plot: Plot,
    materials: FurnitureMaterials,
) -> None:
    """Add pillars, and benches, planters, bins and coat racks along the walls."""
    if half_width > 3.6:
        add_pillars(site, rng, half_width, height, plot)
    for side in (-1, 1):
        wall = Rectangle(0, side * (half_width - 0.45), 2 * HALF_LENGTH - 6, 0.05)
        for _ in range(rng.integers(3, 7)):
            if (at := plot.spot(wall, 1.1, LOW)) is not None:
                furniture.add_bench(site, rng, at, -side * np.pi / 2, materials)
        for _ in range(rng.integers(2, 5)):
            if (at := plot.spot(wall, 0.6, LOW)) is not None:
                furniture.add_planter(site, rng, Rectangle(*at, length=0.7, width=0.6), materials)
        for _ in range(rng.integers(1, 4)):
            if (at := plot.spot(wall, 0.4, LOW)) is not None:
                furniture.add_bin(site, at, materials)
        for _ in range(rng.integers(1, 3)):
            if (at := plot.spot(wall, 0.5, ((1.0, 0.5),))) is not None:
                furniture.add_coat_rack(site, rng, at, materials)


def add_pillars(site: Site, rng: np.random.Generator, half_width: float, height: float, plot: Plot) -> None:
    """Add two rows of pillars, except those that hide too much from a camera."""
    pillar = site.material(surfaces.glazed(rng) if rng.random() < 0.5 else surfaces.concrete(rng), 2)
    for x in np.arange(-20.0, 21, 8.0):
        for y in (-half_width + 0.9, half_width - 0.9):
            if plot.may_take(x, y, 0.4, ((1.5, 0.35),)):
                site.box(Rectangle(x, y, 0.5, 0.5), 0, height, pillar)
                site.obstacles.append(Rectangle(x, y, 0.5, 0.5))

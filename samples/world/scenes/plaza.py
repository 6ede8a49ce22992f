"""An open square between houses, with shops, trees and benches; the cameras are at its edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Point, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import (
    Front,
    HouseMaterials,
    build_far_house,
    build_house,
    draw_house_materials,
)
from samples.world.scenes.daylight import LIT, daylight
from samples.world.scenes.furniture import FurnitureMaterials
from samples.world.scenes.plot import LOW, POLE, TREE, Plot
from samples.world.scenes.site import Site

HOUSE_DEPTH = 9.0  # metres
LANE_WIDTH = 4.0  # metres, of the lane behind the houses


def plaza(weather: Weather, rng: np.random.Generator, camera_count: int, size: tuple[int, int]) -> Scene:
    """Build a square of about 34 x 26 m between houses."""
    site = Site()
    half_size = (float(rng.uniform(16, 19)), float(rng.uniform(12.5, 15)))
    materials = furniture.draw_furniture_materials(site, rng, lit=LIT[weather])
    cameras = place_cameras(rng, camera_count, half_size, size, step=2 if weather == "glare" else 1)
    # in glare the low sun must reach the ground through the side that the first camera faces
    open_side = side_ahead(cameras[0]) if weather == "glare" else int(rng.integers(8))
    alleys = build_houses(site, rng, half_size, draw_house_materials(site, rng, lit=LIT[weather]), open_side)
    houses = list(site.obstacles)
    add_pavement(site, rng, half_size)
    if open_side < 4:
        plant_open_side(site, rng, half_size, open_side, alleys[open_side], materials)
    lamps = furnish(site, rng, half_size, Plot(rng, cameras, alleys), materials, LIT[weather])
    walkable = (Rectangle(0, 0, 2 * half_size[0], 2 * half_size[1]), *alleys, *back_lanes(half_size))
    entrances = tuple(place for place in alley_ends(alleys) if views.hidden(cameras, houses, place))
    ground = Ground(walkable, tuple(site.obstacles), entrances, tuple(site.seats))
    return Scene("plaza", weather, site.scenery(), daylight(weather, rng, cameras, lamps), ground, cameras)


def side_ahead(camera: Camera) -> int:
    """Return the side that a camera faces: 0 east, 1 north, 2 west, 3 south."""
    heading = np.arctan2(camera.target[1] - camera.eye[1], camera.target[0] - camera.eye[0])
    return int(np.round(heading / (np.pi / 2))) % 4


def build_houses(
    site: Site, rng: np.random.Generator, half_size: Point, materials: HouseMaterials, open_side: int
) -> list[Rectangle]:
    """Build houses on all sides except the open one; return the alleys, one through the middle part of each side.

    Sides are numbered 0 east, 1 north, 2 west, 3 south; `open_side` above 3 leaves no side open.
    """
    alleys = []
    for side in range(4):
        heading = side * np.pi / 2  # from the middle of the square to the side
        distance, length = half_size[side % 2], half_size[1 - side % 2]
        gap, alley_width = float(rng.uniform(-0.6, 0.6) * length), float(rng.uniform(3, 4.5))
        row_end = length + HOUSE_DEPTH if side % 2 else length
        if side != open_side:
            for start, end in ((row_end, gap + alley_width / 2), (gap - alley_width / 2, -row_end)):
                left = furniture.relative_point((0, 0), heading, distance, start)
                right = furniture.relative_point((0, 0), heading, distance, end)
                build_row(site, rng, left, right, materials)
        middle = furniture.relative_point((0, 0), heading, distance + HOUSE_DEPTH / 2, gap)
        alleys.append(Rectangle(*middle, length=HOUSE_DEPTH + 0.4, width=alley_width - 0.4, heading=heading))
    for side in range(4):
        distance_to_far = half_size[side % 2] + HOUSE_DEPTH + LANE_WIDTH + 7 + 14 * (side == open_side)
        for along in (-12.0, 12.0):
            heading, aside = side * np.pi / 2, along + float(rng.uniform(-3, 3))
            x, y = furniture.relative_point((0, 0), heading, distance_to_far, aside)
            place = Rectangle(x, y, length=12.0, width=float(rng.uniform(14, 22)), heading=heading)
            build_far_house(site, rng, place, materials, low=open_side == side)
    return alleys


def plant_open_side(
    site: Site,
    rng: np.random.Generator,
    half_size: Point,
    side: int,
    alley: Rectangle,
    materials: FurnitureMaterials,
) -> None:
    """Plant the open side: hedges with a path between them, and trees on grass behind."""
    heading, distance, length = side * np.pi / 2, half_size[side % 2], half_size[1 - side % 2]
    lawn = site.material(surfaces.grass(rng), 4)
    gap = float(np.dot(furniture.relative_point((0, 0), -heading, alley.x, alley.y), (0, 1)))
    path_width = alley.width
    for start, end in ((-length, gap - path_width / 2), (gap + path_width / 2, length)):
        middle, hedge_length = (start + end) / 2, end - start
        hedge = Rectangle(
            *furniture.relative_point((0, 0), heading, distance + 0.5, middle),
            length=0.8,
            width=hedge_length,
            heading=heading,
        )
        site.box(hedge, 0, 0.8, materials.hedge)
        plot = Rectangle(
            *furniture.relative_point((0, 0), heading, distance + HOUSE_DEPTH / 2 + 0.2, middle),
            length=HOUSE_DEPTH - 0.4,
            width=hedge_length,
            heading=heading,
        )
        site.box(plot, -0.1, 0.02, lawn)
        site.obstacles.append(plot)
        for _ in range(max(1, int(hedge_length / 5))):
            along = float(rng.uniform(-0.4, 0.4) * HOUSE_DEPTH)
            aside = float(rng.uniform(-0.45, 0.45) * hedge_length)
            at = furniture.relative_point((plot.x, plot.y), heading, along, aside)
            furniture.add_tree(
                site, rng, at, float(rng.uniform(5, 8)), float(rng.uniform(1.5, 2.4)), materials
            )


def build_row(
    site: Site, rng: np.random.Generator, start: Point, end: Point, materials: HouseMaterials
) -> None:
    """Build one or more houses side by side along a front from left to right."""
    row = Front(start, end)
    count = max(1, round(row.length / rng.uniform(9, 15)))
    boundaries = np.linspace(0, row.length, count + 1)
    for s0, s1 in pairwise(boundaries):
        left, right = row.at(float(s0), 0)[:2], row.at(float(s1), 0)[:2]
        front = Front((float(left[0]), float(left[1])), (float(right[0]), float(right[1])))
        build_house(site, rng, front, HOUSE_DEPTH, int(rng.integers(2, 6)), materials)


def add_pavement(site: Site, rng: np.random.Generator, half_size: Point) -> None:
    """Add the pavement of the square, sometimes with a band or stripes of another stone, and the lanes around it."""
    main = site.material(surfaces.paving(rng), 3)
    other = site.material(surfaces.paving(rng), float(rng.uniform(1.5, 3)))
    lane = site.material(surfaces.asphalt(rng), 6)
    site.floor((-90, -90), (90, 90), -0.03, lane)
    reach = (half_size[0] + HOUSE_DEPTH, half_size[1] + HOUSE_DEPTH)
    site.floor((-reach[0], -reach[1]), reach, -0.012, other)
    inset = float(rng.uniform(1.5, 3.5))
    site.floor(
        (inset - half_size[0], inset - half_size[1]), (half_size[0] - inset, half_size[1] - inset), 0, main
    )
    style = rng.integers(3)
    if style == 0:
        site.floor((-2, inset - half_size[1]), (2, half_size[1] - inset), 0.006, other)
    elif style == 1:
        for y in np.arange(-half_size[1] + 5, half_size[1] - 3, 5):
            site.floor((inset - half_size[0], y), (half_size[0] - inset, y + 0.4), 0.006, other)


def place_cameras(
    rng: np.random.Generator, count: int, half_size: Point, size: tuple[int, int], *, step: int
) -> tuple[Camera, ...]:
    """Place cameras at the corners and sides of the square, looking inward.

    The first camera is at any corner or side if `step` is 1, and at a side if it is 2.
    """
    first = int(rng.integers(8)) // step * step
    places = [(first + eighths) % 8 for eighths in (0, 3, 5, 6, 1, 4, 2, 7)][:count]
    cameras = []
    for number, place in enumerate(places):
        angle = place * np.pi / 4
        x = float(np.round(np.cos(angle)) * (half_size[0] - 1.9) + rng.uniform(-1, 1) * (place % 4 == 2) * 5)
        y = float(np.round(np.sin(angle)) * (half_size[1] - 1.9) + rng.uniform(-1, 1) * (place % 4 == 0) * 4)
        distance_ahead = float(rng.uniform(10, 14))
        distance_to_middle = float(np.hypot(x, y))
        target = (
            x * (1 - distance_ahead / distance_to_middle) + float(rng.uniform(-2, 2)),
            y * (1 - distance_ahead / distance_to_middle) + float(rng.uniform(-2, 2)),
        )
        eye = (x, y, float(rng.uniform(3.6, 6.5)))
        cameras.append(views.aimed(f"c{number + 1}", eye, target, float(rng.uniform(40, 56)), size))
    return tuple(cameras)


def furnish(
    site: Site,
    rng: np.random.Generator,
    half_size: Point,
    plot: Plot,
    materials: FurnitureMaterials,
    lit: float,
) -> list[tuple[float, float, float]]:
    """Add furniture that hides little from the cameras; return the places of the lamps."""

    def area(edge: float) -> Rectangle:
        """Return the square without `edge` metres at its borders."""
        return Rectangle(0, 0, 2 * (half_size[0] - edge), 2 * (half_size[1] - edge))

    if (at := plot.spot(area(5), 2.2, ((0.7, 1.0),))) is not None:
        add_centrepiece(site, rng, at, materials)
    if (at := plot.spot(area(3), 2.4, ((1.3, 1.7),))) is not None:
        front = site.material(pictures.shop(rng), 5, 3, glow=lit * 2)
        name = site.material(pictures.sign(rng), 3, glow=lit)
        furniture.add_kiosk(site, at, heading_to_middle(at), materials, front, name)
    for _ in range(rng.integers(5, 10)):
        if (at := plot.spot(area(1.6), 0.5, TREE)) is not None:
            furniture.add_tree(
                site, rng, at, float(rng.uniform(5.5, 8)), float(rng.uniform(1.5, 2.2)), materials
            )
    lamps = []
    for _ in range(rng.integers(3, 6)):
        if (at := plot.spot(area(1.0), 0.3, POLE)) is not None:
            lamps.append(
                furniture.add_lamp(site, at, heading_to_middle(at), float(rng.uniform(4, 5.5)), materials)
            )
    add_low_furniture(site, rng, half_size, plot, materials)
    return lamps


def add_low_furniture(
    site: Site, rng: np.random.Generator, half_size: Point, plot: Plot, materials: FurnitureMaterials
) -> None:
    """Add furniture that people can look over: benches, planters, bins and a bicycle rack."""
    area = Rectangle(0, 0, 2 * half_size[0] - 3, 2 * half_size[1] - 3)
    for _ in range(rng.integers(4, 9)):
        if (at := plot.spot(area, 1.15, LOW)) is not None:
            furniture.add_bench(site, rng, at, float(rng.integers(8) * np.pi / 4), materials)
    for _ in range(rng.integers(2, 7)):
        if (at := plot.spot(area, 1.0, LOW)) is not None:
            heading = float(rng.integers(2) * np.pi / 2)
            place = Rectangle(*at, length=float(rng.uniform(1, 2)), width=1.0, heading=heading)
            furniture.add_planter(site, rng, place, materials)
    for _ in range(rng.integers(2, 5)):
        if (at := plot.spot(area, 0.3, LOW)) is not None:
            furniture.add_bin(site, at, materials)
    if (at := plot.spot(area, 1.6, LOW)) is not None:
        furniture.add_rack(site, at, float(rng.integers(2) * np.pi / 2), int(rng.integers(3, 6)), materials)


def heading_to_middle(at: Point) -> float:
    """Return the heading from a place to the middle of the square."""
    return float(np.arctan2(-at[1], -at[0]))


def add_centrepiece(site: Site, rng: np.random.Generator, at: Point, materials: FurnitureMaterials) -> None:
    """Add a fountain, a statue or an advertising column."""
    style = rng.integers(3)
    if style == 0:
        furniture.add_fountain(site, at, materials, site.material(surfaces.plain((70, 92, 98), 150), 2))
    elif style == 1:
        furniture.add_statue(site, rng, at, materials)
    else:
        furniture.add_column(site, at, materials)


def back_lanes(half_size: Point) -> tuple[Rectangle, ...]:
    """Return the four lanes behind the houses."""
    x, y = half_size[0] + HOUSE_DEPTH + LANE_WIDTH / 2, half_size[1] + HOUSE_DEPTH + LANE_WIDTH / 2
    length, width = (
        2 * (half_size[0] + HOUSE_DEPTH + LANE_WIDTH),
        2 * (half_size[1] + HOUSE_DEPTH + LANE_WIDTH),
    )
    return (
        Rectangle(x, 0, LANE_WIDTH - 0.6, width), Rectangle(-x, 0, LANE_WIDTH - 0.6, width),
        Rectangle(0, y, length, LANE_WIDTH - 0.6), Rectangle(0, -y, length, LANE_WIDTH - 0.6),
    )  # fmt: skip


def alley_ends(alleys: list[Rectangle]) -> list[Point]:
    """Return places in the back lanes, on both sides of the end of every alley."""
    places = []
    ahead = HOUSE_DEPTH / 2 + LANE_WIDTH / 2
    for alley in alleys:
        for side in (-1, 1):
            aside = side * (alley.width / 2 + 3.5)
            places.append(furniture.relative_point((alley.x, alley.y), alley.heading, ahead, aside))
    return places

"""A car park in front of a supermarket: bays, aisles, hedges and light poles."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Lane, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import (
    Front,
    add_fitted_panel,
    add_panels,
    build_far_house,
    build_floors,
    build_shops,
    draw_house_materials,
)
from samples.world.scenes.daylight import LIT, daylight
from samples.world.scenes.furniture import FurnitureMaterials
from samples.world.scenes.plot import POLE, TREE, Plot
from samples.world.scenes.site import Material, Site

BAY_WIDTH, BAY_DEPTH, AISLE_WIDTH = 2.5, 5.0, 6.0  # metres
MIDDLE = BAY_DEPTH + AISLE_WIDTH / 2 + 0.6  # metres from the middle line of the car park to that of an aisle
EDGE = MIDDLE + AISLE_WIDTH / 2 + BAY_DEPTH  # metres from the middle line to the ends of the outer bays


def carpark(weather: Weather, rng: np.random.Generator, camera_count: int, size: tuple[int, int]) -> Scene:
    """Build four rows of bays along two aisles, with a supermarket along one side."""
    site = Site()
    count = int(rng.integers(12, 17))
    half_length = count * BAY_WIDTH / 2
    materials = furniture.draw_furniture_materials(site, rng, lit=LIT[weather])
    cameras = place_cameras(rng, camera_count, half_length, size)
    bays = mark_bays(site, rng, count)
    build_market(site, rng, half_length, LIT[weather])
    lamps = furnish(site, rng, half_length, Plot(rng, cameras, ()), materials)
    large_obstacles = [block for block in site.obstacles if min(block.length, block.width) > 5]
    shop_y = EDGE + 6.0
    walkable = (
        Rectangle(0, 0, 2 * half_length + 8, 2 * EDGE + 0.2),
        Rectangle(0, EDGE + 3, 2 * half_length + 26, 5.4),
        Rectangle(-half_length - 10, shop_y + 9, 5.0, 26),
        Rectangle(half_length + 10, shop_y + 9, 5.0, 26),
        Rectangle(0, shop_y + 18, 2 * half_length + 24, 5.0),
    )
    candidates = [(x * half_length, shop_y + 18.0) for x in (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)]
    entrances = tuple(place for place in candidates if views.hidden(cameras, large_obstacles, place))
    lane_end = half_length + 60
    lanes = (
        Lane(((-lane_end, -MIDDLE), (lane_end, -MIDDLE))),
        Lane(((lane_end, MIDDLE), (-lane_end, MIDDLE))),
    )
    ground = Ground(walkable, tuple(site.obstacles), entrances, tuple(site.seats), lanes, tuple(bays))
    return Scene("carpark", weather, site.scenery(), daylight(weather, rng, cameras, lamps), ground, cameras)


def place_cameras(
    rng: np.random.Generator, count: int, half_length: float, size: tuple[int, int]
) -> tuple[Camera, ...]:
    """Place cameras at the corners and at both ends, looking along the rows and across them."""
    places = [(-1, 1), (1, -1), (1, 1), (-1, -1), (-1, 0), (1, 0)]
    first = int(rng.integers(4))
    order = [*(places[(first + i) % 4] for i in range(4)), *places[4:]][:count]
    cameras = []
    for number, (x_side, y_side) in enumerate(order):
        eye = (
            x_side * (half_length - rng.uniform(0, 5)),
            y_side * (EDGE + 0.4),
            float(rng.uniform(4.6, 6.8)),
        )
        if y_side == 0:
            eye = (x_side * (half_length + 3.4), 0.0, eye[2])
        distance = float(rng.uniform(10, 13))
        heading = np.arctan2(-eye[1], -eye[0]) + float(rng.uniform(-0.25, 0.25))
        target = (float(eye[0] + distance * np.cos(heading)), float(eye[1] + distance * np.sin(heading)))
        cameras.append(views.aimed(f"c{number + 1}", eye, target, float(rng.uniform(42, 56)), size))
    return tuple(cameras)


def mark_bays(site: Site, rng: np.random.Generator, count: int) -> list[Rectangle]:
    """Add asphalt, the lines of the bays and the arrows of the aisles; return the bays."""
    half_length = count * BAY_WIDTH / 2
    asphalt, green = site.material(surfaces.asphalt(rng), 6), site.material(surfaces.grass(rng), 4)
    path = site.material(surfaces.paving(rng), 3)
    white = site.material(surfaces.finished(surfaces.grained(rng, (212, 212, 204), stains=22, grain=12)), 1)
    site.floor((-140, -140), (140, 140), -0.05, green)
    site.floor((-half_length - 5, -EDGE - 0.5), (half_length + 5, EDGE + 0.5), 0, asphalt)
    for y in (-MIDDLE, MIDDLE):
        site.floor((-140, y - AISLE_WIDTH / 2), (140, y + AISLE_WIDTH / 2), -0.01, asphalt)
    site.floor((-half_length - 13, EDGE + 0.3), (half_length + 13, EDGE + 6), -0.02, path)
    site.floor((-half_length - 13, EDGE + 6), (half_length + 13, EDGE + 28), -0.03, asphalt)
    bays = []
    for inner, outer in ((0.6, BAY_DEPTH + 0.6), (EDGE - BAY_DEPTH, EDGE)):
        for side in (-1, 1):
            y0, y1 = sorted((side * inner, side * outer))
            front_side = -side if inner < 1 else side
            for line in range(count + 1):
                x = line * BAY_WIDTH - half_length
                site.floor((x - 0.05, y0), (x + 0.05, y1), 0.004, white)
                if line < count:
                    heading = float(front_side * np.pi / 2)
                    bays.append(Rectangle(x + BAY_WIDTH / 2, (y0 + y1) / 2, BAY_DEPTH, BAY_WIDTH, heading))
    for side in (-1, 1):
        for x in (-half_length / 2, half_length / 2):
            paint_arrow(site, x, side * MIDDLE, -side, white)
    return bays


def paint_arrow(site: Site, x: float, y: float, direction: int, white: Material) -> None:
    """Paint an arrow that points along +x (`direction` 1) or -x (`direction` -1)."""
    site.floor((x - 1.0, y - 0.09), (x + 0.6, y + 0.09), 0.004, white)
    tip = np.array([(0.6, -0.35, 0.004), (1.5, 0, 0.004), (1.5, 0, 0.004), (0.6, 0.35, 0.004)])
    site.quads([(tip * (direction, direction, 1)) + (x, y, 0)], [[(0, 0), (1, 0), (1, 1), (0, 1)]], white)


def build_market(site: Site, rng: np.random.Generator, half_length: float, lit: float) -> None:
    """Build the supermarket and houses in the distance."""
    materials = draw_house_materials(site, rng, lit=lit)
    wall = materials.walls[rng.integers(len(materials.walls))]
    trim = materials.trims[rng.integers(len(materials.trims))]
    front = Front((-half_length - 6, EDGE + 6), (half_length + 6, EDGE + 6))
    build_shops(
        site,
        rng,
        front,
        wall=wall,
        trim=trim,
        fronts=materials.shops,
        signs=materials.signs,
        awning=materials.awnings[0],
    )
    top = 6.0
    if rng.random() < 0.5:
        floors = int(rng.integers(1, 3))
        top = build_floors(site, rng, front, 3.7, floors, wall=wall, glass=materials.glass[0], trim=trim)
    else:
        add_panels(site, front, [(0, 3.7, front.length, top)], 0, wall)
        row = (front.length / 2 - 3.2, 4.2, front.length / 2 + 3.2, 5.6)
        add_fitted_panel(site, front, row, 0.1, materials.signs[0])
    place = Rectangle(0, EDGE + 10.7, 2 * half_length + 12, 9.0)
    site.box(Rectangle(0, EDGE + 10.85, 2 * half_length + 12, 8.9), 0, top, wall, top=materials.roof)
    site.obstacles.append(place)
    for side in (-1, 1):
        for y in np.arange(-60.0, 61, 20):
            place = Rectangle(
                side * (half_length + float(rng.uniform(48, 70))), float(y), 12.0, float(rng.uniform(9, 17))
            )
            if min(abs(abs(y) - MIDDLE), abs(y)) > 2 and rng.random() < 0.75:
                build_far_house(site, rng, place, materials)
    for x in np.arange(-80.0, 81, 26):
        place = Rectangle(float(x), -float(rng.uniform(46, 64)), float(rng.uniform(12, 22)), 12)
        build_far_house(site, rng, place, materials)


def furnish(
    site: Site, rng: np.random.Generator, half_length: float, plot: Plot, materials: FurnitureMaterials
) -> list[tuple[float, float, float]]:
    """Add a kerb, hedges, trees, light poles and a sign; return the places of the lamps."""
    kerb = site.material(surfaces.concrete(rng), 3)
    site.box(Rectangle(0, 0, 2 * half_length, 1.1), 0, 0.1, kerb)
    hedge_height = float(rng.uniform(0.7, 1.2))
    lamps = []
    for x in np.linspace(-half_length + 2, half_length - 2, 5):
        if plot.may_take(float(x), 0.0, 0.4, POLE):
            heading = float(rng.choice([-1, 1]) * np.pi / 2)
            lamps.append(furniture.add_lamp(site, (float(x), 0.0), heading, 6.0, materials))
    for _ in range(8):
        if (at := plot.spot(Rectangle(0, 0, 2 * half_length - 2, 0.1), 0.6, TREE)) is not None:
            furniture.add_tree(
                site, rng, at, float(rng.uniform(5, 6.5)), float(rng.uniform(1.2, 1.7)), materials
            )
    site.obstacles.append(Rectangle(0, 0, 2 * half_length, 1.1))
    hedge = Rectangle(0, -EDGE - 0.6, 2 * half_length + 6, 0.8)
    site.box(hedge, 0, hedge_height, materials.hedge)
    site.obstacles.append(hedge)
    for x in np.arange(-half_length, half_length, 4.5):
        at = (float(x + rng.uniform(-1, 1)), -EDGE - 3 - float(rng.uniform(0, 6)))
        furniture.add_tree(site, rng, at, float(rng.uniform(5, 9)), float(rng.uniform(1.5, 2.6)), materials)
    for side in (-1, 1):
        for y in np.arange(-34.0, 34, 8.5):
            at = (side * (half_length + float(rng.uniform(18, 26))), float(y))
            if abs(abs(y) - MIDDLE) > 5:
                furniture.add_tree(
                    site, rng, at, float(rng.uniform(5, 9)), float(rng.uniform(1.5, 2.6)), materials
                )
    sign = site.material(pictures.sign(rng), 4, 1)
    site.wall((half_length + 4.5, EDGE - 1), (half_length + 4.5, EDGE - 5), 2.5, 3.5, sign, fit=True)
    for y in (EDGE - 1.2, EDGE - 4.8):
        site.pole((half_length + 4.55, y), 0, 3.5, 0.06, materials.metal)
        site.obstacles.append(Rectangle(half_length + 4.55, y, 0.12, 0.12))
    return lamps

"""A road between two pavements; the cameras watch separate stretches, so that people disappear between them."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Lane, Rectangle, Scene, Weather
from samples.world.scenes import furniture, surfaces, views
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

HOUSE_DEPTH = 10.0  # metres
SPACING = 36.0  # metres from one watched stretch to the next
HALF_LENGTH = 62.0  # metres from the middle to each end of the pavements


def road(weather: Weather, rng: np.random.Generator, camera_count: int, size: tuple[int, int]) -> Scene:
    """Build a street of 124 m; up to three stretches of it are watched."""
    site = Site()
    kerb_y, house_y = 3.5, float(rng.uniform(7.2, 8.6))
    materials = furniture.draw_furniture_materials(site, rng, lit=LIT[weather])
    cameras = place_cameras(rng, camera_count, size)
    low_houses = weather == "glare"
    build_rows(site, rng, house_y, draw_house_materials(site, rng, lit=LIT[weather]), low_houses)
    add_road(site, rng, kerb_y, house_y)
    lamps = furnish(site, rng, kerb_y, house_y, Plot(rng, cameras, ()), materials)
    houses = [block for block in site.obstacles if block.length > 5]
    middle, width = (kerb_y + house_y) / 2, house_y - kerb_y - 0.3
    walkable = [Rectangle(0, side * middle, 2 * HALF_LENGTH, width) for side in (-1, 1)]
    walkable += [
        Rectangle(x, 0, 4.0, 2 * house_y - 0.4)
        for x in (-1.5 * SPACING, -0.5 * SPACING, 0.5 * SPACING, 1.5 * SPACING)
    ]
    ends = [
        (x, side * middle)
        for x in (1 - HALF_LENGTH, HALF_LENGTH - 1, -0.5 * SPACING, 0.5 * SPACING)
        for side in (-1, 1)
    ]
    entrances = tuple(place for place in ends if views.hidden(cameras, houses, place))
    lanes = (Lane(((-110.0, -1.75), (110.0, -1.75))), Lane(((110.0, 1.75), (-110.0, 1.75))))
    ground = Ground(tuple(walkable), tuple(site.obstacles), entrances, tuple(site.seats), lanes)
    return Scene("street", weather, site.scenery(), daylight(weather, rng, cameras, lamps), ground, cameras)


def place_cameras(rng: np.random.Generator, count: int, size: tuple[int, int]) -> tuple[Camera, ...]:
    """Place a camera at each stretch, looking across the road; cameras 4 to 6 look back from the other side."""
    cameras = []
    first_side = float(rng.choice([-1, 1]))
    for number in range(count):
        side = first_side * (-1) ** (number + number // 3)
        x = (number % 3 - 1) * SPACING + float(rng.uniform(-1.5, 1.5))
        ahead = float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.6))
        eye = (x - ahead, side * float(rng.uniform(3.0, 4.2)), float(rng.uniform(3.6, 5.0)))
        target = (x + ahead, -side * float(rng.uniform(3.2, 4.4)))
        cameras.append(views.aimed(f"c{number + 1}", eye, target, float(rng.uniform(40, 50)), size))
    return tuple(cameras)


def build_rows(
    site: Site, rng: np.random.Generator, house_y: float, materials: HouseMaterials, low: bool
) -> None:
    """Build adjoining houses along both sides, and one house across each distant end.

    `house_y` is the y of the fronts; with `low` the houses have at most one floor above the shops.
    """
    for side in (-1, 1):
        x = -HALF_LENGTH - 24.0
        while x < HALF_LENGTH + 24:
            width = float(rng.uniform(8, 15))
            left, right = (x, x + width) if side > 0 else (x + width, x)
            front = Front((left, side * house_y), (right, side * house_y))
            floors = int(rng.integers(0, 2)) if low else int(rng.integers(1, 6))
            build_house(site, rng, front, HOUSE_DEPTH, floors, materials)
            x += width
    for x in (-HALF_LENGTH - 60, HALF_LENGTH + 60):
        build_far_house(site, rng, Rectangle(x, 0, 12, 60), materials)


def add_road(site: Site, rng: np.random.Generator, kerb_y: float, house_y: float) -> None:
    """Add the road with its lines and crossings, the kerbs and the pavements."""
    asphalt = site.material(surfaces.asphalt(rng), 6)
    paving = site.material(surfaces.paving(rng), float(rng.uniform(2, 3)))
    kerb_stone = site.material(surfaces.concrete(rng), 3)
    white = site.material(surfaces.finished(surfaces.grained(rng, (205, 205, 198), stains=14, grain=10)), 1)
    half_length = HALF_LENGTH + 60
    site.floor((-half_length, -40), (half_length, 40), -0.02, asphalt)
    for side in (-1, 1):
        inner, outer = sorted((side * kerb_y, side * (house_y + 0.5)))
        site.floor((-half_length, inner), (half_length, outer), 0, paving)
        site.box(Rectangle(0, side * kerb_y, 2 * half_length, 0.22), -0.02, 0.035, kerb_stone)
        site.floor(
            (-half_length, side * (kerb_y - 0.4) - 0.05),
            (half_length, side * (kerb_y - 0.4) + 0.05),
            -0.012,
            white,
        )
    for x in np.arange(-half_length, half_length, 6.0):
        site.floor((x, -0.06), (x + 3, 0.06), -0.012, white)
    for x in (-1.0, 1.0):
        middle = x * 0.5 * SPACING
        for y in np.arange(-kerb_y + 0.6, kerb_y - 0.5, 1.0):
            site.floor((middle - 1.5, y), (middle + 1.5, y + 0.5), -0.008, white)


def furnish(
    site: Site,
    rng: np.random.Generator,
    kerb_y: float,
    house_y: float,
    plot: Plot,
    materials: FurnitureMaterials,
) -> list[tuple[float, float, float]]:
    """Add furniture along the kerbs and the houses; return the places of the lamps, nearest to a camera first."""
    lamps = []
    for side in (-1, 1):
        kerb_strip = Rectangle(0, side * (kerb_y + 0.75), 2 * HALF_LENGTH - 8, 0.3)
        for x in np.arange(-HALF_LENGTH + 4, HALF_LENGTH - 4, 17.0):
            post = (float(x + rng.uniform(-3, 3)), kerb_strip.y)
            if plot.may_take(post[0], post[1], 0.4, POLE):
                lamps.append(
                    furniture.add_lamp(site, post, -side * np.pi / 2, float(rng.uniform(5, 6)), materials)
                )
        for _ in range(16):
            if (at := plot.spot(kerb_strip, 0.5, TREE)) is not None:
                furniture.add_tree(
                    site, rng, at, float(rng.uniform(5.5, 7.5)), float(rng.uniform(1.3, 1.9)), materials
                )
        furnish_kerb(site, rng, kerb_strip, side, plot, materials)
        for _ in range(6):
            wall = Rectangle(0, side * (house_y - 0.45), 2 * HALF_LENGTH - 8, 0.1)
            if (at := plot.spot(wall, 1.0, LOW)) is not None:
                furniture.add_planter(
                    site, rng, Rectangle(*at, length=float(rng.uniform(0.8, 1.6)), width=0.5), materials
                )
    camera_xs = [camera.eye[0] for camera in plot.cameras]
    return sorted(lamps, key=lambda lamp: min(abs(lamp[0] - x) for x in camera_xs))


def furnish_kerb(
    site: Site,
    rng: np.random.Generator,
    kerb_strip: Rectangle,
    side: int,
    plot: Plot,
    materials: FurnitureMaterials,
) -> None:
    """Add benches, bins, bicycle racks and bollards between the trees of one side."""
    for _ in range(10):
        if (spot := plot.spot(kerb_strip, 1.1, LOW)) is not None:
            furniture.add_bench(site, rng, (spot[0], spot[1] + side * 0.1), side * np.pi / 2, materials)
    for _ in range(8):
        if (spot := plot.spot(kerb_strip, 0.4, LOW)) is not None:
            furniture.add_bin(site, spot, materials)
    for _ in range(4):
        if (spot := plot.spot(kerb_strip, 1.6, LOW)) is not None:
            furniture.add_rack(site, spot, 0.0, 2, materials)
    for _ in range(14):
        if (spot := plot.spot(kerb_strip, 0.3, LOW)) is not None:
            furniture.add_bollard(site, spot, materials)

"""A car park before a supermarket: bays, aisles to drive on, hedges and light poles."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Lane, Rectangle, Scene, Weather
from samples.world.scenes import furniture, pictures, surfaces, views
from samples.world.scenes.building import Front, far_house, fitted, panels, shops, street, windows
from samples.world.scenes.daylight import LIT, daylight
from samples.world.scenes.furniture import Stuff
from samples.world.scenes.plot import POLE, TREE, Plot
from samples.world.scenes.site import Material, Site

BAY, DEEP, AISLE = 2.5, 5.0, 6.0  # metres: a bay's width and depth, an aisle's width
MIDDLE = DEEP + AISLE / 2 + 0.6  # metres from the middle line to an aisle's
EDGE = MIDDLE + AISLE / 2 + DEEP  # metres from the middle line to the outer bays' ends


def carpark(weather: Weather, rng: np.random.Generator, cameras: int, size: tuple[int, int]) -> Scene:
    """Build four rows of bays along two aisles, with a shop behind one end of the rows."""
    site = Site()
    count = int(rng.integers(12, 17))
    half = count * BAY / 2
    kit = furniture.stuff(site, rng, lit=LIT[weather])
    watching = hung(rng, cameras, half, size)
    bays = marked(site, rng, count)
    market(site, rng, half, LIT[weather])
    lamps = planted(site, rng, half, Plot(rng, watching, ()), kit)
    blocks = [block for block in site.obstacles if min(block.length, block.width) > 5]
    shop = EDGE + 6.0
    walkable = (
        Rectangle(0, 0, 2 * half + 8, 2 * EDGE + 0.2), Rectangle(0, EDGE + 3, 2 * half + 26, 5.4),
        *(Rectangle(side * (half + 10), shop + 9, 5.0, 26) for side in (-1, 1)), Rectangle(0, shop + 18, 2 * half + 24, 5.0),
    )  # fmt: skip
    spots = [(x * half, shop + 18.0) for x in (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)]
    entrances = tuple(p for p in spots if views.hidden(watching, blocks, p))
    reach = half + 60
    lanes = (Lane(((-reach, -MIDDLE), (reach, -MIDDLE))), Lane(((reach, MIDDLE), (-reach, MIDDLE))))
    ground = Ground(walkable, tuple(site.obstacles), entrances, tuple(site.seats), lanes, tuple(bays))
    return Scene(
        "carpark", weather, site.scenery(), daylight(weather, rng, watching, lamps), ground, watching
    )


def hung(rng: np.random.Generator, count: int, half: float, size: tuple[int, int]) -> tuple[Camera, ...]:
    """Hang cameras at the corners and at both ends, looking along the rows and across them."""
    places = [(-1, 1), (1, -1), (1, 1), (-1, -1), (-1, 0), (1, 0)]
    first = int(rng.integers(4))
    order = [*(places[(first + i) % 4] for i in range(4)), *places[4:]][:count]
    found = []
    for number, (across, up) in enumerate(order):
        eye = (across * (half - rng.uniform(0, 5)), up * (EDGE + 0.4), float(rng.uniform(4.6, 6.8)))
        if up == 0:
            eye = (across * (half + 3.4), 0.0, eye[2])
        reach = float(rng.uniform(10, 13))
        way = np.arctan2(-eye[1], -eye[0]) + float(rng.uniform(-0.25, 0.25))
        at = (float(eye[0] + reach * np.cos(way)), float(eye[1] + reach * np.sin(way)))
        found.append(views.aimed(f"c{number + 1}", eye, at, float(rng.uniform(42, 56)), size))
    return tuple(found)


def marked(site: Site, rng: np.random.Generator, count: int) -> list[Rectangle]:
    """Lay asphalt, paint the bays' lines and the aisles' arrows; returns the bays."""
    half = count * BAY / 2
    asphalt, green = site.material(surfaces.asphalt(rng), 6), site.material(surfaces.grass(rng), 4)
    path = site.material(surfaces.paving(rng), 3)
    white = site.material(surfaces.finished(surfaces.grained(rng, (212, 212, 204), stains=22, grain=12)), 1)
    site.floor((-140, -140), (140, 140), -0.05, green)
    site.floor((-half - 5, -EDGE - 0.5), (half + 5, EDGE + 0.5), 0, asphalt)
    for y in (-MIDDLE, MIDDLE):
        site.floor((-140, y - AISLE / 2), (140, y + AISLE / 2), -0.01, asphalt)
    site.floor((-half - 13, EDGE + 0.3), (half + 13, EDGE + 6), -0.02, path)
    site.floor((-half - 13, EDGE + 6), (half + 13, EDGE + 28), -0.03, asphalt)
    found = []
    for inner, outer in ((0.6, DEEP + 0.6), (EDGE - DEEP, EDGE)):
        for side in (-1, 1):
            y0, y1 = sorted((side * inner, side * outer))
            nose = -side if inner < 1 else side
            for i in range(count + 1):
                x = i * BAY - half
                site.floor((x - 0.05, y0), (x + 0.05, y1), 0.004, white)
                if i < count:
                    found.append(Rectangle(x + BAY / 2, (y0 + y1) / 2, DEEP, BAY, float(nose * np.pi / 2)))
    for side in (-1, 1):
        for x in (-half / 2, half / 2):
            arrow(site, x, side * MIDDLE, -side, white)
    return found


def arrow(site: Site, x: float, y: float, way: int, white: Material) -> None:
    """Paint an arrow along the x axis."""
    site.floor((x - 1.0, y - 0.09), (x + 0.6, y + 0.09), 0.004, white)
    tip = np.array([(0.6, -0.35, 0.004), (1.5, 0, 0.004), (1.5, 0, 0.004), (0.6, 0.35, 0.004)])
    site.quads([(tip * (way, way, 1)) + (x, y, 0)], [[(0, 0), (1, 0), (1, 1), (0, 1)]], white)


def market(site: Site, rng: np.random.Generator, half: float, lit: float) -> None:
    """Build the supermarket, and houses in the distance."""
    kit = street(site, rng, lit=lit)
    wall, trim = kit.walls[rng.integers(len(kit.walls))], kit.trims[rng.integers(len(kit.trims))]
    front = Front((-half - 6, EDGE + 6), (half + 6, EDGE + 6))
    shops(site, rng, front, wall, trim, kit.shops, kit.signs, kit.awnings[0])
    top = 6.0
    if rng.random() < 0.5:
        top = windows(site, rng, front, 3.7, int(rng.integers(1, 3)), wall, kit.glass[0], trim)
    else:
        panels(site, front, [(0, 3.7, front.length, top)], 0, wall)
        fitted(site, front, (front.length / 2 - 3.2, 4.2, front.length / 2 + 3.2, 5.6), 0.1, kit.signs[0])
    place = Rectangle(0, EDGE + 10.7, 2 * half + 12, 9.0)
    site.box(Rectangle(0, EDGE + 10.85, 2 * half + 12, 8.9), 0, top, wall, top=kit.roof)
    site.obstacles.append(place)
    for side in (-1, 1):
        for y in np.arange(-60.0, 61, 20):
            place = Rectangle(
                side * (half + float(rng.uniform(48, 70))), float(y), 12.0, float(rng.uniform(9, 17))
            )
            if min(abs(abs(y) - MIDDLE), abs(y)) > 2 and rng.random() < 0.75:
                far_house(site, rng, place, kit)
    for x in np.arange(-80.0, 81, 26):
        far_house(
            site, rng, Rectangle(float(x), -float(rng.uniform(46, 64)), float(rng.uniform(12, 22)), 12), kit
        )


def planted(
    site: Site, rng: np.random.Generator, half: float, plot: Plot, kit: Stuff
) -> list[tuple[float, float, float]]:
    """Set kerbs, hedges, trees, light poles, and a shelter's posters; returns the lamps."""
    kerb = site.material(surfaces.concrete(rng), 3)
    site.box(Rectangle(0, 0, 2 * half, 1.1), 0, 0.1, kerb)
    high = float(rng.uniform(0.7, 1.2))
    lamps = []
    for x in np.linspace(-half + 2, half - 2, 5):
        if plot.may_take(float(x), 0.0, 0.4, POLE):
            lamps.append(
                furniture.lamp(site, (float(x), 0.0), float(rng.choice([-1, 1]) * np.pi / 2), 6.0, kit)
            )
    for _ in range(8):
        if (at := plot.spot(Rectangle(0, 0, 2 * half - 2, 0.1), 0.6, TREE)) is not None:
            furniture.tree(site, rng, at, float(rng.uniform(5, 6.5)), float(rng.uniform(1.2, 1.7)), kit)
    site.obstacles.append(Rectangle(0, 0, 2 * half, 1.1))
    south = Rectangle(0, -EDGE - 0.6, 2 * half + 6, 0.8)
    site.box(south, 0, high, kit.hedge)
    site.obstacles.append(south)
    for x in np.arange(-half, half, 4.5):
        at = (float(x + rng.uniform(-1, 1)), -EDGE - 3 - float(rng.uniform(0, 6)))
        furniture.tree(site, rng, at, float(rng.uniform(5, 9)), float(rng.uniform(1.5, 2.6)), kit)
    for side in (-1, 1):
        for y in np.arange(-34.0, 34, 8.5):
            at = (side * (half + float(rng.uniform(18, 26))), float(y))
            if abs(abs(y) - MIDDLE) > 5:
                furniture.tree(site, rng, at, float(rng.uniform(5, 9)), float(rng.uniform(1.5, 2.6)), kit)
    board = site.material(pictures.sign(rng), 4, 1)
    site.wall((half + 4.5, EDGE - 1), (half + 4.5, EDGE - 5), 2.5, 3.5, board, fit=True)
    for y in (EDGE - 1.2, EDGE - 4.8):
        site.pole((half + 4.55, y), 0, 3.5, 0.06, kit.metal)
        site.obstacles.append(Rectangle(half + 4.55, y, 0.12, 0.12))
    return lamps

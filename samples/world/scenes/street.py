"""A road between two pavements, watched at separate stretches: people vanish between one camera and the next."""

from __future__ import annotations

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Ground, Lane, Rectangle, Scene, Weather
from samples.world.scenes import furniture, surfaces, views
from samples.world.scenes.building import Front, Street, far_house, house, street
from samples.world.scenes.daylight import LIT, daylight
from samples.world.scenes.furniture import Stuff
from samples.world.scenes.plot import LOW, POLE, TREE, Plot
from samples.world.scenes.site import Site

DEEP = 10.0  # metres from a house's front to its back
APART = 36.0  # metres from one watched stretch to the next
HALF = 62.0  # metres from the middle to either end of the pavements


def road(weather: Weather, rng: np.random.Generator, cameras: int, size: tuple[int, int]) -> Scene:
    """Build a street of 124 m with up to three watched stretches."""
    site = Site()
    kerb, edge = 3.5, float(rng.uniform(7.2, 8.6))
    kit = furniture.stuff(site, rng, lit=LIT[weather])
    watching = hung(rng, cameras, size)
    low = weather == "glare"
    rows(site, rng, edge, street(site, rng, lit=LIT[weather]), low)
    pave(site, rng, kerb, edge)
    lamps = furnished(site, rng, kerb, edge, Plot(rng, watching, ()), kit)
    blocks = [block for block in site.obstacles if block.length > 5]
    middle, wide = (kerb + edge) / 2, edge - kerb - 0.3
    walkable = [Rectangle(0, side * middle, 2 * HALF, wide) for side in (-1, 1)]
    walkable += [
        Rectangle(x, 0, 4.0, 2 * edge - 0.4) for x in (-1.5 * APART, -0.5 * APART, 0.5 * APART, 1.5 * APART)
    ]
    ends = [(x, side * middle) for x in (1 - HALF, HALF - 1, -0.5 * APART, 0.5 * APART) for side in (-1, 1)]
    entrances = tuple(p for p in ends if views.hidden(watching, blocks, p))
    lanes = (Lane(((-110.0, -1.75), (110.0, -1.75))), Lane(((110.0, 1.75), (-110.0, 1.75))))
    ground = Ground(tuple(walkable), tuple(site.obstacles), entrances, tuple(site.seats), lanes)
    return Scene("street", weather, site.scenery(), daylight(weather, rng, watching, lamps), ground, watching)


def hung(rng: np.random.Generator, count: int, size: tuple[int, int]) -> tuple[Camera, ...]:
    """Hang a camera at each stretch, looking across the road; the fourth to sixth look back from the other side."""
    found = []
    first = float(rng.choice([-1, 1]))
    for number in range(count):
        side = first * (-1) ** (number + number // 3)
        x = (number % 3 - 1) * APART + float(rng.uniform(-1.5, 1.5))
        ahead = float(rng.choice([-1, 1]) * rng.uniform(0.4, 1.6))
        eye = (x - ahead, side * float(rng.uniform(3.0, 4.2)), float(rng.uniform(3.6, 5.0)))
        at = (x + ahead, -side * float(rng.uniform(3.2, 4.4)))
        found.append(views.aimed(f"c{number + 1}", eye, at, float(rng.uniform(40, 50)), size))
    return tuple(found)


def rows(site: Site, rng: np.random.Generator, edge: float, kit: Street, low: bool) -> None:
    """Build houses along both sides, wall to wall, and one across either end far away."""
    for side in (-1, 1):
        x = -HALF - 24.0
        while x < HALF + 24:
            wide = float(rng.uniform(8, 15))
            ends = ((x, edge), (x + wide, edge)) if side > 0 else ((x + wide, -edge), (x, -edge))
            floors = int(rng.integers(0, 2)) if low else int(rng.integers(1, 6))
            house(site, rng, Front(*ends), DEEP, floors, kit)
            x += wide
    for x in (-HALF - 60, HALF + 60):
        far_house(site, rng, Rectangle(x, 0, 12, 60), kit)


def pave(site: Site, rng: np.random.Generator, kerb: float, edge: float) -> None:
    """Lay the road with its lines, the kerbs and the pavements."""
    asphalt = site.material(surfaces.asphalt(rng), 6)
    stone = site.material(surfaces.paving(rng), float(rng.uniform(2, 3)))
    border = site.material(surfaces.concrete(rng), 3)
    white = site.material(surfaces.finished(surfaces.grained(rng, (205, 205, 198), stains=14, grain=10)), 1)
    long = HALF + 60
    site.floor((-long, -40), (long, 40), -0.02, asphalt)
    for side in (-1, 1):
        inner, outer = sorted((side * kerb, side * (edge + 0.5)))
        site.floor((-long, inner), (long, outer), 0, stone)
        site.box(Rectangle(0, side * kerb, 2 * long, 0.22), -0.02, 0.035, border)
        site.floor((-long, side * (kerb - 0.4) - 0.05), (long, side * (kerb - 0.4) + 0.05), -0.012, white)
    for x in np.arange(-long, long, 6.0):
        site.floor((x, -0.06), (x + 3, 0.06), -0.012, white)
    for x in (-1.0, 1.0):
        middle = x * 0.5 * APART
        for y in np.arange(-kerb + 0.6, kerb - 0.5, 1.0):
            site.floor((middle - 1.5, y), (middle + 1.5, y + 0.5), -0.008, white)


def furnished(
    site: Site, rng: np.random.Generator, kerb: float, edge: float, plot: Plot, kit: Stuff
) -> list[tuple[float, float, float]]:
    """Plant trees and set lamps, benches, bins, racks and bollards along the kerbs; returns the lamps."""
    lamps = []
    for side in (-1, 1):
        along = Rectangle(0, side * (kerb + 0.75), 2 * HALF - 8, 0.3)
        for x in np.arange(-HALF + 4, HALF - 4, 17.0):
            post = (float(x + rng.uniform(-3, 3)), along.y)
            if plot.may_take(*post, 0.4, POLE):
                lamps.append(furniture.lamp(site, post, -side * np.pi / 2, float(rng.uniform(5, 6)), kit))
        for _ in range(16):
            if (at := plot.spot(along, 0.5, TREE)) is not None:
                furniture.tree(site, rng, at, float(rng.uniform(5.5, 7.5)), float(rng.uniform(1.3, 1.9)), kit)
        furniture_row(site, rng, along, side, plot, kit)
        for _ in range(6):
            wall = Rectangle(0, side * (edge - 0.45), 2 * HALF - 8, 0.1)
            if (at := plot.spot(wall, 1.0, LOW)) is not None:
                furniture.planter(site, rng, Rectangle(*at, float(rng.uniform(0.8, 1.6)), 0.5), kit)
    near = [c.eye[0] for c in plot.cameras]
    return sorted(lamps, key=lambda lamp: min(abs(lamp[0] - x) for x in near))


def furniture_row(
    site: Site, rng: np.random.Generator, along: Rectangle, side: int, plot: Plot, kit: Stuff
) -> None:
    """Set small things between the trees of one side."""
    for _ in range(10):
        if (spot := plot.spot(along, 1.1, LOW)) is not None:
            furniture.bench(site, rng, (spot[0], spot[1] + side * 0.1), side * np.pi / 2, kit)
    for _ in range(8):
        if (spot := plot.spot(along, 0.4, LOW)) is not None:
            furniture.bin_(site, spot, kit)
    for _ in range(4):
        if (spot := plot.spot(along, 1.6, LOW)) is not None:
            furniture.rack(site, spot, 0.0, 2, kit)
    for _ in range(14):
        if (spot := plot.spot(along, 0.3, LOW)) is not None:
            furniture.bollard(site, spot, kit)

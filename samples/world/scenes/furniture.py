"""What stands on a square: trees, benches, planters, lamps, bins, statues, kiosks, fountains, racks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.world.scene import Point, Rectangle, Seat
from samples.world.scenes import pictures, surfaces
from samples.world.scenes.site import Material, Site


@dataclass(frozen=True)
class Stuff:
    """The materials that a scene's furniture shares."""

    wood: Material
    metal: Material
    stone: Material
    bark: Material
    twigs: Material
    hedge: Material
    poster: Material
    paint: Material
    bulb: Material


def stuff(site: Site, rng: np.random.Generator, *, lit: float) -> Stuff:
    """Choose a scene's materials; its lamps glow by `lit`."""
    return Stuff(
        wood=site.material(surfaces.planks(rng), 0.6),
        metal=site.material(surfaces.metal(rng), 1),
        stone=site.material(surfaces.concrete(rng), 3),
        bark=site.material(surfaces.bark(rng), 0.8),
        twigs=site.material(surfaces.leaves(rng), 1),
        hedge=site.material(surfaces.hedge(rng), 1.5),
        poster=site.material(pictures.poster(rng), 1, glow=lit),
        paint=site.material(
            surfaces.finished(surfaces.grained(rng, pictures.vivid(rng), stains=6, grain=3)), 2
        ),
        bulb=site.material(surfaces.plain((255, 238, 205), 130), 1, glow=lit * 5),
    )


def turned(at: Point, heading: float, along: float, aside: float) -> Point:
    """Find the point `along` ahead and `aside` to the left of a place."""
    c, s = float(np.cos(heading)), float(np.sin(heading))
    return at[0] + c * along - s * aside, at[1] + s * along + c * aside


def tree(site: Site, rng: np.random.Generator, at: Point, height: float, crown: float, kit: Stuff) -> None:
    """Grow a tree: a trunk, branches, and twigs in clusters whose normals follow the crown."""
    fork = height * rng.uniform(0.34, 0.42)
    lean = rng.normal(0, 0.12, 2)
    base = np.array((*at, 0.0))
    top = base + np.array((*lean, fork))
    site.tube([base, base + np.array((0, 0, 0.12)), top], [0.2, 0.145, 0.11], kit.bark)
    middle = np.array((at[0] + lean[0], at[1] + lean[1], height - crown * 0.85))
    tips = crown_points(rng, int(rng.integers(46, 60)), middle, crown)
    for tip in tips[::4]:
        bend = (top + tip) / 2 + rng.normal(0, 0.15, 3)
        site.tube([top - (0, 0, 0.15), bend, tip], [0.07, 0.04, 0.012], kit.bark, sides=5, closed=False)
    foliage(site, rng, tips, middle, crown, kit.twigs)
    site.obstacles.append(Rectangle(*at, 0.42, 0.42))


def crown_points(rng: np.random.Generator, count: int, middle: np.ndarray, crown: float) -> np.ndarray:
    """Draw (count, 3) cluster middles in the outer half of a slightly flattened ball."""
    ways = rng.normal(size=(count, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    shape = np.array((1, 1, rng.uniform(0.75, 1.0))) * crown
    return np.asarray(middle + ways * rng.uniform(0.42, 0.9, (count, 1)) * shape)


def foliage(
    site: Site, rng: np.random.Generator, tips: np.ndarray, middle: np.ndarray, crown: float, twigs: Material
) -> None:
    """Hang a dozen twigs around each tip."""
    each = 13
    at = np.repeat(tips, each, axis=0) + rng.normal(0, crown * 0.13, (len(tips) * each, 3))
    across, up = rng.normal(size=(2, len(at), 3))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up -= (up * across).sum(1, keepdims=True) * across
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    half = rng.uniform(0.3, 0.5, (len(at), 1)) * min(1.0, 0.5 + crown / 4)
    corners = np.stack([at - half * (across + up), at + half * (across - up), at + half * (across + up),
                        at - half * (across - up)], axis=1)  # fmt: skip
    outward = corners - middle + (0, 0, 0.25 * crown)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
    paint = np.broadcast_to(np.array([(0, 1), (1, 1), (1, 0), (0, 0)], float), (len(at), 4, 2))
    site.quads(corners, paint, twigs, normals=outward)


def bench(
    site: Site, rng: np.random.Generator, at: Point, heading: float, kit: Stuff, *, length: float = 1.9
) -> None:
    """Set a bench whose sitters look along `heading`, with three seats."""
    back = rng.random() < 0.65
    for slat in range(4):
        x, y = turned(at, heading, 0.18 - slat * 0.12, 0)
        site.box(Rectangle(x, y, 0.1, length, heading), 0.42, 0.46, kit.wood)
    for slat in range(3 if back else 0):
        x, y = turned(at, heading, -0.27 - slat * 0.025, 0)
        site.box(Rectangle(x, y, 0.03, length, heading), 0.52 + slat * 0.13, 0.62 + slat * 0.13, kit.wood)
    for side in (-0.4, 0.4):
        x, y = turned(at, heading, -0.02, side * length)
        site.box(Rectangle(x, y, 0.42, 0.07, heading), 0, 0.42, kit.metal)
        if back:
            x, y = turned(at, heading, -0.25, side * length)
            site.box(Rectangle(x, y, 0.05, 0.06, heading), 0.4, 0.9, kit.metal)
    site.obstacles.append(Rectangle(*turned(at, heading, -0.05, 0), 0.56, length, heading))
    for side in (-0.32, 0, 0.32):
        site.seats.append(Seat(*turned(at, heading, 0.23, side * length), heading, 0.46))


def planter(site: Site, rng: np.random.Generator, place: Rectangle, kit: Stuff) -> None:
    """Set a trough with a clipped shrub or loose green in it."""
    high = float(rng.uniform(0.4, 0.65))
    site.box(place, 0, high, kit.stone)
    inner = Rectangle(place.x, place.y, place.length - 0.16, place.width - 0.16, place.heading)
    site.box(inner, high, high + 0.18, kit.hedge)
    count = int(9 * place.length * place.width + 4)
    spots = rng.uniform(-0.42, 0.42, (count, 2)) * (place.length, place.width)
    tips = np.array(
        [(*turned((place.x, place.y), place.heading, a, b), high + rng.uniform(0.1, 0.5)) for a, b in spots]
    )
    foliage(site, rng, tips, np.array((place.x, place.y, high - 0.3)), 1.0, kit.twigs)
    site.obstacles.append(place)


def lamp(site: Site, at: Point, heading: float, height: float, kit: Stuff) -> tuple[float, float, float]:
    """Raise a lamp on an arm along `heading`; returns where its light is."""
    site.pole(at, 0, 0.5, 0.1, kit.metal)
    site.pole(at, 0.5, height, 0.055, kit.metal)
    end = turned(at, heading, 0.9, 0)
    site.tube(
        [(*at, height - 0.1), (*turned(at, heading, 0.4, 0), height + 0.08), (*end, height)],
        [0.04] * 3,
        kit.metal,
    )
    site.box(Rectangle(*end, 0.62, 0.26, heading), height - 0.02, height + 0.07, kit.metal)
    c = turned(end, heading, -0.27, 0.1)
    d = turned(end, heading, 0.27, 0.1)
    e, f = turned(end, heading, 0.27, -0.1), turned(end, heading, -0.27, -0.1)
    z = height - 0.03
    site.quads([[(*c, z), (*d, z), (*e, z), (*f, z)]], [[(0, 0), (1, 0), (1, 1), (0, 1)]], kit.bulb)
    site.obstacles.append(Rectangle(*at, 0.22, 0.22))
    return (*end, height - 0.1)


def bin_(site: Site, at: Point, kit: Stuff) -> None:
    """Set a litter bin."""
    site.tube([(*at, 0), (*at, 0.05), (*at, 0.8), (*at, 0.86)], [0.19, 0.22, 0.25, 0.2], kit.metal, sides=12)
    site.obstacles.append(Rectangle(*at, 0.5, 0.5))


def bollard(site: Site, at: Point, kit: Stuff) -> None:
    """Set a bollard."""
    site.pole(at, 0, 0.9, 0.075, kit.metal)
    site.obstacles.append(Rectangle(*at, 0.16, 0.16))


def rack(site: Site, at: Point, heading: float, count: int, kit: Stuff) -> None:
    """Set `count` bicycle hoops side by side."""
    for i in range(count):
        x, y = turned(at, heading, 0, (i - (count - 1) / 2) * 0.8)
        ends = [turned((x, y), heading, a, 0) for a in (-0.38, -0.36, 0.36, 0.38)]
        path = [(*p, z) for p, z in zip(ends, (0, 0.75, 0.75, 0), strict=True)]
        site.tube(path, [0.028] * 4, kit.metal, sides=6)
    site.obstacles.append(Rectangle(*at, 0.86, count * 0.8 - 0.7, heading))


def statue(site: Site, rng: np.random.Generator, at: Point, kit: Stuff) -> None:
    """Raise a figure of stone on a plinth; no person, though it has a person's outline."""
    turn = float(rng.uniform(0, 2 * np.pi))
    foot = float(rng.uniform(0.9, 1.5))
    site.box(Rectangle(*at, 1.3, 1.3, turn), 0, 0.2, kit.stone)
    site.box(Rectangle(*at, 0.95, 0.95, turn), 0.2, foot, kit.stone)
    site.obstacles.append(Rectangle(*at, 1.3, 1.3, turn))
    for side in (-0.1, 0.1):
        x, y = turned(at, turn, side * 0.8, side)
        site.tube([(x, y, foot), (x, y, foot + 0.5), (*turned(at, turn, 0, side * 0.9), foot + 0.95)],
                  [0.075, 0.075, 0.1], kit.stone)  # fmt: skip
        hand = turned(at, turn, 0.28 * (side > 0), side * 2.9)
        site.tube([(*turned(at, turn, 0, side * 2), foot + 1.42), (*hand, foot + 1.15), (*hand, foot + 0.9)],
                  [0.065, 0.055, 0.04], kit.stone)  # fmt: skip
    body = [(*at, foot + z) for z in (0.85, 0.95, 1.15, 1.4, 1.5, 1.55)]
    site.tube(body, [0.14, 0.18, 0.16, 0.21, 0.12, 0.06], kit.stone, sides=12)
    head = [(*at, foot + z) for z in (1.55, 1.6, 1.7, 1.8, 1.84)]
    site.tube(head, [0.06, 0.1, 0.115, 0.09, 0.02], kit.stone, sides=12)


def column(site: Site, at: Point, kit: Stuff) -> None:
    """Raise an advertising column, papered all around."""
    site.pole(at, 0, 0.3, 0.62, kit.stone, sides=20)
    site.pole(at, 2.9, 3.15, 0.68, kit.metal, sides=20)
    angle = np.linspace(0, 2 * np.pi, 21)
    rim = np.column_stack([at[0] + 0.58 * np.cos(angle), at[1] + 0.58 * np.sin(angle)])
    for i in range(20):
        a, b = rim[i], rim[i + 1]
        u = (i / 20 * 3, (i + 1) / 20 * 3)
        site.quads(
            [[(*a, 0.3), (*b, 0.3), (*b, 2.9), (*a, 2.9)]],
            [[(u[0], 1), (u[1], 1), (u[1], 0), (u[0], 0)]],
            kit.poster,
        )
    site.obstacles.append(Rectangle(*at, 1.24, 1.24))


def fountain(site: Site, at: Point, kit: Stuff, water: Material) -> None:
    """Build a round basin with a bowl in the middle."""
    site.tube([(*at, 0), (*at, 0.5)], [2.0, 2.0], kit.stone, sides=32, closed=False)
    angle = np.linspace(0, 2 * np.pi, 33)
    ring = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(33)])
    edges = np.stack([ring * 2.0, ring * 1.65]) + np.array((*at, 0.5))
    site.quads(ringed_flat(edges), np.tile([(0, 0), (0.2, 0), (0.2, 0.1), (0, 0.1)], (32, 1, 1)), kit.stone)
    site.floor((at[0] - 1.35, at[1] - 1.35), (at[0] + 1.35, at[1] + 1.35), 0.36, water)
    site.tube([(*at, 0.3), (*at, 1.0), (*at, 1.15), (*at, 1.3)], [0.25, 0.16, 0.5, 0.75], kit.stone, sides=20)
    site.obstacles.append(Rectangle(*at, 4.0, 4.0))


def ringed_flat(edges: np.ndarray) -> np.ndarray:
    """Turn an outer and an inner rim (2, m, 3) into the (m - 1, 4, 3) corners of the ring between them."""
    outer, inner = edges
    return np.stack([outer[:-1], outer[1:], inner[1:], inner[:-1]], axis=1)


def kiosk(site: Site, at: Point, heading: float, kit: Stuff, front: Material, name: Material) -> None:
    """Set a kiosk that sells towards `heading`."""
    body = Rectangle(*at, 2.2, 3.0, heading)
    site.box(body, 0, 2.6, kit.paint)
    site.box(Rectangle(*at, 3.0, 3.5, heading), 2.6, 2.75, kit.metal)
    left, right = turned(at, heading, 1.11, -1.4), turned(at, heading, 1.11, 1.4)
    site.wall(left, right, 0.9, 2.2, front, fit=True)
    site.wall(left, right, 2.24, 2.56, name, fit=True)
    site.box(Rectangle(*turned(at, heading, 1.25, 0), 0.35, 2.9, heading), 0.85, 0.9, kit.wood)
    for side in (-1, 1):
        ends = [turned(at, heading, along * side, side * 1.506) for along in (0.45, -0.45)]
        site.wall(ends[0], ends[1], 0.8, 2.1, kit.poster, fit=True)
    site.obstacles.append(Rectangle(*turned(at, heading, 0.1, 0), 2.5, 3.02, heading))


def coats(site: Site, rng: np.random.Generator, at: Point, kit: Stuff) -> None:
    """Set a rack with coats and a hat: as high as a person and dressed like one."""
    site.pole(at, 0, 1.85, 0.025, kit.metal, sides=6)
    site.pole(at, 0, 0.04, 0.25, kit.metal, sides=12)
    for turn in rng.uniform(0, 2 * np.pi, 2):
        x, y = turned(at, float(turn), 0.13, 0)
        cloth = site.material(
            surfaces.finished(surfaces.grained(rng, pictures.vivid(rng), stains=16, grain=4)), 0.6
        )
        path = [(x, y, z) for z in (0.55, 0.9, 1.4, 1.6, 1.68)]
        site.tube(path, [0.2, 0.17, 0.15, 0.13, 0.03], cloth, sides=9)
    site.tube([(*at, z) for z in (1.8, 1.82, 1.84, 1.95)], [0.16, 0.16, 0.1, 0.08], kit.wood, sides=10)
    site.obstacles.append(Rectangle(*at, 0.7, 0.7))

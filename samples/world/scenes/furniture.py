"""Furniture of scenes: trees, benches, planters, lamps, bins, statues, kiosks, fountains, racks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.world.scene import Point, Rectangle, Seat
from samples.world.scenes import pictures, surfaces
from samples.world.scenes.site import Material, Site


@dataclass(frozen=True)
class FurnitureMaterials:
    """Materials that the furniture of a scene shares."""

    wood: Material
    metal: Material
    stone: Material
    bark: Material
    twigs: Material
    hedge: Material
    poster: Material
    paint: Material
    bulb: Material


def draw_furniture_materials(site: Site, rng: np.random.Generator, *, lit: float) -> FurnitureMaterials:
    """Draw the materials of a scene's furniture; `lit`, from 0 to 1, is the brightness of lamps and posters."""
    return FurnitureMaterials(
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


def relative_point(at: Point, heading: float, along: float, aside: float) -> Point:
    """Return the point that is `along` metres ahead (in `heading`) and `aside` metres to the left of a place."""
    cos, sin = float(np.cos(heading)), float(np.sin(heading))
    return at[0] + cos * along - sin * aside, at[1] + sin * along + cos * aside


def add_tree(
    site: Site,
    rng: np.random.Generator,
    at: Point,
    height: float,
    crown: float,
    materials: FurnitureMaterials,
) -> None:
    """Add a tree: a trunk, branches, and clusters of twigs whose normals follow the crown, for smooth light."""
    fork_height = height * rng.uniform(0.34, 0.42)
    lean = rng.normal(0, 0.12, 2)
    base = np.array((*at, 0.0))
    fork = base + np.array((*lean, fork_height))
    site.tube([base, base + np.array((0, 0, 0.12)), fork], [0.2, 0.145, 0.11], materials.bark)
    middle = np.array((at[0] + lean[0], at[1] + lean[1], height - crown * 0.85))
    tips = crown_points(rng, int(rng.integers(46, 60)), middle, crown)
    for tip in tips[::4]:
        elbow = (fork + tip) / 2 + rng.normal(0, 0.15, 3)
        site.tube(
            [fork - (0, 0, 0.15), elbow, tip], [0.07, 0.04, 0.012], materials.bark, sides=5, closed=False
        )
    add_foliage(site, rng, tips, middle, crown, materials.twigs)
    site.obstacles.append(Rectangle(*at, length=0.42, width=0.42))


def crown_points(rng: np.random.Generator, count: int, middle: np.ndarray, crown: float) -> np.ndarray:
    """Draw (count, 3) centres of twig clusters in the outer half of a slightly flattened ball of radius `crown`."""
    directions = rng.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    radii = np.array((1, 1, rng.uniform(0.75, 1.0))) * crown
    return np.asarray(middle + directions * rng.uniform(0.42, 0.9, (count, 1)) * radii)


def add_foliage(
    site: Site, rng: np.random.Generator, tips: np.ndarray, middle: np.ndarray, crown: float, twigs: Material
) -> None:
    """Add 13 twigs around each (n, 3) tip; their normals point away from `middle`."""
    per_tip = 13
    centres = np.repeat(tips, per_tip, axis=0) + rng.normal(0, crown * 0.13, (len(tips) * per_tip, 3))
    across, up = rng.normal(size=(2, len(centres), 3))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up -= (up * across).sum(1, keepdims=True) * across
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    half_sizes = rng.uniform(0.3, 0.5, (len(centres), 1)) * min(1.0, 0.5 + crown / 4)
    corners = np.stack(
        [
            centres - half_sizes * (across + up),
            centres + half_sizes * (across - up),
            centres + half_sizes * (across + up),
            centres - half_sizes * (across - up),
        ],
        axis=1,
    )
    outward = corners - middle + (0, 0, 0.25 * crown)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
    paint = np.broadcast_to(np.array([(0, 1), (1, 1), (1, 0), (0, 0)], float), (len(centres), 4, 2))
    site.quads(corners, paint, twigs, normals=outward)


def add_bench(
    site: Site,
    rng: np.random.Generator,
    at: Point,
    heading: float,
    materials: FurnitureMaterials,
    *,
    length: float = 1.9,
) -> None:
    """Add a bench with three seats; people on it look in `heading`."""
    has_back = rng.random() < 0.65
    for slat in range(4):
        x, y = relative_point(at, heading, 0.18 - slat * 0.12, 0)
        site.box(Rectangle(x, y, length=0.1, width=length, heading=heading), 0.42, 0.46, materials.wood)
    for slat in range(3 if has_back else 0):
        x, y = relative_point(at, heading, -0.27 - slat * 0.025, 0)
        site.box(
            Rectangle(x, y, length=0.03, width=length, heading=heading),
            0.52 + slat * 0.13,
            0.62 + slat * 0.13,
            materials.wood,
        )
    for side in (-0.4, 0.4):
        x, y = relative_point(at, heading, -0.02, side * length)
        site.box(Rectangle(x, y, length=0.42, width=0.07, heading=heading), 0, 0.42, materials.metal)
        if has_back:
            x, y = relative_point(at, heading, -0.25, side * length)
            site.box(Rectangle(x, y, length=0.05, width=0.06, heading=heading), 0.4, 0.9, materials.metal)
    site.obstacles.append(
        Rectangle(*relative_point(at, heading, -0.05, 0), length=0.56, width=length, heading=heading)
    )
    for side in (-0.32, 0, 0.32):
        site.seats.append(
            Seat(*relative_point(at, heading, 0.23, side * length), heading=heading, height=0.46)
        )


def add_planter(
    site: Site, rng: np.random.Generator, place: Rectangle, materials: FurnitureMaterials
) -> None:
    """Add a trough with plants."""
    height = float(rng.uniform(0.4, 0.65))
    site.box(place, 0, height, materials.stone)
    inner = Rectangle(
        place.x, place.y, length=place.length - 0.16, width=place.width - 0.16, heading=place.heading
    )
    site.box(inner, height, height + 0.18, materials.hedge)
    count = int(9 * place.length * place.width + 4)
    spots = rng.uniform(-0.42, 0.42, (count, 2)) * (place.length, place.width)
    tips = np.array(
        [
            (*relative_point((place.x, place.y), place.heading, along, aside), height + rng.uniform(0.1, 0.5))
            for along, aside in spots
        ]
    )
    add_foliage(site, rng, tips, np.array((place.x, place.y, height - 0.3)), 1.0, materials.twigs)
    site.obstacles.append(place)


def add_lamp(
    site: Site, at: Point, heading: float, height: float, materials: FurnitureMaterials
) -> tuple[float, float, float]:
    """Add a lamp on a pole with an arm in `heading`; return the place of its light."""
    site.pole(at, 0, 0.5, 0.1, materials.metal)
    site.pole(at, 0.5, height, 0.055, materials.metal)
    end = relative_point(at, heading, 0.9, 0)
    site.tube(
        [(*at, height - 0.1), (*relative_point(at, heading, 0.4, 0), height + 0.08), (*end, height)],
        [0.04] * 3,
        materials.metal,
    )
    site.box(
        Rectangle(*end, length=0.62, width=0.26, heading=heading),
        height - 0.02,
        height + 0.07,
        materials.metal,
    )
    corners = [(-0.27, 0.1), (0.27, 0.1), (0.27, -0.1), (-0.27, -0.1)]
    bulb = [(*relative_point(end, heading, along, aside), height - 0.03) for along, aside in corners]
    site.quads([bulb], [[(0, 0), (1, 0), (1, 1), (0, 1)]], materials.bulb)
    site.obstacles.append(Rectangle(*at, length=0.22, width=0.22))
    return (*end, height - 0.1)


def add_bin(site: Site, at: Point, materials: FurnitureMaterials) -> None:
    """Add a litter bin."""
    site.tube(
        [(*at, 0), (*at, 0.05), (*at, 0.8), (*at, 0.86)], [0.19, 0.22, 0.25, 0.2], materials.metal, sides=12
    )
    site.obstacles.append(Rectangle(*at, length=0.5, width=0.5))


def add_bollard(site: Site, at: Point, materials: FurnitureMaterials) -> None:
    """Add a bollard."""
    site.pole(at, 0, 0.9, 0.075, materials.metal)
    site.obstacles.append(Rectangle(*at, length=0.16, width=0.16))


def add_rack(site: Site, at: Point, heading: float, count: int, materials: FurnitureMaterials) -> None:
    """Add `count` bicycle hoops side by side."""
    for hoop in range(count):
        x, y = relative_point(at, heading, 0, (hoop - (count - 1) / 2) * 0.8)
        ends = [relative_point((x, y), heading, along, 0) for along in (-0.38, -0.36, 0.36, 0.38)]
        path = [(*end, z) for end, z in zip(ends, (0, 0.75, 0.75, 0), strict=True)]
        site.tube(path, [0.028] * 4, materials.metal, sides=6)
    site.obstacles.append(Rectangle(*at, length=0.86, width=count * 0.8 - 0.7, heading=heading))


def add_statue(site: Site, rng: np.random.Generator, at: Point, materials: FurnitureMaterials) -> None:
    """Add a stone figure on a plinth: it has the outline of a person but gets no label."""
    heading = float(rng.uniform(0, 2 * np.pi))
    plinth_height = float(rng.uniform(0.9, 1.5))
    site.box(Rectangle(*at, length=1.3, width=1.3, heading=heading), 0, 0.2, materials.stone)
    site.box(Rectangle(*at, length=0.95, width=0.95, heading=heading), 0.2, plinth_height, materials.stone)
    site.obstacles.append(Rectangle(*at, length=1.3, width=1.3, heading=heading))
    for side in (-0.1, 0.1):
        x, y = relative_point(at, heading, side * 0.8, side)
        hip = relative_point(at, heading, 0, side * 0.9)
        leg = [(x, y, plinth_height), (x, y, plinth_height + 0.5), (*hip, plinth_height + 0.95)]
        site.tube(leg, [0.075, 0.075, 0.1], materials.stone)
        shoulder = relative_point(at, heading, 0, side * 2)
        hand = relative_point(at, heading, 0.28 * (side > 0), side * 2.9)
        arm = [(*shoulder, plinth_height + 1.42), (*hand, plinth_height + 1.15), (*hand, plinth_height + 0.9)]
        site.tube(arm, [0.065, 0.055, 0.04], materials.stone)
    body = [(*at, plinth_height + z) for z in (0.85, 0.95, 1.15, 1.4, 1.5, 1.55)]
    site.tube(body, [0.14, 0.18, 0.16, 0.21, 0.12, 0.06], materials.stone, sides=12)
    head = [(*at, plinth_height + z) for z in (1.55, 1.6, 1.7, 1.8, 1.84)]
    site.tube(head, [0.06, 0.1, 0.115, 0.09, 0.02], materials.stone, sides=12)


def add_column(site: Site, at: Point, materials: FurnitureMaterials) -> None:
    """Add an advertising column covered with posters."""
    site.pole(at, 0, 0.3, 0.62, materials.stone, sides=20)
    site.pole(at, 2.9, 3.15, 0.68, materials.metal, sides=20)
    angle = np.linspace(0, 2 * np.pi, 21)
    rim = np.column_stack([at[0] + 0.58 * np.cos(angle), at[1] + 0.58 * np.sin(angle)])
    for i in range(20):
        left, right = rim[i], rim[i + 1]
        u0, u1 = i / 20 * 3, (i + 1) / 20 * 3
        site.quads(
            [[(*left, 0.3), (*right, 0.3), (*right, 2.9), (*left, 2.9)]],
            [[(u0, 1), (u1, 1), (u1, 0), (u0, 0)]],
            materials.poster,
        )
    site.obstacles.append(Rectangle(*at, length=1.24, width=1.24))


def add_fountain(site: Site, at: Point, materials: FurnitureMaterials, water: Material) -> None:
    """Add a fountain: a round basin with a bowl in the middle."""
    site.tube([(*at, 0), (*at, 0.5)], [2.0, 2.0], materials.stone, sides=32, closed=False)
    angle = np.linspace(0, 2 * np.pi, 33)
    circle = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(33)])
    rims = np.stack([circle * 2.0, circle * 1.65]) + np.array((*at, 0.5))
    site.quads(
        ring_corners(rims), np.tile([(0, 0), (0.2, 0), (0.2, 0.1), (0, 0.1)], (32, 1, 1)), materials.stone
    )
    site.floor((at[0] - 1.35, at[1] - 1.35), (at[0] + 1.35, at[1] + 1.35), 0.36, water)
    site.tube(
        [(*at, 0.3), (*at, 1.0), (*at, 1.15), (*at, 1.3)], [0.25, 0.16, 0.5, 0.75], materials.stone, sides=20
    )
    site.obstacles.append(Rectangle(*at, length=4.0, width=4.0))


def ring_corners(rims: np.ndarray) -> np.ndarray:
    """Return the (m - 1, 4, 3) corners of the ring between an outer and an inner rim, (2, m, 3)."""
    outer, inner = rims
    return np.stack([outer[:-1], outer[1:], inner[1:], inner[:-1]], axis=1)


def add_kiosk(
    site: Site, at: Point, heading: float, materials: FurnitureMaterials, front: Material, name: Material
) -> None:
    """Add a kiosk whose counter faces `heading`; `front` and `name` are its window and its sign."""
    body = Rectangle(*at, length=2.2, width=3.0, heading=heading)
    site.box(body, 0, 2.6, materials.paint)
    site.box(Rectangle(*at, length=3.0, width=3.5, heading=heading), 2.6, 2.75, materials.metal)
    left, right = relative_point(at, heading, 1.11, -1.4), relative_point(at, heading, 1.11, 1.4)
    site.wall(left, right, 0.9, 2.2, front, fit=True)
    site.wall(left, right, 2.24, 2.56, name, fit=True)
    site.box(
        Rectangle(*relative_point(at, heading, 1.25, 0), length=0.35, width=2.9, heading=heading),
        0.85,
        0.9,
        materials.wood,
    )
    for side in (-1, 1):
        ends = [relative_point(at, heading, along * side, side * 1.506) for along in (0.45, -0.45)]
        site.wall(ends[0], ends[1], 0.8, 2.1, materials.poster, fit=True)
    site.obstacles.append(
        Rectangle(*relative_point(at, heading, 0.1, 0), length=2.5, width=3.02, heading=heading)
    )


def add_coat_rack(site: Site, rng: np.random.Generator, at: Point, materials: FurnitureMaterials) -> None:
    """Add a rack with coats and a hat; it is as tall as a person and looks similar."""
    site.pole(at, 0, 1.85, 0.025, materials.metal, sides=6)
    site.pole(at, 0, 0.04, 0.25, materials.metal, sides=12)
    for direction in rng.uniform(0, 2 * np.pi, 2):
        x, y = relative_point(at, float(direction), 0.13, 0)
        coat = site.material(
            surfaces.finished(surfaces.grained(rng, pictures.vivid(rng), stains=16, grain=4)), 0.6
        )
        path = [(x, y, z) for z in (0.55, 0.9, 1.4, 1.6, 1.68)]
        site.tube(path, [0.2, 0.17, 0.15, 0.13, 0.03], coat, sides=9)
    site.tube([(*at, z) for z in (1.8, 1.82, 1.84, 1.95)], [0.16, 0.16, 0.1, 0.08], materials.wood, sides=10)
    site.obstacles.append(Rectangle(*at, length=0.7, width=0.7))

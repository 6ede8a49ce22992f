"""Houses: shops with awnings on the ground floor, and recessed windows, sills and cornices above.

Positions on a front are s metres along it (from the left) and t metres up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samples.world.scene import Point, Rectangle
from samples.world.scenes import pictures, surfaces
from samples.world.scenes.site import Material, Site

Rows = NDArray[np.float64]
GROUND_FLOOR = 3.7  # metres


@dataclass(frozen=True)
class Front:
    """An upright plane; seen from the front, `start` is its lower left and `end` its lower right corner."""

    start: Point
    end: Point

    @property
    def length(self) -> float:
        """Length in metres."""
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))

    def at(self, s: Rows | float, t: Rows | float, out: Rows | float = 0.0) -> Rows:
        """Return the (..., 3) points s metres along the front, t metres up and `out` metres in front of it."""
        ax = (self.end[0] - self.start[0]) / self.length
        ay = (self.end[1] - self.start[1]) / self.length
        s, t, out = np.broadcast_arrays(s, t, out)
        return np.stack([self.start[0] + ax * s + ay * out, self.start[1] + ay * s - ax * out, t], axis=-1)

    def heading(self) -> float:
        """Return the heading in radians in which the front faces."""
        return float(np.arctan2(self.end[1] - self.start[1], self.end[0] - self.start[0]) - np.pi / 2)


def add_panels(
    site: Site, front: Front, rows: Sequence[Sequence[float]] | Rows, out: float, material: Material
) -> None:
    """Add upright panels, (n, 4) rows of s0, t0, s1, t1. The sheet continues over the whole front."""
    s0, t0, s1, t1 = np.asarray(rows, float).reshape(-1, 4).T
    s, t = np.stack([s0, s1, s1, s0], 1), np.stack([t0, t0, t1, t1], 1)
    site.quads(front.at(s, t, out), np.stack([s / material.width, -t / material.height], -1), material)


def add_fitted_panel(site: Site, front: Front, row: Sequence[float], out: float, material: Material) -> None:
    """Add one panel, s0, t0, s1, t1, with one copy of its sheet."""
    s0, t0, s1, t1 = row
    corners = front.at(np.array([s0, s1, s1, s0]), np.array([t0, t0, t1, t1]), out)
    site.quads([corners], [[(0, 1), (1, 1), (1, 0), (0, 0)]], material)


def add_slab(
    site: Site, front: Front, row: Sequence[float], out: tuple[float, float], material: Material
) -> None:
    """Add a box on the front, s0, t0, s1, t1, from out[0] to out[1] metres in front of it."""
    s0, t0, s1, t1 = row
    x, y, _ = front.at((s0 + s1) / 2, 0, (out[0] + out[1]) / 2)
    place = Rectangle(float(x), float(y), length=out[1] - out[0], width=s1 - s0, heading=front.heading())
    site.box(place, t0, t1, material)


def build_floors(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    low: float,
    floors: int,
    *,
    wall: Material,
    glass: Material,
    trim: Material,
) -> float:
    """Build floors with recessed windows above the height `low` and return the height of their top."""
    floor_height, width_share = float(rng.uniform(2.9, 3.4)), float(rng.uniform(0.4, 0.62))
    columns = max(1, round(front.length / rng.uniform(2.1, 3.2)))
    column_width = front.length / columns
    sill, head = float(rng.uniform(0.5, 0.95)), floor_height - float(rng.uniform(0.35, 0.6))
    left = column_width * (1 - width_share) / 2 + np.arange(columns) * column_width  # (columns,)
    right = left + column_width * width_share
    floor_bottoms = low + np.arange(floors) * floor_height  # (floors,)
    top = low + floors * floor_height
    below_sills = [(0, bottom, front.length, bottom + sill) for bottom in floor_bottoms]
    above_heads = [(0, bottom + head, front.length, bottom + floor_height) for bottom in floor_bottoms]
    edges = np.column_stack([np.r_[0, right], np.r_[left, front.length]])
    piers = [(s0, bottom + sill, s1, bottom + head) for bottom in floor_bottoms for s0, s1 in edges]
    add_panels(site, front, below_sills + above_heads + piers, 0, wall)
    s, t = (values.ravel() for values in np.meshgrid(left, floor_bottoms))  # (floors * columns,)
    rows = np.stack([s, t + sill, s + column_width * width_share, t + head], 1)
    add_windows(site, rng, front, rows, wall, glass)
    for s0, bottom in zip(s, t, strict=True):
        s1 = s0 + column_width * width_share
        add_slab(site, front, (s0 - 0.06, bottom + sill - 0.08, s1 + 0.06, bottom + sill), (0, 0.1), trim)
    add_slab(site, front, (0, top, front.length, top + 0.35), (-0.3, 0.25), trim)
    if rng.random() < 0.5:
        add_slab(site, front, (0, low - 0.05, front.length, low + 0.2), (0, 0.12), trim)
    return top


def add_windows(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    rows: Rows,
    wall: Material,
    glass: Material,
    *,
    depth: float = 0.16,
) -> None:
    """Add glass `depth` metres behind the wall at (n, 4) rows of s0, t0, s1, t1, and the reveals around it."""
    s0, t0, s1, t1 = rows.T
    s, t = np.stack([s0, s1, s1, s0], 1), np.stack([t0, t0, t1, t1], 1)
    window_on_sheet = rng.integers(0, 2, (len(rows), 1, 2)) * 0.5
    window_corners = np.array([(0.0, 0.5), (0.5, 0.5), (0.5, 0.0), (0.0, 0.0)])
    site.quads(front.at(s, t, -depth), window_on_sheet + window_corners, glass)
    for first in range(4):
        second = (first + 1) % 4
        edge_s, edge_t = s[:, [first, second]], t[:, [first, second]]
        corners = np.concatenate(
            [front.at(edge_s, edge_t, 0), front.at(edge_s, edge_t, -depth)[:, ::-1]], axis=1
        )
        paint = np.tile([(0, 0), (0.4, 0), (0.4, 0.05), (0, 0.05)], (len(rows), 1, 1))
        site.quads(corners, paint, wall)


def build_shops(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    *,
    wall: Material,
    trim: Material,
    fronts: Sequence[Material],
    signs: Sequence[Material],
    awning: Material,
) -> None:
    """Build a ground floor of shops, each with a shop front, a sign and sometimes an awning."""
    count = max(1, round(front.length / rng.uniform(4.4, 5.6)))
    shop_width, height = front.length / count, 2.95
    for i in range(count):
        s0, s1 = i * shop_width + 0.3, (i + 1) * shop_width - 0.3
        add_panels(site, front, [(s0 - 0.3, 0, s0, height), (s1, 0, s1 + 0.3, height)], 0, wall)
        add_fitted_panel(site, front, (s0, 0.0, s1, height), -0.3, fronts[int(rng.integers(len(fronts)))])
        for s, out_left, out_right in ((s0, 0.0, -0.3), (s1, -0.3, 0.0)):
            out = np.array([out_left, out_right, out_right, out_left])
            corners = front.at(np.array([s] * 4), np.array([0, 0, height, height]), out)
            site.quads([corners], [[(0, 1), (0.1, 1), (0.1, 0), (0, 0)]], wall)
        add_slab(site, front, (s0 - 0.1, height, s1 + 0.1, height + 0.62), (0, 0.14), trim)
        middle, sign_half = (s0 + s1) / 2, min(1.4, (s1 - s0) * 0.42)
        sign = signs[int(rng.integers(len(signs)))]
        row = (middle - sign_half, height + 0.04, middle + sign_half, height + 0.58)
        add_fitted_panel(site, front, row, 0.15, sign)
        if rng.random() < 0.35:
            add_awning(site, front, s0, s1, height, awning)
    add_panels(site, front, [(0, height, front.length, GROUND_FLOOR)], 0, wall)


def add_awning(site: Site, front: Front, start: float, end: float, height: float, awning: Material) -> None:
    """Add an awning over a shop from s = `start` to s = `end` at the height `height`."""
    depth, drop = 1.2, 0.5
    top, edge = height - 0.02, height - drop
    s = np.array([start, end, end, start])
    slope = front.at(s, np.array([edge, edge, top, top]), np.array([depth, depth, 0, 0]))
    repeats = (end - start) / awning.width
    site.quads([slope], [[(0, 1), (repeats, 1), (repeats, 0), (0, 0)]], awning)
    fringe = front.at(s, np.array([edge - 0.2, edge - 0.2, edge, edge]), depth)
    site.quads([fringe], [[(0, 0.2), (repeats, 0.2), (repeats, 0), (0, 0)]], awning)


@dataclass(frozen=True)
class HouseMaterials:
    """Materials of the houses of a neighbourhood."""

    walls: tuple[Material, ...]
    glass: tuple[Material, ...]
    shops: tuple[Material, ...]
    signs: tuple[Material, ...]
    awnings: tuple[Material, ...]
    trims: tuple[Material, ...]
    roof: Material
    far: Material
    """Painted windows of houses in the distance."""


def draw_house_materials(site: Site, rng: np.random.Generator, *, lit: float) -> HouseMaterials:
    """Draw the materials of a neighbourhood; `lit`, from 0 to 1, is the brightness of its windows."""
    # each painter of a sheet with the metres that the sheet covers
    painters = [(surfaces.plaster, 4), (surfaces.plaster, 4), (surfaces.brick, 2)]
    walls = tuple(site.material(painter(rng), metres) for painter, metres in painters)
    more_painters = [(surfaces.brick, 2), (surfaces.plaster, 4), (surfaces.concrete, 4)]
    painter, metres = more_painters[int(rng.integers(3))]
    walls += (site.material(painter(rng), metres),)
    stripes = [surfaces.plain(pictures.vivid(rng)) for _ in range(2)]
    stripes[1][:, ::2, :3] = stripes[1][:, ::2, :3] // 128 * 128
    stripes[1][:, np.arange(512) % 128 < 64, :3] = (232, 228, 218)
    return HouseMaterials(
        walls=walls,
        glass=tuple(site.material(pictures.panes(rng), 1, glow=lit * 0.8) for _ in range(2)),
        shops=tuple(site.material(pictures.shop(rng), 5, 3, glow=lit * 2.5) for _ in range(4)),
        signs=tuple(site.material(pictures.sign(rng), 3, 0.6, glow=lit * 2) for _ in range(4)),
        awnings=tuple(site.material(sheet, 1.2) for sheet in stripes),
        trims=tuple(
            site.material(
                surfaces.finished(surfaces.grained(rng, (value, value, value - 4.0), stains=6, grain=4)), 2
            )
            for value in (70.0, 168.0, 206.0)
        ),
        roof=site.material(surfaces.finished(surfaces.grained(rng, (96, 92, 90))), 4),
        far=site.material(pictures.facade(rng), 6, 6.4, glow=lit * 0.8),
    )


def build_house(
    site: Site, rng: np.random.Generator, front: Front, depth: float, floors: int, materials: HouseMaterials
) -> None:
    """Build a house behind a front: shops, windows, a roof, and walls without windows on the other sides."""
    wall = materials.walls[rng.integers(len(materials.walls))]
    trim = materials.trims[rng.integers(len(materials.trims))]
    build_shops(
        site,
        rng,
        front,
        wall=wall,
        trim=trim,
        fronts=materials.shops,
        signs=materials.signs,
        awning=materials.awnings[rng.integers(2)],
    )
    glass = materials.glass[rng.integers(2)]
    top = build_floors(site, rng, front, GROUND_FLOOR, floors, wall=wall, glass=glass, trim=trim)
    back_left, back_right = (tuple(front.at(s, 0, -depth)[:2]) for s in (0.0, front.length))
    for start, end in ((front.end, back_right), (back_right, back_left), (back_left, front.start)):
        site.wall(start, end, 0, top, wall)
    corners = front.at(np.array([0, front.length, front.length, 0]), top, np.array([0, 0, -depth, -depth]))
    site.quads([corners], [[(0, 1), (2, 1), (2, 0), (0, 0)]], materials.roof)
    x, y, _ = front.at(front.length / 2, 0, -depth / 2)
    place = Rectangle(float(x), float(y), length=depth, width=front.length, heading=front.heading())
    site.obstacles.append(place)


def build_far_house(
    site: Site, rng: np.random.Generator, place: Rectangle, materials: HouseMaterials, low: bool = False
) -> None:
    """Add a house in the distance with painted windows; a `low` one has one floor."""
    floors = 1 if low else int(rng.integers(2, 7))
    site.box(place, 0, floors * 3.2, materials.far, top=materials.roof)

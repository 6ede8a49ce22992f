"""Houses: shops on the ground, windows set into the wall above them, sills, cornices, awnings."""

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
    """An upright plane: `start` is its lower left corner for whoever looks at it."""

    start: Point
    end: Point

    @property
    def length(self) -> float:
        """In metres."""
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))

    def at(self, s: Rows | float, t: Rows | float, out: Rows | float = 0.0) -> Rows:
        """Find the points s metres along, t up, and out of the plane towards the looker; (..., 3)."""
        ax, ay = ((e - b) / self.length for b, e in zip(self.start, self.end, strict=True))
        s, t, out = np.broadcast_arrays(s, t, out)
        return np.stack([self.start[0] + ax * s + ay * out, self.start[1] + ay * s - ax * out, t], axis=-1)

    def heading(self) -> float:
        """Where the front looks."""
        return float(np.arctan2(self.end[1] - self.start[1], self.end[0] - self.start[0]) - np.pi / 2)


def panels(
    site: Site, front: Front, rows: Sequence[Sequence[float]] | Rows, out: float, material: Material
) -> None:
    """Add upright panels, (n, 4) rows of s0, t0, s1, t1; the sheet runs on over the whole front."""
    s0, t0, s1, t1 = np.asarray(rows, float).reshape(-1, 4).T
    s, t = np.stack([s0, s1, s1, s0], 1), np.stack([t0, t0, t1, t1], 1)
    site.quads(front.at(s, t, out), np.stack([s / material.width, -t / material.height], -1), material)


def fitted(site: Site, front: Front, row: Sequence[float], out: float, material: Material) -> None:
    """Add one panel, s0, t0, s1, t1, that its sheet fills once."""
    s0, t0, s1, t1 = row
    corners = front.at(np.array([s0, s1, s1, s0]), np.array([t0, t0, t1, t1]), out)
    site.quads([corners], [[(0, 1), (1, 1), (1, 0), (0, 0)]], material)


def slab(
    site: Site, front: Front, row: Sequence[float], out: tuple[float, float], material: Material
) -> None:
    """Add a box on the front, s0, t0, s1, t1, that reaches from out[0] to out[1]."""
    s0, t0, s1, t1 = row
    x, y, _ = front.at((s0 + s1) / 2, 0, (out[0] + out[1]) / 2)
    site.box(Rectangle(float(x), float(y), out[1] - out[0], s1 - s0, front.heading()), t0, t1, material)


def windows(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    low: float,
    floors: int,
    wall: Material,
    glass: Material,
    trim: Material,
) -> float:
    """Build floors with recessed windows above `low`; returns the height reached."""
    storey, wide = float(rng.uniform(2.9, 3.4)), float(rng.uniform(0.4, 0.62))
    columns = max(1, round(front.length / rng.uniform(2.1, 3.2)))
    cell = front.length / columns
    sill, head = float(rng.uniform(0.5, 0.95)), storey - float(rng.uniform(0.35, 0.6))
    left = cell * (1 - wide) / 2 + np.arange(columns) * cell  # (columns,)
    right = left + cell * wide
    base = low + np.arange(floors) * storey  # (floors,)
    top = low + floors * storey
    bands = [(0, b, front.length, b + sill) for b in base] + [
        (0, b + head, front.length, b + storey) for b in base
    ]
    edges = np.column_stack([np.r_[0, right], np.r_[left, front.length]])
    piers = [(a, b + sill, c, b + head) for b in base for a, c in edges]
    panels(site, front, bands + piers, 0, wall)
    s, t = (v.ravel() for v in np.meshgrid(left, base))  # (floors * columns,)
    openings(site, rng, front, np.stack([s, t + sill, s + cell * wide, t + head], 1), wall, glass)
    for a, b in zip(s, t, strict=True):
        slab(site, front, (a - 0.06, b + sill - 0.08, a + cell * wide + 0.06, b + sill), (0, 0.1), trim)
    slab(site, front, (0, top, front.length, top + 0.35), (-0.3, 0.25), trim)
    if rng.random() < 0.5:
        slab(site, front, (0, low - 0.05, front.length, low + 0.2), (0, 0.12), trim)
    return top


def openings(
    site: Site,
    rng: np.random.Generator,
    front: Front,
    rows: Rows,
    wall: Material,
    glass: Material,
    *,
    deep: float = 0.16,
) -> None:
    """Set glass `deep` into the wall at (n, 4) rows of s0, t0, s1, t1, with the reveals around it."""
    s0, t0, s1, t1 = rows.T
    s, t = np.stack([s0, s1, s1, s0], 1), np.stack([t0, t0, t1, t1], 1)
    pick = rng.integers(0, 2, (len(rows), 1, 2)) * 0.5
    unit = np.array([(0.0, 0.5), (0.5, 0.5), (0.5, 0.0), (0.0, 0.0)])
    site.quads(front.at(s, t, -deep), pick + unit, glass)
    for first in range(4):
        second = (first + 1) % 4
        edge_s, edge_t = s[:, [first, second]], t[:, [first, second]]
        corners = np.concatenate(
            [front.at(edge_s, edge_t, 0), front.at(edge_s, edge_t, -deep)[:, ::-1]], axis=1
        )
        paint = np.tile([(0, 0), (0.4, 0), (0.4, 0.05), (0, 0.05)], (len(rows), 1, 1))
        site.quads(corners, paint, wall)


def shops(
    site: Site, rng: np.random.Generator, front: Front, wall: Material, trim: Material, fronts: Sequence[Material],
    signs: Sequence[Material], awning: Material,
) -> None:  # fmt: skip
    """Build a ground floor of shops, each with its panes, its sign and perhaps an awning."""
    count = max(1, round(front.length / rng.uniform(4.4, 5.6)))
    cell, high = front.length / count, 2.95
    for i in range(count):
        a, b = i * cell + 0.3, (i + 1) * cell - 0.3
        panels(site, front, [(a - 0.3, 0, a, high), (b, 0, b + 0.3, high)], 0, wall)
        fitted(site, front, (a, 0.0, b, high), -0.3, fronts[int(rng.integers(len(fronts)))])
        for s, first, second in ((a, 0.0, -0.3), (b, -0.3, 0.0)):
            corners = front.at(
                np.array([s] * 4), np.array([0, 0, high, high]), np.array([first, second, second, first])
            )
            site.quads([corners], [[(0, 1), (0.1, 1), (0.1, 0), (0, 0)]], wall)
        slab(site, front, (a - 0.1, high, b + 0.1, high + 0.62), (0, 0.14), trim)
        middle, half = (a + b) / 2, min(1.4, (b - a) * 0.42)
        fitted(
            site,
            front,
            (middle - half, high + 0.04, middle + half, high + 0.58),
            0.15,
            signs[int(rng.integers(len(signs)))],
        )
        if rng.random() < 0.35:
            cloth(site, front, a, b, high, awning)
    panels(site, front, [(0, high, front.length, GROUND_FLOOR)], 0, wall)


def cloth(site: Site, front: Front, a: float, b: float, high: float, awning: Material) -> None:
    """Stretch an awning over a shop from `a` to `b`."""
    deep, drop = 1.2, 0.5
    top, edge = high - 0.02, high - drop
    slope = front.at(np.array([a, b, b, a]), np.array([edge, edge, top, top]), np.array([deep, deep, 0, 0]))
    wide = (b - a) / awning.width
    site.quads([slope], [[(0, 1), (wide, 1), (wide, 0), (0, 0)]], awning)
    fringe = front.at(np.array([a, b, b, a]), np.array([edge - 0.2, edge - 0.2, edge, edge]), deep)
    site.quads([fringe], [[(0, 0.2), (wide, 0.2), (wide, 0), (0, 0)]], awning)


@dataclass(frozen=True)
class Street:
    """The materials that a row of houses chooses from."""

    walls: tuple[Material, ...]
    glass: tuple[Material, ...]
    shops: tuple[Material, ...]
    signs: tuple[Material, ...]
    awnings: tuple[Material, ...]
    trims: tuple[Material, ...]
    roof: Material
    far: Material


def street(site: Site, rng: np.random.Generator, *, lit: float) -> Street:
    """Choose the materials of a neighbourhood; its windows glow by `lit`."""
    kinds = (surfaces.brick, surfaces.plaster, surfaces.concrete)
    walls = tuple(
        site.material(k(rng), m)
        for k, m in ((surfaces.plaster, 4), (surfaces.plaster, 4), (surfaces.brick, 2))
    )
    extra = int(rng.integers(3))
    walls += (site.material(kinds[extra](rng), (2, 4, 4)[extra]),)
    stripes = [surfaces.plain(pictures.vivid(rng)) for _ in range(2)]
    stripes[1][:, ::2, :3] = stripes[1][:, ::2, :3] // 128 * 128
    stripes[1][:, np.arange(512) % 128 < 64, :3] = (232, 228, 218)
    return Street(
        walls,
        tuple(site.material(pictures.panes(rng), 1, glow=lit * 0.8) for _ in range(2)),
        tuple(site.material(pictures.shop(rng), 5, 3, glow=lit * 2.5) for _ in range(4)),
        tuple(site.material(pictures.sign(rng), 3, 0.6, glow=lit * 2) for _ in range(4)),
        tuple(site.material(s, 1.2) for s in stripes),
        tuple(site.material(surfaces.finished(surfaces.grained(rng, (v, v, v - 4.0), stains=6, grain=4)), 2)
              for v in (70.0, 168.0, 206.0)),
        site.material(surfaces.finished(surfaces.grained(rng, (96, 92, 90))), 4),
        site.material(pictures.facade(rng), 6, 6.4, glow=lit * 0.8),
    )  # fmt: skip


def house(site: Site, rng: np.random.Generator, front: Front, deep: float, floors: int, kit: Street) -> None:
    """Build a house behind a front: shops, windows, roof, and blind walls at its other sides."""
    wall, trim = (group[rng.integers(len(group))] for group in (kit.walls, kit.trims))
    shops(site, rng, front, wall, trim, kit.shops, kit.signs, kit.awnings[rng.integers(2)])
    top = windows(site, rng, front, GROUND_FLOOR, floors, wall, kit.glass[rng.integers(2)], trim)
    back_left, back_right = (tuple(front.at(s, 0, -deep)[:2]) for s in (0.0, front.length))
    for a, b in ((front.end, back_right), (back_right, back_left), (back_left, front.start)):
        site.wall(a, b, 0, top, wall)
    corners = front.at(np.array([0, front.length, front.length, 0]), top, np.array([0, 0, -deep, -deep]))
    site.quads([corners], [[(0, 1), (2, 1), (2, 0), (0, 0)]], kit.roof)
    x, y, _ = front.at(front.length / 2, 0, -deep / 2)
    site.obstacles.append(Rectangle(float(x), float(y), deep, front.length, front.heading()))


def far_house(site: Site, rng: np.random.Generator, place: Rectangle, kit: Street, low: bool = False) -> None:
    """Stand a house in the distance whose windows are only painted."""
    floors = 1 if low else int(rng.integers(2, 7))
    site.box(place, 0, floors * 3.2, kit.far, top=kit.roof)

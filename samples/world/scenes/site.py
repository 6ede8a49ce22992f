"""A place while it is being built: its triangles, its materials, and what people must walk around."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samples.world.mesh import Floats
from samples.world.scene import Point, Rectangle, Scenery, Seat
from samples.world.scenes.surfaces import Sheet

UNIT = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, -1.0), (0.0, -1.0)])
"""A sheet's u and v at the corners of a quadrilateral: v points down."""


@dataclass(frozen=True)
class Material:
    """A sheet and the metres it covers before it repeats."""

    sheet: int
    width: float
    height: float
    glow: float = 0.0
    """Light that its glass gives off, as a share of what a white wall sends back under unit light."""


@dataclass
class Site:
    """Collects what a scene is built of."""

    sheets: list[Sheet] = field(default_factory=list)
    points: list[Floats] = field(default_factory=list)
    normals: list[Floats] = field(default_factory=list)
    paint: list[Floats] = field(default_factory=list)
    materials: list[NDArray[np.int32]] = field(default_factory=list)
    obstacles: list[Rectangle] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)

    def material(
        self, sheet: Sheet, width: float, height: float | None = None, *, glow: float = 0.0
    ) -> Material:
        """Keep a sheet that covers `width` by `height` metres (square unless told)."""
        self.sheets.append(sheet)
        return Material(len(self.sheets) - 1, width, width if height is None else height, glow)

    def quads(
        self, corners: ArrayLike, paint: ArrayLike, material: Material, *, normals: ArrayLike | None = None
    ) -> None:
        """Add n quadrilaterals.

        Args:
            corners: (n, 4, 3) metres, counterclockwise for whoever looks at the painted side.
            paint: (n, 4, 2) u and v on the sheet, v downwards.
            material: what they are made of.
            normals: (n, 4, 3) where light should not see them flat.
        """
        at = np.asarray(corners, np.float32)
        if normals is None:
            flat = np.cross(at[:, 1] - at[:, 0], at[:, 3] - at[:, 0])
            flat /= np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-9)
            towards = np.repeat(flat[:, None], 4, axis=1)
        else:
            towards = np.asarray(normals, np.float32)
        order = [0, 1, 2, 0, 2, 3]
        self.points.append(at[:, order].reshape(-1, 3))
        # a normal longer than 1 carries the glow: Scenery has no other place for it
        self.normals.append((towards[:, order] * (1 + material.glow)).reshape(-1, 3).astype(np.float32))
        self.paint.append(np.asarray(paint, np.float32)[:, order].reshape(-1, 2))
        self.materials.append(np.full(len(at) * 6, material.sheet, np.int32))

    def sheet_on(
        self, origin: ArrayLike, along: ArrayLike, up: ArrayLike, material: Material, *, fit: bool = False
    ) -> None:
        """Add one parallelogram from its lower left corner; the sheet repeats by its metres unless it is to fit."""
        o, a, b = (np.asarray(v, np.float32) for v in (origin, along, up))
        repeats = np.array((np.linalg.norm(a) / material.width, np.linalg.norm(b) / material.height))
        wide, high = (1.0, 1.0) if fit else (float(repeats[0]), float(repeats[1]))
        self.quads([[o, o + a, o + a + b, o + b]], [[(0, 0), (wide, 0), (wide, -high), (0, -high)]], material)

    def floor(self, low: Point, high: Point, z: float, material: Material) -> None:
        """Add level ground between two corners; its pattern starts at the world's origin."""
        (x0, y0), (x1, y1) = low, high
        corners = np.array([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)])
        self.quads([corners], [corners[:, :2] / (material.width, -material.height)], material)

    def wall(
        self, start: Point, end: Point, low: float, high: float, material: Material, *, fit: bool = False
    ) -> None:
        """Add an upright wall; whoever looks at it sees `start` on the left."""
        along = (end[0] - start[0], end[1] - start[1], 0)
        self.sheet_on((*start, low), along, (0, 0, high - low), material, fit=fit)

    def box(
        self, place: Rectangle, low: float, high: float, material: Material, *, top: Material | None = None
    ) -> None:
        """Add a box on a rectangle of ground; its underside only where it can be seen from below."""
        floor = np.array(corners_of(place))  # (4, 2)
        below, above = (np.column_stack([floor, np.full(4, z)]) for z in (low, high))
        after = np.roll(np.arange(4), -1)
        walls = np.stack([below, below[after], above[after], above], axis=1)  # (4 walls, 4 corners, 3)
        wide = np.array([place.length, place.width, place.length, place.width]) / material.width
        walls_paint = UNIT * np.stack([wide, np.full(4, (high - low) / material.height)], axis=-1)[:, None]
        self.quads(walls, walls_paint, material)
        lid = top or material
        lid_paint = UNIT * (place.length / lid.width, place.width / lid.height)
        self.quads([above], [lid_paint], lid)
        if low > 0.3:
            self.quads([below[::-1]], [lid_paint], lid)

    def tube(
        self, path: ArrayLike, radii: ArrayLike, material: Material, *, sides: int = 8, closed: bool = True
    ) -> None:
        """Add a round tube along (k, 3) points with (k,) radii, such as a pole, a branch or a vase."""
        at, radius = np.asarray(path, float), np.asarray(radii, float)
        ahead = np.gradient(at, axis=0)
        ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
        aside = np.cross(ahead, np.where(np.abs(ahead[:, 2:]) > 0.9, (1.0, 0, 0), (0, 0, 1.0)))
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        angle = np.linspace(0, 2 * np.pi, sides + 1)
        ring = (
            np.cos(angle)[:, None] * aside[:, None] + np.sin(angle)[:, None] * np.cross(ahead, aside)[:, None]
        )
        rim = at[:, None] + ring * radius[:, None, None]  # (k, sides + 1, 3)
        v = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(at, axis=0), axis=1))]) / material.height
        u = angle / (2 * np.pi) * max(1.0, round(2 * np.pi * radius.max() / material.width))
        paint = np.stack(np.broadcast_arrays(u[None], -v[:, None]), axis=-1)
        self.quads(ringed(rim), ringed(paint), material, normals=ringed(ring))
        if closed:
            lid = rim[-1, :-1]
            middle = np.repeat(at[-1:], sides, axis=0)
            corners = np.stack([middle, lid, np.roll(lid, -1, axis=0), middle], axis=1)
            up = np.broadcast_to(ahead[-1], corners.shape)
            self.quads(corners, corners[..., :2], material, normals=up)

    def pole(
        self, at: Point, low: float, high: float, radius: float, material: Material, *, sides: int = 8
    ) -> None:
        """Add an upright round pole."""
        self.tube([(*at, low), (*at, high)], [radius, radius], material, sides=sides)

    def scenery(self) -> Scenery:
        """Hand over what was built."""
        return Scenery(
            np.concatenate(self.points), np.concatenate(self.normals), np.concatenate(self.paint),
            np.concatenate(self.materials), np.stack(self.sheets),
        )  # fmt: skip


def ringed(grid: NDArray[np.floating]) -> NDArray[np.floating]:
    """Turn a (k, m, c) grid into the ((k - 1) * (m - 1), 4, c) corners of its cells."""
    cells = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)
    return cells.reshape(-1, 4, grid.shape[-1])


def corners_of(place: Rectangle) -> list[Point]:
    """Find a rectangle's corners, counterclockwise from above.

    >>> [(round(x, 1), round(y, 1)) for x, y in corners_of(Rectangle(1, 2, 4, 2))]
    [(-1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (-1.0, 3.0)]
    """
    c, s = np.cos(place.heading), np.sin(place.heading)
    half = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    across = [(a * place.length / 2, b * place.width / 2) for a, b in half]
    return [(float(place.x + c * a - s * b), float(place.y + s * a + c * b)) for a, b in across]


def inside(place: Rectangle, x: float, y: float, *, margin: float = 0.0) -> bool:
    """Tell whether a point lies in a rectangle grown by a margin."""
    c, s = np.cos(place.heading), np.sin(place.heading)
    dx, dy = x - place.x, y - place.y
    along, aside = c * dx + s * dy, c * dy - s * dx
    return bool(abs(along) <= place.length / 2 + margin and abs(aside) <= place.width / 2 + margin)

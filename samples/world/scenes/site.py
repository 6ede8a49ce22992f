"""Builder of a scene: its triangles, materials, obstacles and seats."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samples.world.mesh import Floats
from samples.world.scene import Point, Rectangle, Scenery, Seat
from samples.world.scenes.surfaces import Sheet

UNIT = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, -1.0), (0.0, -1.0)])
"""u and v of a sheet at the corners of a quadrilateral; v points down."""


@dataclass(frozen=True)
class Material:
    """A sheet and its size on a surface."""

    sheet: int
    """Index of the sheet."""
    width: float
    """Metres after which the sheet repeats along u."""
    height: float
    """Metres after which the sheet repeats along v."""
    glow: float = 0.0
    """Light that the glass of the sheet emits; 1 is the light of a white wall under unit light."""


@dataclass
class Site:
    """Collector of the parts of a scene."""

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
        """Add a sheet that covers `width` by `height` metres (square by default) and return its material."""
        self.sheets.append(sheet)
        return Material(len(self.sheets) - 1, width, width if height is None else height, glow)

    def quads(
        self, corners: ArrayLike, paint: ArrayLike, material: Material, *, normals: ArrayLike | None = None
    ) -> None:
        """Add n quadrilaterals.

        Args:
            corners: (n, 4, 3) metres, counterclockwise as seen from the painted side.
            paint: (n, 4, 2) u and v on the sheet, v downwards.
            material: the material of all of them.
            normals: (n, 4, 3) normals of the corners; by default those of the flat quadrilaterals.
        """
        points = np.asarray(corners, np.float32)
        if normals is None:
            flat = np.cross(points[:, 1] - points[:, 0], points[:, 3] - points[:, 0])
            flat /= np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-9)
            corner_normals = np.repeat(flat[:, None], 4, axis=1)
        else:
            corner_normals = np.asarray(normals, np.float32)
        order = [0, 1, 2, 0, 2, 3]
        self.points.append(points[:, order].reshape(-1, 3))
        # the length of a normal above 1 stores the glow, because Scenery has no other field for it
        self.normals.append(
            (corner_normals[:, order] * (1 + material.glow)).reshape(-1, 3).astype(np.float32)
        )
        self.paint.append(np.asarray(paint, np.float32)[:, order].reshape(-1, 2))
        self.materials.append(np.full(len(points) * 6, material.sheet, np.int32))

    def sheet_on(
        self, origin: ArrayLike, along: ArrayLike, up: ArrayLike, material: Material, *, fit: bool = False
    ) -> None:
        """Add one parallelogram from its lower left corner; the sheet repeats, or fills it once if `fit` is true."""
        start, right, top = (np.asarray(vector, np.float32) for vector in (origin, along, up))
        repeats = np.array((np.linalg.norm(right) / material.width, np.linalg.norm(top) / material.height))
        u, v = (1.0, 1.0) if fit else (float(repeats[0]), float(repeats[1]))
        self.quads(
            [[start, start + right, start + right + top, start + top]],
            [[(0, 0), (u, 0), (u, -v), (0, -v)]],
            material,
        )

    def floor(self, low: Point, high: Point, z: float, material: Material) -> None:
        """Add level ground between two corners; the sheet starts at the origin of the world."""
        (x0, y0), (x1, y1) = low, high
        corners = np.array([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)])
        self.quads([corners], [corners[:, :2] / (material.width, -material.height)], material)

    def wall(
        self, start: Point, end: Point, low: float, high: float, material: Material, *, fit: bool = False
    ) -> None:
        """Add an upright wall; seen from its painted side, `start` is on the left."""
        along = (end[0] - start[0], end[1] - start[1], 0)
        self.sheet_on((*start, low), along, (0, 0, high - low), material, fit=fit)

    def box(
        self, place: Rectangle, low: float, high: float, material: Material, *, top: Material | None = None
    ) -> None:
        """Add a box on a rectangle of ground; it has an underside only if `low` is above 0.3 m."""
        outline = np.array(corners_of(place))  # (4, 2)
        below, above = (np.column_stack([outline, np.full(4, z)]) for z in (low, high))
        next_corner = np.roll(np.arange(4), -1)
        # (4 walls, 4 corners, 3)
        walls = np.stack([below, below[next_corner], above[next_corner], above], axis=1)
        repeats = np.array([place.length, place.width, place.length, place.width]) / material.width
        walls_paint = UNIT * np.stack([repeats, np.full(4, (high - low) / material.height)], axis=-1)[:, None]
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
        points, radius = np.asarray(path, float), np.asarray(radii, float)
        along = np.gradient(points, axis=0)
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
        across = np.cross(along, np.where(np.abs(along[:, 2:]) > 0.9, (1.0, 0, 0), (0, 0, 1.0)))
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        angle = np.linspace(0, 2 * np.pi, sides + 1)
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        normals_around = cos * across[:, None] + sin * np.cross(along, across)[:, None]
        rim = points[:, None] + normals_around * radius[:, None, None]  # (k, sides + 1, 3)
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
        v = np.concatenate([[0], np.cumsum(lengths)]) / material.height
        u = angle / (2 * np.pi) * max(1.0, round(2 * np.pi * radius.max() / material.width))
        paint = np.stack(np.broadcast_arrays(u[None], -v[:, None]), axis=-1)
        self.quads(cell_corners(rim), cell_corners(paint), material, normals=cell_corners(normals_around))
        if closed:
            lid = rim[-1, :-1]
            middle = np.repeat(points[-1:], sides, axis=0)
            corners = np.stack([middle, lid, np.roll(lid, -1, axis=0), middle], axis=1)
            up = np.broadcast_to(along[-1], corners.shape)
            self.quads(corners, corners[..., :2], material, normals=up)

    def pole(
        self, at: Point, low: float, high: float, radius: float, material: Material, *, sides: int = 8
    ) -> None:
        """Add an upright round pole."""
        self.tube([(*at, low), (*at, high)], [radius, radius], material, sides=sides)

    def scenery(self) -> Scenery:
        """Return all triangles and sheets."""
        return Scenery(
            points=np.concatenate(self.points),
            normals=np.concatenate(self.normals),
            paint=np.concatenate(self.paint),
            materials=np.concatenate(self.materials),
            sheets=np.stack(self.sheets),
        )


def cell_corners(grid: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the ((k - 1) * (m - 1), 4, c) corners of the cells of a (k, m, c) grid."""
    cells = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2)
    return cells.reshape(-1, 4, grid.shape[-1])


def corners_of(place: Rectangle) -> list[Point]:
    """Return the corners of a rectangle, counterclockwise as seen from above.

    >>> [(round(x, 1), round(y, 1)) for x, y in corners_of(Rectangle(1, 2, 4, 2))]
    [(-1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (-1.0, 3.0)]
    """
    cos, sin = np.cos(place.heading), np.sin(place.heading)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [(a * place.length / 2, b * place.width / 2) for a, b in signs]
    return [
        (float(place.x + cos * along - sin * aside), float(place.y + sin * along + cos * aside))
        for along, aside in corners
    ]


def inside(place: Rectangle, x: float, y: float, *, margin: float = 0.0) -> bool:
    """Return whether a point is in a rectangle enlarged by `margin` metres on every side."""
    cos, sin = np.cos(place.heading), np.sin(place.heading)
    dx, dy = x - place.x, y - place.y
    along, aside = cos * dx + sin * dy, cos * dy - sin * dx
    return bool(abs(along) <= place.length / 2 + margin and abs(aside) <= place.width / 2 + margin)

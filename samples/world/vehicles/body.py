"""Body of a vehicle: its lines seen from the side and from above, and the surface over them.

Lines are in metres: t is the distance from the front, z the height above the ground. The paint of a surface point
depends only on its position; each sheet shows the vehicle from the left, the right, above, ahead or behind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from samples.world.mesh import Mesh
from samples.world.shapes import Array, Patch, cells, facets
from samples.world.vehicles.looks import Style, VehicleLook

Line = tuple[tuple[float, float], ...]
Span = tuple[float, float]
LEFT, RIGHT, ABOVE, ENDS = range(4)
"""Indices of the sheets. `ENDS` holds four squares: the front, the rear, a wheel, and swatches of plain colours."""
AHEAD: Patch = (0.0, 0.0, 0.25, 1.0)
BEHIND: Patch = (0.25, 0.0, 0.5, 1.0)
WHEEL: Patch = (0.5, 0.0, 0.75, 1.0)
SWATCHES = 4  # rows and columns of swatches in the last square
BULGE: Line = ((0.0, 0.76), (0.05, 0.86), (0.35, 0.965), (1.0, 1.0))
"""(t, half width as a share of the largest) near the front; the rear mirrors it."""
BOW = 0.045
"""Metres by which the middle of front and rear stands out."""
ACROSS = np.array([1.0, 0.6, 0.0, -0.6, -1.0])
"""Columns of front and rear, as shares of the half width from left to right."""


@dataclass(frozen=True)
class Body:
    """The lines of one vehicle in metres: t from the front, z above the ground."""

    length: float
    """Length without a lorry's box."""
    width: float
    floor: float
    """z of the floor."""
    contour: Line
    """(t, z) of the upper line seen from the side, from the front to the rear."""
    windscreen: Span
    """t of the lower and the upper edge."""
    rear_glass: Span
    """t of the upper and the lower edge."""
    belt: Span
    """z of the lower edge of the side windows, at the front and at the rear."""
    windows: tuple[Span, ...]
    """t at which each side window starts and ends."""
    doors: tuple[float, ...]
    """t of the gaps between the doors."""
    axles: tuple[float, ...]
    """t of the axles."""
    wheel: float
    """Radius of the wheels."""
    tumble: float = 0.32
    """Inward lean of the side windows, in metres per metre of height."""
    cargo: tuple[float, float, float, float] | None = None
    """The box of a lorry: t of its front and rear, z of its floor and roof."""

    @property
    def total_length(self) -> float:
        """Length including a lorry's box."""
        return self.cargo[1] if self.cargo else self.length

    @property
    def height(self) -> float:
        """Height of the highest point of the body and a lorry's box."""
        return max(*(z for _, z in self.contour), self.cargo[3] if self.cargo else 0.0)

    def roof(self, t: Array) -> Array:
        """Return the z of the upper line."""
        t_points, z_points = np.transpose(self.contour)
        return np.asarray(np.interp(t, t_points, z_points))

    def waist(self, t: Array) -> Array:
        """Return the z at which windows start; just below the upper line outside of the cabin."""
        return np.minimum(np.interp(t, (0, self.length), self.belt), self.roof(t) - 0.04)

    def half_width(self, t: Array) -> Array:
        """Return half the width of the body seen from above."""
        t_points, shares = np.transpose(BULGE)
        return np.asarray(self.width / 2 * np.interp(np.minimum(t, self.length - t), t_points, shares))

    def roof_half_width(self, t: Array) -> Array:
        """Return half the width at the edge of the roof."""
        return 0.95 * self.half_width(t) - self.tumble * np.maximum(self.roof(t) - 0.05 - self.waist(t), 0)


BODIES: dict[Style, Body] = {
    "sedan": Body(
        length=4.65, width=1.82, floor=0.20,
        contour=((0, 0.58), (0.05, 0.68), (0.35, 0.80), (1.30, 0.95), (2.05, 1.36), (2.5, 1.44), (3.05, 1.43),
                 (3.4, 1.36), (4.05, 1.07), (4.5, 1.03), (4.62, 0.98), (4.65, 0.80)),
        windscreen=(1.30, 2.05), rear_glass=(3.4, 4.05), belt=(0.90, 0.98),
        windows=((1.45, 2.45), (2.52, 3.42), (3.48, 3.9)),
        doors=(1.5, 2.48, 3.45), axles=(0.9, 3.6), wheel=0.32,
    ),
    "hatchback": Body(
        length=4.05, width=1.76, floor=0.20,
        contour=((0, 0.60), (0.05, 0.70), (0.35, 0.84), (1.05, 0.98), (1.78, 1.40), (2.2, 1.48), (3.2, 1.45),
                 (3.5, 1.38), (3.88, 1.02), (4.0, 0.96), (4.05, 0.74)),
        windscreen=(1.05, 1.78), rear_glass=(3.5, 3.88), belt=(0.92, 1.0),
        windows=((1.2, 2.18), (2.25, 3.05), (3.12, 3.6)),
        doors=(1.3, 2.21, 3.1), axles=(0.78, 3.32), wheel=0.31,
    ),
    "suv": Body(
        length=4.6, width=1.9, floor=0.27,
        contour=((0, 0.66), (0.05, 0.88), (0.35, 1.0), (1.30, 1.10), (1.98, 1.58), (2.4, 1.68), (3.8, 1.66),
                 (4.2, 1.60), (4.48, 1.14), (4.57, 1.06), (4.6, 0.80)),
        windscreen=(1.30, 1.98), rear_glass=(4.2, 4.48), belt=(1.04, 1.12),
        windows=((1.45, 2.4), (2.48, 3.35), (3.43, 4.2)),
        doors=(1.5, 2.44, 3.4), axles=(0.9, 3.7), wheel=0.37, tumble=0.28,
    ),
    "van": Body(
        length=5.2, width=1.96, floor=0.26,
        contour=((0, 0.66), (0.05, 0.86), (0.35, 1.02), (0.95, 1.20), (1.75, 1.98), (2.1, 2.1), (4.95, 2.1),
                 (5.12, 2.04), (5.18, 1.2), (5.2, 0.8)),
        windscreen=(0.95, 1.75), rear_glass=(5.12, 5.18), belt=(1.10, 1.2),
        windows=((1.1, 2.15),),
        doors=(1.2, 2.2, 3.4), axles=(0.95, 4.15), wheel=0.34, tumble=0.14,
    ),
    "bus": Body(
        length=11.2, width=2.5, floor=0.32,
        contour=((0, 1.05), (0.05, 1.2), (0.22, 2.5), (0.4, 2.85), (0.9, 3.0), (10.8, 3.0), (11.05, 2.9),
                 (11.15, 1.9), (11.2, 1.1)),
        windscreen=(0.05, 0.27), rear_glass=(11.06, 11.16), belt=(1.15, 1.2),
        windows=((0.35, 0.95), *((1.05 + i * 1.4, 2.37 + i * 1.4) for i in range(7))),
        doors=(1.0, 1.6, 2.2, 6.6, 7.2, 7.8), axles=(2.6, 8.6), wheel=0.48, tumble=0.03,
    ),
    "lorry": Body(
        length=2.0, width=2.3, floor=0.45,
        contour=((0, 1.05), (0.05, 1.25), (0.3, 2.25), (0.5, 2.5), (0.9, 2.6), (1.9, 2.6), (2.0, 2.5)),
        windscreen=(0.06, 0.32), rear_glass=(2.0, 2.0), belt=(1.3, 1.35),
        windows=((0.4, 1.4),),
        doors=(0.35, 1.45), axles=(1.1, 5.6), wheel=0.46, tumble=0.06, cargo=(2.15, 7.4, 0.95, 3.25),
    ),
    "pickup": Body(
        length=5.3, width=1.9, floor=0.30,
        contour=((0, 0.72), (0.05, 0.92), (0.35, 1.04), (1.35, 1.13), (2.0, 1.62), (2.4, 1.74), (3.2, 1.72),
                 (3.42, 1.66), (3.56, 1.12), (3.6, 1.06), (5.25, 1.06), (5.3, 0.98)),
        windscreen=(1.35, 2.0), rear_glass=(3.42, 3.56), belt=(1.06, 1.1),
        windows=((1.5, 2.42), (2.5, 3.4)),
        doors=(1.55, 2.46, 3.45), axles=(0.95, 4.25), wheel=0.38, tumble=0.24,
    ),
}  # fmt: skip
BODIES["taxi"] = BODIES["sedan"]


def body(look: VehicleLook) -> Body:
    """Return the lines of a look: those of its style, scaled to the look's length, width, height and lean."""
    base = BODIES[look.style]
    length_factor, height_factor = look.length, look.height
    lean = look.lean * min(1.0, (base.length - base.rear_glass[0]) / 0.8)  # steep rears can hardly lean
    bends = (base.windscreen[1], *base.rear_glass, base.length)

    def scale_t(t: float) -> float:
        """Scale t with the length, and shift the rear of the roof by the lean."""
        return t * length_factor + lean * float(np.interp(t, bends, (0, 1, 0.3, 0)))

    def scale_z(z: float) -> float:
        """Scale a height above the floor."""
        return base.floor + (z - base.floor) * height_factor

    def scale_span(span: Span) -> Span:
        return scale_t(span[0]), scale_t(span[1])

    cargo = None
    if base.cargo:
        front, rear, bottom, top = base.cargo
        cargo = (front * length_factor, rear * length_factor, bottom, scale_z(top))
    return replace(
        base,
        length=base.length * length_factor,
        width=base.width * look.width,
        contour=tuple((scale_t(t), scale_z(z)) for t, z in base.contour),
        windscreen=scale_span(base.windscreen),
        rear_glass=scale_span(base.rear_glass),
        belt=(scale_z(base.belt[0]), scale_z(base.belt[1])),
        windows=tuple(scale_span(window) for window in base.windows),
        doors=tuple(scale_t(t) for t in base.doors),
        axles=tuple(t * length_factor for t in base.axles),
        cargo=cargo,
    )


def hull(lines: Body) -> Mesh:
    """Return the surface of a body: rings of points across it, from the front to the rear, and a lid at each end."""
    t = ring_positions(lines)
    left = half_rings(lines, t)  # (rings, 9, 3)
    mirror = np.array([-1, 1, 1])
    around = np.concatenate([left, left[:, -2::-1] * mirror], axis=1)
    sides = cells(around)
    lids = [cells(lid(end, out)) for end, out in ((left[0, ::-1], -BOW), (left[-1], BOW))]
    strips = np.tile(np.arange(around.shape[1] - 1), len(t) - 1)
    upper = np.concatenate([np.tile((strips > 5) & (strips < 10), 2), np.zeros(sum(map(len, lids)), bool)])
    return paint_by_position(np.concatenate([sides, *lids]), lines, upper)


def ring_positions(lines: Body) -> Array:
    """Return the (n,) t of the rings: every bend of the lines seen from the side and from above."""
    bulge_t = [t for t, _ in BULGE]
    bends = np.array([*(t for t, _ in lines.contour), *bulge_t, *(lines.length - t for t in bulge_t)])
    t = np.unique(np.round(bends[(bends >= 0) & (bends <= lines.length)], 3))
    return np.asarray(t[np.concatenate([[True], np.diff(t) > 0.02])])


def half_rings(lines: Body, t: Array) -> Array:
    """Return the (n, 9, 3) left halves of the rings at t, from the middle of the floor over the side to the roof."""
    half, edge, roof, waist = lines.half_width(t), lines.roof_half_width(t), lines.roof(t), lines.waist(t)
    zero = np.zeros_like(t)
    floor = lines.floor + 0.1 * np.interp(np.minimum(t, lines.length - t), (0, 0.6), (1, 0))
    x = (zero, 0.92 * half, 0.98 * half, half, 0.985 * half, 0.95 * half, edge, edge - 0.07, zero)
    z = (
        floor, floor, floor + 0.06, floor + 0.55 * (waist - floor), waist - 0.05, waist, roof - 0.04, roof - 0.01,
        roof + 0.015,
    )  # fmt: skip
    y = np.broadcast_to(np.clip(t, BOW, lines.length - BOW) - lines.total_length / 2, (9, len(t)))
    return np.stack([np.stack(x), y, np.stack(z)], axis=2).transpose(1, 0, 2)


def lid(end: Array, out: float) -> Array:
    """Return the (5, n, 3) grid that closes an end, given its left half (n, 3); the middle stands out by `out` metres."""
    share = ACROSS[:, None, None]
    across = np.concatenate([share, np.ones_like(share), np.ones_like(share)], axis=2)
    return np.asarray(end * across + out * (1 - share**2) * np.array([0, 1, 0]))


def paint_by_position(corners: Array, lines: Body, upper: NDArray[np.bool_] | None = None) -> Mesh:
    """Return the mesh of (F, 3, 3) triangles, each painted from the sheet of the side that it faces.

    Triangles of the (F,) mask `upper` take the sheet from above, unless they face ahead or behind.
    """
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    side_share, end_share, top_share = np.abs(normal).T
    faces_up = (top_share > np.maximum(side_share, end_share)) if upper is None else upper | (top_share > 0.7)
    faces_end = (end_share > 0.8) | (~faces_up & (end_share > side_share))
    t = corners[:, :, 1] / lines.total_length + 0.5  # (F, 3)
    across = corners[:, :, 0] / lines.width + 0.5
    down = 1 - corners[:, :, 2] / (lines.height + 0.02)
    ahead = np.stack([AHEAD[2] * across, down], axis=2)
    behind = np.stack([BEHIND[2] - (BEHIND[2] - BEHIND[0]) * across, down], axis=2)
    from_side, from_above = np.stack([t, down], 2), np.stack([t, across], 2)
    from_end = np.where(normal[:, 1, None, None] < 0, ahead, behind)
    sheets = np.where(faces_end, ENDS, np.where(faces_up, ABOVE, np.where(normal[:, 0] > 0, LEFT, RIGHT)))
    paint = np.where(
        faces_end[:, None, None], from_end, np.where(faces_up[:, None, None], from_above, from_side)
    )
    return facets(corners, np.clip(paint, 0, 1), sheets)


def swatch(index: int) -> Patch:
    """Return the patch of one plain colour."""
    row, column = divmod(index, SWATCHES)
    u, v = 0.75 + (column + 0.5) * 0.25 / SWATCHES, (row + 0.5) / SWATCHES
    return u - 0.01, v - 0.04, u + 0.01, v + 0.04

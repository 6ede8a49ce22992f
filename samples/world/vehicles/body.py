"""The body of a vehicle: its lines seen from the side and from above, and the skin stretched over them.

Lines are given in metres from the front (t, backwards) and above ground (z). What a point of the skin is
painted with depends only on where it is: seen from the left, the right, above, ahead or behind.
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
"""The sheets. The last holds four squares: ahead, behind, a wheel, and swatches of plain colours."""
AHEAD: Patch = (0.0, 0.0, 0.25, 1.0)
BEHIND: Patch = (0.25, 0.0, 0.5, 1.0)
WHEEL: Patch = (0.5, 0.0, 0.75, 1.0)
SWATCHES = 4  # by 4, in the last square
BULGE: Line = ((0.0, 0.76), (0.05, 0.86), (0.35, 0.965), (1.0, 1.0))
"""Half width near the front and, mirrored, near the rear, as a share of the widest."""
BOW = 0.045
"""How far the middle of front and rear stands out, metres."""
ACROSS = np.array([1.0, 0.6, 0.0, -0.6, -1.0])
"""Where the columns of front and rear stand, as shares of the half width."""


@dataclass(frozen=True)
class Body:
    """The lines of one vehicle; t in metres from the front, z above ground."""

    length: float
    width: float
    floor: float
    contour: Line
    """The upper line seen from the side, from the front to the rear."""
    windscreen: Span
    """t of its lower and upper edge."""
    rear_glass: Span
    """t of its upper and lower edge."""
    belt: Span
    """z of the windows' lower edge, at the front and the rear."""
    windows: tuple[Span, ...]
    """t at which each side window starts and ends."""
    doors: tuple[float, ...]
    axles: tuple[float, ...]
    wheel: float
    """Its radius."""
    tumble: float = 0.32
    """How far the windows lean inwards, metres a metre."""
    cargo: tuple[float, float, float, float] | None = None
    """A lorry's box: t of front and rear, z of floor and roof."""

    @property
    def whole(self) -> float:
        """Length with cargo."""
        return self.cargo[1] if self.cargo else self.length

    @property
    def height(self) -> float:
        """Of the highest point of body and cargo."""
        return max(*(z for _, z in self.contour), self.cargo[3] if self.cargo else 0.0)

    def roof(self, t: Array) -> Array:
        """The upper line's z."""
        return np.asarray(np.interp(t, *np.transpose(self.contour)))

    def waist(self, t: Array) -> Array:
        """Z at which windows may begin; just below the upper line where there is no cabin."""
        return np.minimum(np.interp(t, (0, self.length), self.belt), self.roof(t) - 0.04)

    def half(self, t: Array) -> Array:
        """Half the width seen from above."""
        return np.asarray(self.width / 2 * np.interp(np.minimum(t, self.length - t), *np.transpose(BULGE)))

    def edge(self, t: Array) -> Array:
        """Half the width at the edge of the roof."""
        return 0.95 * self.half(t) - self.tumble * np.maximum(self.roof(t) - 0.05 - self.waist(t), 0)


BODIES: dict[Style, Body] = {
    "sedan": Body(
        4.65, 1.82, 0.20,
        ((0, 0.58), (0.05, 0.68), (0.35, 0.80), (1.30, 0.95), (2.05, 1.36), (2.5, 1.44), (3.05, 1.43), (3.4, 1.36),
         (4.05, 1.07), (4.5, 1.03), (4.62, 0.98), (4.65, 0.80)),
        (1.30, 2.05), (3.4, 4.05), (0.90, 0.98), ((1.45, 2.45), (2.52, 3.42), (3.48, 3.9)), (1.5, 2.48, 3.45), (0.9, 3.6),
        0.32,
    ),
    "hatchback": Body(
        4.05, 1.76, 0.20,
        ((0, 0.60), (0.05, 0.70), (0.35, 0.84), (1.05, 0.98), (1.78, 1.40), (2.2, 1.48), (3.2, 1.45), (3.5, 1.38),
         (3.88, 1.02), (4.0, 0.96), (4.05, 0.74)),
        (1.05, 1.78), (3.5, 3.88), (0.92, 1.0), ((1.2, 2.18), (2.25, 3.05), (3.12, 3.6)), (1.3, 2.21, 3.1), (0.78, 3.32),
        0.31,
    ),
    "suv": Body(
        4.6, 1.9, 0.27,
        ((0, 0.66), (0.05, 0.88), (0.35, 1.0), (1.30, 1.10), (1.98, 1.58), (2.4, 1.68), (3.8, 1.66), (4.2, 1.60),
         (4.48, 1.14), (4.57, 1.06), (4.6, 0.80)),
        (1.30, 1.98), (4.2, 4.48), (1.04, 1.12), ((1.45, 2.4), (2.48, 3.35), (3.43, 4.2)), (1.5, 2.44, 3.4), (0.9, 3.7),
        0.37, 0.28,
    ),
    "van": Body(
        5.2, 1.96, 0.26,
        ((0, 0.66), (0.05, 0.86), (0.35, 1.02), (0.95, 1.20), (1.75, 1.98), (2.1, 2.1), (4.95, 2.1), (5.12, 2.04),
         (5.18, 1.2), (5.2, 0.8)),
        (0.95, 1.75), (5.12, 5.18), (1.10, 1.2), ((1.1, 2.15),), (1.2, 2.2, 3.4), (0.95, 4.15), 0.34, 0.14,
    ),
    "bus": Body(
        11.2, 2.5, 0.32,
        ((0, 1.05), (0.05, 1.2), (0.22, 2.5), (0.4, 2.85), (0.9, 3.0), (10.8, 3.0), (11.05, 2.9), (11.15, 1.9),
         (11.2, 1.1)),
        (0.05, 0.27), (11.06, 11.16), (1.15, 1.2),
        ((0.35, 0.95), *((1.05 + i * 1.4, 2.37 + i * 1.4) for i in range(7))), (1.0, 1.6, 2.2, 6.6, 7.2, 7.8), (2.6, 8.6),
        0.48, 0.03,
    ),
    "lorry": Body(
        2.0, 2.3, 0.45,
        ((0, 1.05), (0.05, 1.25), (0.3, 2.25), (0.5, 2.5), (0.9, 2.6), (1.9, 2.6), (2.0, 2.5)),
        (0.06, 0.32), (2.0, 2.0), (1.3, 1.35), ((0.4, 1.4),), (0.35, 1.45), (1.1, 5.6), 0.46, 0.06,
        (2.15, 7.4, 0.95, 3.25),
    ),
    "pickup": Body(
        5.3, 1.9, 0.30,
        ((0, 0.72), (0.05, 0.92), (0.35, 1.04), (1.35, 1.13), (2.0, 1.62), (2.4, 1.74), (3.2, 1.72), (3.42, 1.66),
         (3.56, 1.12), (3.6, 1.06), (5.25, 1.06), (5.3, 0.98)),
        (1.35, 2.0), (3.42, 3.56), (1.06, 1.1), ((1.5, 2.42), (2.5, 3.4)), (1.55, 2.46, 3.45), (0.95, 4.25), 0.38, 0.24,
    ),
}  # fmt: skip
BODIES["taxi"] = BODIES["sedan"]


def body(look: VehicleLook) -> Body:
    """Stretch the style's lines to a look's measures."""
    base = BODIES[look.style]
    long, high = look.length, look.height
    lean = look.lean * min(1.0, (base.length - base.rear_glass[0]) / 0.8)  # steep rears can hardly lean
    bends = (base.windscreen[1], *base.rear_glass, base.length)

    def back(t: float) -> float:
        """Lengthen, and shift the rear of the roof."""
        return t * long + lean * float(np.interp(t, bends, (0, 1, 0.3, 0)))

    def up(z: float) -> float:
        """Raise what is above the floor."""
        return base.floor + (z - base.floor) * high

    def along(span: Span) -> Span:
        """Move a span's ends."""
        return back(span[0]), back(span[1])

    cargo = base.cargo and (base.cargo[0] * long, base.cargo[1] * long, base.cargo[2], up(base.cargo[3]))
    return replace(
        base,
        length=base.length * long,
        width=base.width * look.width,
        contour=tuple((back(t), up(z)) for t, z in base.contour),
        windscreen=along(base.windscreen),
        rear_glass=along(base.rear_glass),
        belt=(up(base.belt[0]), up(base.belt[1])),
        windows=tuple(along(window) for window in base.windows),
        doors=tuple(back(t) for t in base.doors),
        axles=tuple(t * long for t in base.axles),
        cargo=cargo,
    )


def hull(lines: Body) -> Mesh:
    """Stretch the skin: rings of points across the vehicle, from the front to the rear, and a lid at each end."""
    t = stations(lines)
    left = ring(lines, t)  # (stations, 9, 3)
    mirror = np.array([-1, 1, 1])
    around = np.concatenate([left, left[:, -2::-1] * mirror], axis=1)
    sides = cells(around)
    lids = [cells(lid(end, out)) for end, out in ((left[0, ::-1], -BOW), (left[-1], BOW))]
    strips = np.tile(np.arange(around.shape[1] - 1), len(t) - 1)
    upper = np.concatenate([np.tile((strips > 5) & (strips < 10), 2), np.zeros(sum(map(len, lids)), bool)])
    return painted(np.concatenate([sides, *lids]), lines, upper)


def stations(lines: Body) -> Array:
    """(n,) where rings stand: at every bend of the side line and of the line from above."""
    ends = [t for t, _ in BULGE]
    bends = np.array([*(t for t, _ in lines.contour), *ends, *(lines.length - t for t in ends)])
    t = np.unique(np.round(bends[(bends >= 0) & (bends <= lines.length)], 3))
    return np.asarray(t[np.concatenate([[True], np.diff(t) > 0.02])])


def ring(lines: Body, t: Array) -> Array:
    """(n, 9, 3): the left half of the rings at t, from the middle of the floor over the side to that of the roof."""
    half, edge, roof, waist = lines.half(t), lines.edge(t), lines.roof(t), lines.waist(t)
    zero, floor = (
        np.zeros_like(t),
        lines.floor + 0.1 * np.interp(np.minimum(t, lines.length - t), (0, 0.6), (1, 0)),
    )
    x = (zero, 0.92 * half, 0.98 * half, half, 0.985 * half, 0.95 * half, edge, edge - 0.07, zero)
    z = (
        floor, floor, floor + 0.06, floor + 0.55 * (waist - floor), waist - 0.05, waist, roof - 0.04, roof - 0.01,
        roof + 0.015,
    )  # fmt: skip
    y = np.broadcast_to(np.clip(t, BOW, lines.length - BOW) - lines.whole / 2, (9, len(t)))
    return np.stack([np.stack(x), y, np.stack(z)], axis=2).transpose(1, 0, 2)


def lid(end: Array, out: float) -> Array:
    """(5, n, 3): close an end, (n, 3) of its left half, with columns that stand out towards the middle."""
    share = ACROSS[:, None, None]
    across = np.concatenate([share, np.ones_like(share), np.ones_like(share)], axis=2)
    return np.asarray(end * across + out * (1 - share**2) * np.array([0, 1, 0]))


def painted(corners: Array, lines: Body, upper: NDArray[np.bool_] | None = None) -> Mesh:
    """Paint (F, 3, 3) triangles by where they are; those of `upper` from above unless they stand upright."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    side, end, top = np.abs(normal).T
    level = (top > np.maximum(side, end)) if upper is None else upper | (top > 0.7)
    upright = (end > 0.8) | (~level & (end > side))
    t = corners[:, :, 1] / lines.whole + 0.5  # (F, 3)
    across = corners[:, :, 0] / lines.width + 0.5
    down = 1 - corners[:, :, 2] / (lines.height + 0.02)
    ahead = np.stack([AHEAD[2] * across, down], axis=2)
    behind = np.stack([BEHIND[2] - (BEHIND[2] - BEHIND[0]) * across, down], axis=2)
    views = (
        np.stack([t, down], 2),
        np.stack([t, across], 2),
        np.where(normal[:, 1, None, None] < 0, ahead, behind),
    )
    sheets = np.where(upright, ENDS, np.where(level, ABOVE, np.where(normal[:, 0] > 0, LEFT, RIGHT)))
    paint = np.where(upright[:, None, None], views[2], np.where(level[:, None, None], views[1], views[0]))
    return facets(corners, np.clip(paint, 0, 1), sheets)


def swatch(index: int) -> Patch:
    """The patch of one plain colour."""
    row, column = divmod(index, SWATCHES)
    u, v = 0.75 + (column + 0.5) * 0.25 / SWATCHES, (row + 0.5) / SWATCHES
    return u - 0.01, v - 0.04, u + 0.01, v + 0.04

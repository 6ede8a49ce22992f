"""What is fixed to a body: wheels, mirrors, racks, and a lorry's box."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from samples.world.mesh import Mesh
from samples.world.shapes import Array, box, lathe, mirrored, moved, tube, turned
from samples.world.vehicles.body import ENDS, WHEEL, Body, painted, swatch
from samples.world.vehicles.looks import VehicleLook

TRIM, METAL, PAINT, BLACK, ACCENT, DARK, WHITE, LAMP = range(8)
"""Swatches, in the order in which `livery.swatches` paints them."""


def fittings(look: VehicleLook, lines: Body) -> list[Mesh]:
    """Everything but the skin; +x is the vehicle's left."""
    tyre = [moved(tyred(lines.wheel), (0, t - lines.whole / 2, 0)) for t in lines.axles]
    left = [moved(mesh, (lines.width / 2 - 0.025, 0, lines.wheel)) for mesh in tyre]
    left.append(mirror(look, lines))
    both = [*left, *(mirrored(mesh) for mesh in left)]
    return [*both, well(lines), *rack(look, lines), *cargo(lines)]


def plain(mesh: Mesh) -> Mesh:
    """Put a mesh on the sheet that has the swatches."""
    return replace(mesh, sheets=np.full(len(mesh.points), ENDS, np.int32))


def tyred(radius: float) -> Mesh:
    """Turn a wheel whose outer face lies at x = 0, its axle through the origin; painted as seen along the axle."""
    profile = (
        (0.0, -0.05),
        (0.60, -0.035),
        (0.66, 0.0),
        (0.93, 0.0),
        (1.0, -0.05),
        (1.0, -0.2),
        (0.9, -0.21),
    )
    mesh = turned(lathe(np.array(profile) * (radius, 1), 16), np.array([0.0, 1.0, 0.0]), np.pi / 2)
    middle, reach = (
        np.array([(WHEEL[0] + WHEEL[2]) / 2, 0.5]),
        np.array([(WHEEL[2] - WHEEL[0]) / 2, 0.5]) * 0.97,
    )
    paint = np.column_stack([middle + mesh.points[:, 1:] / radius * reach, np.zeros(len(mesh.points))])
    return plain(replace(mesh, paint=paint.astype(np.float32)))


def well(lines: Body) -> Mesh:
    """Fill the inside with darkness, which the wheel arches show; for a lorry the frame below its box too."""
    bonnet = min(float(lines.roof(np.array([t]))[0]) for t in (0.4, lines.length - 0.4))
    size = (lines.width - 0.5, lines.whole - 0.8, min(bonnet, lines.belt[0]) - lines.floor - 0.08)
    return plain(box(size, (0, 0, lines.floor + 0.02 + size[2] / 2), swatch(BLACK)))


def mirror(look: VehicleLook, lines: Body) -> Mesh:
    """Hang the left mirror beside the windscreen's lower corner."""
    high = look.style in ("bus", "lorry")
    t = lines.windscreen[0] + (0.1 if high else 0.42 * (lines.windscreen[1] - lines.windscreen[0]))
    size = (0.12, 0.1, 0.45) if high else (0.2, 0.1, 0.14)
    z = lines.belt[0] + (0.9 if high else 0.09)
    x = float(lines.half(np.array([t]))[0]) + (0.05 if high else 0.07)
    colour = PAINT if look.trim[0] > 40 and not high else TRIM
    return plain(box(size, (x, t - lines.whole / 2, z), swatch(colour), edge=0.03))


def rack(look: VehicleLook, lines: Body) -> list[Mesh]:
    """Put a rack, a box, a ladder or a taxi's sign on the roof."""
    front, rear = lines.windscreen[1] + 0.15, lines.rear_glass[0] - 0.15
    t = np.linspace(front, rear, 4)
    x, z, y = lines.edge(t) - 0.06, lines.roof(t), t - lines.whole / 2
    if look.style == "taxi":
        return [plain(box((0.5, 0.18, 0.16), (0, y[1], z[1] + 0.08), swatch(WHITE), edge=0.03))]
    if look.style == "bus":
        return [plain(box((1.6, 2.4, 0.22), (0, y[2], z[2] + 0.1), swatch(PAINT), edge=0.08))]
    if look.rack == "none" or look.style in ("lorry", "pickup"):
        return []
    if look.rack == "rails":
        rail = plain(tube(np.stack([x, y, z + 0.06], axis=1), 0.025, 6, swatch(METAL)))
        return [rail, mirrored(rail)]
    bars = [crossbar(x[i], y[i], z[i] + 0.09) for i in (1, 2)]
    if look.rack == "box":
        middle = ((y[1] + y[2]) / 2, (z[1] + z[2]) / 2 + 0.28)
        return [
            *bars,
            plain(box((0.8, min(1.9, 1.6 * (rear - front)), 0.34), (0.1, *middle), swatch(DARK), edge=0.12)),
        ]
    return [*bars, *ladder(y, z + 0.14)] if look.rack == "ladder" else bars


def crossbar(x: float, y: float, z: float) -> Mesh:
    """Lay a bar across the roof on two feet."""
    return plain(tube([(-x, y, z - 0.1), (-x, y, z), (x, y, z), (x, y, z - 0.1)], 0.025, 5, swatch(METAL)))


def ladder(y: Array, z: Array) -> list[Mesh]:
    """Lay a ladder along the roof, left of its middle."""
    poles = [tube(np.stack([np.full(4, x), y, z], axis=1), 0.03, 5, swatch(METAL)) for x in (0.1, 0.5)]
    rungs = [
        tube([(0.1, at, z[1]), (0.5, at, z[1])], 0.02, 4, swatch(METAL))
        for at in np.linspace(y[0] + 0.1, y[-1] - 0.1, 8)
    ]
    return [plain(mesh) for mesh in (*poles, *rungs)]


def cargo(lines: Body) -> list[Mesh]:
    """Build a lorry's box, painted like the skin by where it is, and the tyres beneath its inner side."""
    if lines.cargo is None:
        return []
    front, rear, low, top = lines.cargo
    size = (lines.width, rear - front, top - low)
    mesh = box(size, (0, (front + rear) / 2 - lines.whole / 2, (low + top) / 2), edge=0.03)
    bar = box((lines.width * 0.9, 0.1, 0.1), (0, rear - 0.1 - lines.whole / 2, 0.55), swatch(METAL))
    lamps = [
        box((0.4, 0.04, 0.14), (x * 0.38 * lines.width, rear - 0.04 - lines.whole / 2, 0.72), swatch(LAMP))
        for x in (-1, 1)
    ]
    return [painted(mesh.points[mesh.faces].astype(float), lines), *map(plain, (bar, *lamps))]

"""Parts that are fixed to a vehicle's body: wheels, mirrors, racks, and a lorry's box."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from samples.world.mesh import Mesh
from samples.world.shapes import Array, box, lathe, mirrored, moved, tube, turned
from samples.world.vehicles.body import ENDS, WHEEL, Body, paint_by_position, swatch
from samples.world.vehicles.looks import VehicleLook

TRIM, METAL, PAINT, BLACK, ACCENT, DARK, WHITE, LAMP = range(8)
"""Indices of the swatches that `livery.swatches` paints."""


def fittings(look: VehicleLook, lines: Body) -> list[Mesh]:
    """Return all meshes of a vehicle except for its body's surface; +x is the vehicle's left."""
    left = [
        moved(wheel(lines.wheel), (lines.width / 2 - 0.025, t - lines.total_length / 2, lines.wheel))
        for t in lines.axles
    ]
    left.append(left_mirror(look, lines))
    right = [mirrored(mesh) for mesh in left]
    return [*left, *right, dark_inside(lines), *roof_parts(look, lines), *cargo(lines)]


def on_ends_sheet(mesh: Mesh) -> Mesh:
    """Return a mesh painted from the sheet `ENDS`, which holds the swatches and the wheel."""
    return replace(mesh, sheets=np.full(len(mesh.points), ENDS, np.int32))


def wheel(radius: float) -> Mesh:
    """Return a wheel with its outer face at x = 0 and its axle through the origin, painted as seen along the axle."""
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
    middle = np.array([(WHEEL[0] + WHEEL[2]) / 2, 0.5])
    half_size = np.array([(WHEEL[2] - WHEEL[0]) / 2, 0.5]) * 0.97
    paint = np.column_stack([middle + mesh.points[:, 1:] / radius * half_size, np.zeros(len(mesh.points))])
    return on_ends_sheet(replace(mesh, paint=paint.astype(np.float32)))


def dark_inside(lines: Body) -> Mesh:
    """Return a black box inside the body, visible through the wheel arches; it is also the frame below a lorry's box."""
    bonnet = min(float(lines.roof(np.array([t]))[0]) for t in (0.4, lines.length - 0.4))
    height = min(bonnet, lines.belt[0]) - lines.floor - 0.08
    size = (lines.width - 0.5, lines.total_length - 0.8, height)
    return on_ends_sheet(box(size, (0, 0, lines.floor + 0.02 + height / 2), swatch(BLACK)))


def left_mirror(look: VehicleLook, lines: Body) -> Mesh:
    """Return the left mirror, next to the lower corner of the windscreen."""
    is_tall = look.style in ("bus", "lorry")
    t = lines.windscreen[0] + (0.1 if is_tall else 0.42 * (lines.windscreen[1] - lines.windscreen[0]))
    size = (0.12, 0.1, 0.45) if is_tall else (0.2, 0.1, 0.14)
    z = lines.belt[0] + (0.9 if is_tall else 0.09)
    x = float(lines.half_width(np.array([t]))[0]) + (0.05 if is_tall else 0.07)
    colour = PAINT if look.trim[0] > 40 and not is_tall else TRIM
    return on_ends_sheet(box(size, (x, t - lines.total_length / 2, z), swatch(colour), edge=0.03))


def roof_parts(look: VehicleLook, lines: Body) -> list[Mesh]:
    """Return the parts on the roof: rails, bars, a box, a ladder, a taxi's sign or a bus's air conditioner."""
    front, rear = lines.windscreen[1] + 0.15, lines.rear_glass[0] - 0.15
    t = np.linspace(front, rear, 4)
    x, z, y = lines.roof_half_width(t) - 0.06, lines.roof(t), t - lines.total_length / 2
    if look.style == "taxi":
        return [on_ends_sheet(box((0.5, 0.18, 0.16), (0, y[1], z[1] + 0.08), swatch(WHITE), edge=0.03))]
    if look.style == "bus":
        return [on_ends_sheet(box((1.6, 2.4, 0.22), (0, y[2], z[2] + 0.1), swatch(PAINT), edge=0.08))]
    if look.rack == "none" or look.style in ("lorry", "pickup"):
        return []
    if look.rack == "rails":
        rail = on_ends_sheet(tube(np.stack([x, y, z + 0.06], axis=1), 0.025, 6, swatch(METAL)))
        return [rail, mirrored(rail)]
    bars = [crossbar(x[i], y[i], z[i] + 0.09) for i in (1, 2)]
    if look.rack == "box":
        size = (0.8, min(1.9, 1.6 * (rear - front)), 0.34)
        middle = (0.1, (y[1] + y[2]) / 2, (z[1] + z[2]) / 2 + 0.28)
        return [*bars, on_ends_sheet(box(size, middle, swatch(DARK), edge=0.12))]
    return [*bars, *ladder(y, z + 0.14)] if look.rack == "ladder" else bars


def crossbar(x: float, y: float, z: float) -> Mesh:
    """Return a bar across the roof, from -x to x, on two feet."""
    path = [(-x, y, z - 0.1), (-x, y, z), (x, y, z), (x, y, z - 0.1)]
    return on_ends_sheet(tube(path, 0.025, 5, swatch(METAL)))


def ladder(y: Array, z: Array) -> list[Mesh]:
    """Return a ladder along the roof, left of its middle."""
    poles = [tube(np.stack([np.full(4, x), y, z], axis=1), 0.03, 5, swatch(METAL)) for x in (0.1, 0.5)]
    rungs = [
        tube([(0.1, rung_y, z[1]), (0.5, rung_y, z[1])], 0.02, 4, swatch(METAL))
        for rung_y in np.linspace(y[0] + 0.1, y[-1] - 0.1, 8)
    ]
    return [on_ends_sheet(mesh) for mesh in (*poles, *rungs)]


def cargo(lines: Body) -> list[Mesh]:
    """Return a lorry's box, painted by position like the body, with its rear bumper and lamps; else nothing."""
    if lines.cargo is None:
        return []
    front, rear, bottom, top = lines.cargo
    half_length = lines.total_length / 2
    size = (lines.width, rear - front, top - bottom)
    mesh = box(size, (0, (front + rear) / 2 - half_length, (bottom + top) / 2), edge=0.03)
    bumper = box((lines.width * 0.9, 0.1, 0.1), (0, rear - 0.1 - half_length, 0.55), swatch(METAL))
    lamps = [
        box((0.4, 0.04, 0.14), (side * 0.38 * lines.width, rear - 0.04 - half_length, 0.72), swatch(LAMP))
        for side in (-1, 1)
    ]
    cargo_box = paint_by_position(mesh.points[mesh.faces].astype(float), lines)
    return [cargo_box, *(on_ends_sheet(part) for part in (bumper, *lamps))]

"""Bicycles and prams that people push.

The origin is on the ground at the feet of the person, who faces -y. Lengths are in metres.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samples.world.mesh import Mesh, Part, joined
from samples.world.props.cloth import ACCENT, BODY, DARK, METAL, STRAP, Colour, Pattern, drawn, shaded, sheet
from samples.world.shapes import Patch, box, mirrored, moved, skin, tube

Path3D = tuple[tuple[float, float, float], ...]


def torus(radius: float, tube_radius: float, patch: Patch = DARK, sides: int = 14) -> Mesh:
    """Return a ring around the x axis; `tube_radius` is the radius of its tube."""
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    tube_angle = np.linspace(0, 2 * np.pi, 5)[:, None]
    distance = radius - tube_radius + tube_radius * np.cos(tube_angle)
    grid = np.stack(
        np.broadcast_arrays(
            tube_radius * np.sin(tube_angle), distance * np.cos(angle), distance * np.sin(angle)
        ),
        axis=2,
    )
    grid[:, -1], grid[-1] = grid[:, 0], grid[0]
    return skin(grid, patch, crease=80)


def wheel(radius: float, tube_radius: float, spoke_count: int) -> Mesh:
    """Return a wheel around the x axis: a tyre, a hub and spokes."""
    rim = radius - 2 * tube_radius
    spokes = [
        tube([(0, 0, 0), (0, rim * np.cos(angle), rim * np.sin(angle))], 0.004, 3, METAL)
        for angle in np.arange(spoke_count) * 2 * np.pi / spoke_count
    ]
    hub = tube([(-0.04, 0, 0), (0.04, 0, 0)], 0.02, 4, METAL)
    return joined([torus(radius, tube_radius), hub, *spokes])


def rods(radius: float, paths: Sequence[Path3D], patch: Patch) -> list[Mesh]:
    """Return a tube of a radius along each path."""
    return [tube(path, radius, 4, patch) for path in paths]


def bicycle(colour: Colour, accent: Colour) -> Part:
    """Make a bicycle on the left of the person who pushes it, at x = 0.45; its handlebar is 1.0 high and 0.25 ahead."""
    rear, front, hub = (0, 0.62, 0.34), (0, -0.45, 0.34), (0, 0.17, 0.28)
    seat, head, crown = (0, 0.31, 0.80), (0, -0.22, 0.86), (0, -0.25, 0.72)
    stays = ((rear, hub), (rear, (0, 0.28, 0.72)), (head, crown, (0, -0.33, 0.6), front))
    tubes = ((hub, (0, 0.29, 0.74)), (hub, crown), ((0, 0.28, 0.70), (0, -0.225, 0.82)))
    frame = [*rods(0.019, tubes, BODY), *rods(0.012, stays, BODY)]
    seat_post, stem = ((0, 0.3, 0.72), seat), (head, (0, -0.21, 0.98))
    crank = ((-0.09, 0.17, 0.28), (0.09, 0.17, 0.28))
    metal = rods(0.012, (seat_post, stem, crank), METAL)
    handlebar = ((-0.3, -0.13, 0.98), (-0.16, -0.24, 1.0), (0.16, -0.24, 1.0), (0.3, -0.13, 0.98))
    bar = rods(0.014, (handlebar,), DARK)
    saddle = box((0.15, 0.26, 0.06), (0, 0.32, 0.83), DARK, edge=0.03)
    mudguards = [moved(mudguard(0.365), rear), moved(mudguard(0.365), front)]
    basket = box((0.3, 0.22, 0.2), (0, -0.42, 0.88), ACCENT, edge=0.02)
    pedals = [
        box((0.09, 0.07, 0.02), (x, 0.17 + y, 0.28 + z), DARK)
        for x, y, z in ((0.13, -0.1, 0.12), (-0.13, 0.1, -0.12))
    ]
    wheels = [moved(wheel(0.34, 0.018, 7), at) for at in (rear, front)]
    bicycle_mesh = joined([*frame, *metal, *bar, *mudguards, *wheels, *pedals, saddle, basket])
    return Part(moved(bicycle_mesh, (0.45, 0, 0)), sheet(colour, accent)[None], 0.4)


def mudguard(radius: float) -> Mesh:
    """Return the mudguard of a wheel around the x axis."""
    angle = np.linspace(0.05 * np.pi, 0.75 * np.pi, 8)
    path = np.stack([np.zeros(8), radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return tube(path, 0.016, 4, STRAP)


def pram(colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a pram in front of the person who pushes it: its handle is 1.0 high and 0.3 ahead, its middle 0.75 ahead."""
    tub = box((0.42, 0.78, 0.26), (0, -0.80, 0.66), BODY, edge=0.1, steps=2)
    blanket = box((0.38, 0.46, 0.06), (0, -0.94, 0.80), ACCENT, edge=0.025)
    push_bar = ((0.2, -0.32, 1.0), (0.22, -0.45, 0.85), (0.2, -1.02, 0.24))
    support = ((0.2, -0.46, 0.24), (0.2, -0.78, 0.5), (0.2, -1.0, 0.62))
    frame = rods(0.014, (push_bar, support), METAL)
    bar = tube([(-0.22, -0.32, 1.0), (0.22, -0.32, 1.0)], 0.018, 6, DARK)
    axles = rods(0.01, [((-0.23, y, 0.16), (0.23, y, 0.16)) for y in (-1.08, -0.44)], METAL)
    wheels = [moved(wheel(0.16, 0.02, 4), (0.24, y, 0.16)) for y in (-1.08, -0.44)]
    tray = box((0.36, 0.5, 0.12), (0, -0.76, 0.32), DARK, edge=0.02)
    left = [*frame, *wheels]
    meshes = [tub, blanket, *hood(), bar, tray, *axles, *left, *(mirrored(mesh) for mesh in left)]
    paint = drawn(sheet(colour, accent, pattern), shaded(colour, 0.6), (0, 0.1, 1, 0.1), (0, 0.6, 1, 0.6))
    return Part(joined(meshes), paint[None], 0.1)


def hood() -> list[Mesh]:
    """Return the open hood over the half of the tub near the person: the outside and the dark inside."""
    around, back = np.meshgrid(np.linspace(0, np.pi, 9), np.linspace(0, 0.55 * np.pi, 6))
    radius = 0.225
    x = radius * np.cos(around)
    reach = 1.45 * radius * np.sin(around)
    grid = np.stack([x, -0.62 + reach * np.cos(back), 0.76 + reach * np.sin(back)], axis=2)
    return [skin(grid[:, ::-1], BODY, crease=30), skin(grid + np.array([0, 0, -0.004]), DARK, crease=30)]

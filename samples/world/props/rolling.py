"""What people push: bicycles and prams. Origin: on the ground at the pusher's feet, who faces -y."""

from __future__ import annotations

import numpy as np

from samples.world.mesh import Mesh, Part, joined
from samples.world.props.cloth import ACCENT, BODY, DARK, METAL, STRAP, Colour, Pattern, drawn, shaded, sheet
from samples.world.shapes import Patch, box, mirrored, moved, skin, tube


def torus(radius: float, thick: float, patch: Patch = DARK, sides: int = 14) -> Mesh:
    """Make a ring that rolls along y: its axle is the x axis."""
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    around = np.linspace(0, 2 * np.pi, 5)[:, None]
    reach = radius - thick + thick * np.cos(around)
    grid = np.stack(
        np.broadcast_arrays(thick * np.sin(around), reach * np.cos(turn), reach * np.sin(turn)), axis=2
    )
    grid[:, -1], grid[-1] = grid[:, 0], grid[0]
    return skin(grid, patch, crease=80)


def wheel(radius: float, thick: float, spokes: int) -> Mesh:
    """Make a wheel around the origin: a tyre, a hub and spokes."""
    turns = np.arange(spokes) * 2 * np.pi / spokes
    rim = radius - 2 * thick
    rods = [tube([(0, 0, 0), (0, rim * np.cos(t), rim * np.sin(t))], 0.004, 3, METAL) for t in turns]
    hub = tube([(-0.04, 0, 0), (0.04, 0, 0)], 0.02, 4, METAL)
    return joined([torus(radius, thick), hub, *rods])


def rods(paths: dict[float, tuple[tuple[tuple[float, float, float], ...], ...]], patch: Patch) -> list[Mesh]:
    """Bend tubes of given radii along paths."""
    return [tube(path, radius, 4, patch) for radius, group in paths.items() for path in group]


def bicycle(colour: Colour, accent: Colour) -> Part:
    """Make a bicycle that is pushed, on the pusher's left: x = 0.45, handlebar 1.0 m high and 0.25 m ahead."""
    rear, front, hub = (0, 0.62, 0.34), (0, -0.45, 0.34), (0, 0.17, 0.28)
    seat, head, crown = (0, 0.31, 0.80), (0, -0.22, 0.86), (0, -0.25, 0.72)
    frame = rods({0.019: ((hub, (0, 0.29, 0.74)), (hub, crown), ((0, 0.28, 0.70), (0, -0.225, 0.82))),
                  0.012: ((rear, hub), (rear, (0, 0.28, 0.72)), (head, crown, (0, -0.33, 0.6), front))}, BODY)  # fmt: skip
    metal = rods(
        {
            0.012: (
                ((0, 0.3, 0.72), seat),
                (head, (0, -0.21, 0.98)),
                ((-0.09, 0.17, 0.28), (0.09, 0.17, 0.28)),
            )
        },
        METAL,
    )
    bar = rods(
        {0.014: (((-0.3, -0.13, 0.98), (-0.16, -0.24, 1.0), (0.16, -0.24, 1.0), (0.3, -0.13, 0.98)),)}, DARK
    )
    saddle = box((0.15, 0.26, 0.06), (0, 0.32, 0.83), DARK, edge=0.03)
    guard = [moved(arc(0.365), rear), moved(arc(0.365), front)]
    basket = box((0.3, 0.22, 0.2), (0, -0.42, 0.88), ACCENT, edge=0.02)
    pedals = [
        box((0.09, 0.07, 0.02), (x, 0.17 + y, 0.28 + z), DARK)
        for x, y, z in ((0.13, -0.1, 0.12), (-0.13, 0.1, -0.12))
    ]
    wheels = [moved(wheel(0.34, 0.018, 7), at) for at in (rear, front)]
    whole = joined([*frame, *metal, *bar, *guard, *wheels, *pedals, saddle, basket])
    return Part(moved(whole, (0.45, 0, 0)), sheet(colour, accent)[None], 0.4)


def arc(radius: float) -> Mesh:
    """Bend a mudguard over a wheel."""
    turn = np.linspace(0.05 * np.pi, 0.75 * np.pi, 8)
    path = np.stack([np.zeros(8), radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    return tube(path, 0.016, 4, STRAP)


def pram(colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a pram that is pushed ahead: its handle 1.0 m high and 0.3 m before the pusher, its middle 0.75 m."""
    tub = box((0.42, 0.78, 0.26), (0, -0.80, 0.66), BODY, edge=0.1, steps=2)
    blanket = box((0.38, 0.46, 0.06), (0, -0.94, 0.80), ACCENT, edge=0.025)
    frame = rods({0.014: (((0.2, -0.32, 1.0), (0.22, -0.45, 0.85), (0.2, -1.02, 0.24)),
                          ((0.2, -0.46, 0.24), (0.2, -0.78, 0.5), (0.2, -1.0, 0.62)))}, METAL)  # fmt: skip
    bar = tube([(-0.22, -0.32, 1.0), (0.22, -0.32, 1.0)], 0.018, 6, DARK)
    axles = rods({0.01: tuple(((-0.23, y, 0.16), (0.23, y, 0.16)) for y in (-1.08, -0.44))}, METAL)
    wheels = [moved(wheel(0.16, 0.02, 4), (0.24, y, 0.16)) for y in (-1.08, -0.44)]
    tray = box((0.36, 0.5, 0.12), (0, -0.76, 0.32), DARK, edge=0.02)
    left = [*frame, *wheels]
    meshes = [tub, blanket, *hood(), bar, tray, *axles, *left, *(mirrored(mesh) for mesh in left)]
    paint = drawn(sheet(colour, accent, pattern), shaded(colour, 0.6), (0, 0.1, 1, 0.1), (0, 0.6, 1, 0.6))
    return Part(joined(meshes), paint[None], 0.1)


def hood() -> list[Mesh]:
    """Fold the hood open over the pusher's half of the tub; the outside and the dark inside."""
    across, back = np.meshgrid(np.linspace(0, np.pi, 9), np.linspace(0, 0.55 * np.pi, 6))
    radius = 0.225
    x = radius * np.cos(across)
    over = 1.45 * radius * np.sin(across)
    grid = np.stack([x, -0.62 + over * np.cos(back), 0.76 + over * np.sin(back)], axis=2)
    return [skin(grid[:, ::-1], BODY, crease=30), skin(grid + np.array([0, 0, -0.004]), DARK, crease=30)]

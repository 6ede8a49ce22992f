"""Bags and suitcases, worn on the back, across the body or in the hand.

Lengths are in metres. z points up. The wearer faces -y, so that +y is behind and +x to the left.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from samples.world.mesh import Mesh, Part, joined
from samples.world.props.cloth import (
    ACCENT,
    BODY,
    DARK,
    METAL,
    STEEL,
    STRAP,
    Colour,
    Pattern,
    Sheet,
    drawn,
    filled,
    shaded,
    sheet,
)  # fmt: skip
from samples.world.shapes import Patch, Z, box, lathe, mirrored, moved, ribbon, tube, turned


def part(meshes: list[Mesh], paint: Sheet, gloss: float = 0.08) -> Part:
    """Join meshes that share one sheet into a part."""
    return Part(joined(meshes), paint[None], gloss)


def handle(width: float, top: float, bottom: float, thickness: float = 0.008, patch: Patch = STRAP) -> Mesh:
    """Return an arched handle along x whose middle is at z = `top` and whose feet are at z = `bottom`."""
    angle = np.linspace(0, np.pi, 7)
    path = np.stack([width / 2 * np.cos(angle), np.zeros(7), bottom + (top - bottom) * np.sin(angle)], axis=1)
    return tube(path, thickness, 5, patch)


def backpack(size: float, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a backpack; `size` is its height, 0.3 to 0.6.

    The origin is the middle of the surface of the upper back. The straps run over the shoulders, at x = +-0.1
    and 0.13 above the origin, down the chest, 0.2 in front of the back, and return under the arms.
    """
    width, depth = 0.62 * size, 0.36 * size
    middle = (0, depth / 2 + 0.01, 0.06 - size / 2)
    main = box((width, depth, size), middle, BODY, edge=0.3 * depth, steps=2)
    pocket = box(
        (0.78 * width, 0.35 * depth, 0.42 * size),
        (0, depth * 1.05, 0.06 - 0.7 * size),
        ACCENT,
        edge=0.04,
        steps=1,
    )
    grip = moved(handle(0.1, 0.04, 0), (0, 0.05, 0.06))
    path = ((0.10, 0.02, 0.03), (0.10, -0.03, 0.125), (0.105, -0.11, 0.13), (0.11, -0.19, 0.03), (0.12, -0.215, -0.12),
            (0.15, -0.13, -0.26), (0.13, 0.0, -0.34), (0.11, 0.03, -0.36))  # fmt: skip
    outward = (
        (0, 0, 1),
        (0, 0.3, 1),
        (0, -0.3, 1),
        (0, -1, 0.5),
        (0.2, -1, 0),
        (1, -0.5, -0.3),
        (1, 0.2, -0.3),
        (1, 0.4, 0),
    )
    strap = ribbon(path, outward, 0.045, 0.012, STRAP)
    paint = sheet(colour, accent, pattern, strap=shaded(colour, 0.55))
    dark = shaded(colour, 0.5)
    paint = drawn(paint, dark, (0.0, 0.10, 1.0, 0.10), (0.0, 0.12, 1.0, 0.12), (0.05, 0.3, 0.31, 0.3))
    return part([main, pocket, grip, strap, mirrored(strap)], paint)


def shoulder_bag(
    size: float, colour: Colour, accent: Colour, strap: Literal["across", "beside"] = "across"
) -> Part:
    """Make a shoulder bag; `size` is its width, 0.25 to 0.45.

    The bag hangs at the origin, the outer side of the left hip. `strap` "across" runs across the chest and
    the back to the right shoulder, "beside" runs up to the left shoulder. The shoulders are 0.5 above the
    hip.
    """
    depth, height = 0.3 * size, 0.75 * size
    main = moved(
        turned(box((size, depth, height), (0, 0, 0), BODY, edge=0.04, steps=2), Z, np.pi / 2),
        (depth / 2 + 0.01, 0, -0.05),
    )
    flap = box(
        (depth * 0.2, size * 0.96, 0.55 * height), (depth + 0.015, 0, 0.22 * height - 0.05), ACCENT, edge=0.01
    )
    top = height / 2 - 0.06
    paths = {
        "across": ((0.02, -0.09, top), (-0.10, -0.16, 0.22), (-0.22, -0.14, 0.40), (-0.27, 0, 0.52), (-0.22, 0.12, 0.40),
                   (-0.10, 0.13, 0.22), (0.02, 0.09, top)),
        "beside": ((0.03, -0.1, top), (0.0, -0.13, 0.25), (-0.03, -0.11, 0.44), (-0.04, 0, 0.51), (-0.03, 0.10, 0.44),
                   (0.0, 0.11, 0.25), (0.03, 0.1, top)),
    }  # fmt: skip
    path = np.asarray(paths[strap])
    outward = path - np.array([-0.17, 0, 0.1])
    paint = sheet(colour, accent, strap=shaded(colour, 0.6))
    return part([main, flap, ribbon(path, outward, 0.035, 0.008, STRAP)], paint, 0.15)


def handbag(size: float, colour: Colour, accent: Colour) -> Part:
    """Make a handbag; `size` is its width, 0.2 to 0.4. The origin is the hand; the long side is along y."""
    height, depth = 0.7 * size, 0.36 * size
    main = box((size, depth, height), (0, 0, -0.12 - height / 2), BODY, edge=0.3 * depth, steps=2)
    grip = handle(0.55 * size, 0.0, -0.14)
    clasp = box((0.05, depth * 1.04, 0.03), (0, 0, -0.16), METAL, edge=0.005)
    paint = drawn(sheet(colour, accent), shaded(colour, 0.55), (0, 0.22, 1, 0.22), (0, 0.6, 1, 0.6))
    return across_hand([main, grip, clasp], paint, 0.3)


def shopping_bag(size: float, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a printed paper or plastic bag; `size` is its height, 0.25 to 0.5. The origin is the hand."""
    width, depth = 0.8 * size, 0.32 * size
    main = box((width, depth, size), (0, 0, -0.16 - size / 2), BODY, edge=0.006)
    mouth = box((width * 0.9, depth * 0.8, 0.01), (0, 0, -0.156), DARK)
    grips = [moved(handle(0.4 * width, 0.0, -0.17, 0.005), (0, side * depth * 0.4, 0)) for side in (-1, 1)]
    paint = sheet(colour, accent, pattern, strap=(226, 222, 214))
    for start in (0.24, 0.74):  # u of the middles of the front and the back
        paint = filled(paint, (start, 0.2, start + 0.16, 0.46), accent)
    return across_hand([main, mouth, *grips], paint, 0.12)


def briefcase(size: float, colour: Colour, accent: Colour = STEEL) -> Part:
    """Make a briefcase; `size` is its width, 0.35 to 0.48.

    The origin is the hand; the long side is along y.
    """
    height, depth = 0.72 * size, 0.1
    main = box((size, depth, height), (0, 0, -0.05 - height / 2), BODY, edge=0.02, steps=1)
    grip = handle(0.14, 0.0, -0.05, 0.012, DARK)
    locks = [box((0.04, depth * 1.05, 0.03), (x * size, 0, -0.1), METAL, edge=0.004) for x in (-0.3, 0.3)]
    paint = drawn(sheet(colour, accent), shaded(colour, 0.5), (0, 0.12, 1, 0.12), pixels=2)
    return across_hand([main, grip, *locks], paint, 0.35)


def suitcase(size: float, colour: Colour, accent: Colour = STEEL) -> Part:
    """Make a trolley suitcase; `size` is the height of its case, 0.45 to 0.7.

    The origin is the hand that pulls it, 0.75 above the ground. The case stands on its wheels behind the
    person, at +y, and leans forward.
    """
    width, depth = 0.66 * size, 0.38 * size
    case = box((width, depth, size), (0, 0.4 * depth, size / 2 + 0.05), BODY, edge=0.06, steps=2)
    wheel = turned(
        lathe(((0, 0.02), (0.04, 0.02), (0.04, -0.02), (0, -0.02)), 10, DARK),
        np.array([0.0, 1.0, 0.0]),
        np.pi / 2,
    )
    wheels = [moved(wheel, (x * width * 0.4, 0, 0.04)) for x in (-1, 1)]
    reach = 0.82  # metres from the wheels to the handle
    poles = [tube([(x, 0, size), (x, 0, reach)], 0.009, 5, METAL) for x in (-0.1, 0.1)]
    bar = tube([(-0.12, 0, reach), (0.12, 0, reach)], 0.016, 6, DARK)
    lean = np.arccos(0.75 / reach)  # radians
    tilted = turned(joined([case, *poles, bar]), np.array([1.0, 0.0, 0.0]), lean)
    ribs = [(u, 0.04, u, 0.72) for u in np.linspace(0.03, 0.97, 14)]
    paint = drawn(sheet(colour, accent), shaded(colour, 0.72), *ribs, pixels=2)
    placed = [moved(mesh, (0, reach * np.sin(lean), -0.75)) for mesh in (tilted, *wheels)]
    return part(placed, paint, 0.4)


def across_hand(meshes: list[Mesh], paint: Sheet, gloss: float) -> Part:
    """Turn the meshes of a bag in the hand so that its long side points ahead, and join them."""
    return part([turned(mesh, Z, np.pi / 2) for mesh in meshes], paint, gloss)

"""Bags and suitcases: on the back, across the body, in the hand.

Metres; z up; the wearer faces -y, so that +y is behind and +x on the left.
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
    """Put the pieces of a thing that has one sheet together."""
    return Part(joined(meshes), paint[None], gloss)


def handle(width: float, top: float, low: float, thick: float = 0.008, patch: Patch = STRAP) -> Mesh:
    """Bend a handle along x: an arch with its middle at z = `top` and its feet at `low`."""
    turn = np.linspace(0, np.pi, 7)
    path = np.stack([width / 2 * np.cos(turn), np.zeros(7), low + (top - low) * np.sin(turn)], axis=1)
    return tube(path, thick, 5, patch)


def backpack(size: float, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a backpack; `size` is its height, 0.3 to 0.6.

    Origin: the middle of the upper back's surface. The straps run over shoulders at x = +-0.1, 0.13 higher, and down
    the chest, 0.2 before the back, to return under the arms.
    """
    wide, deep = 0.62 * size, 0.36 * size
    middle = (0, deep / 2 + 0.01, 0.06 - size / 2)
    main = box((wide, deep, size), middle, BODY, edge=0.3 * deep, steps=2)
    pocket = box(
        (0.78 * wide, 0.35 * deep, 0.42 * size),
        (0, deep * 1.05, 0.06 - 0.7 * size),
        ACCENT,
        edge=0.04,
        steps=1,
    )
    grip = moved(handle(0.1, 0.04, 0), (0, 0.05, 0.06))
    path = ((0.10, 0.02, 0.03), (0.10, -0.03, 0.125), (0.105, -0.11, 0.13), (0.11, -0.19, 0.03), (0.12, -0.215, -0.12),
            (0.15, -0.13, -0.26), (0.13, 0.0, -0.34), (0.11, 0.03, -0.36))  # fmt: skip
    out = (
        (0, 0, 1),
        (0, 0.3, 1),
        (0, -0.3, 1),
        (0, -1, 0.5),
        (0.2, -1, 0),
        (1, -0.5, -0.3),
        (1, 0.2, -0.3),
        (1, 0.4, 0),
    )
    strap = ribbon(path, out, 0.045, 0.012, STRAP)
    paint = sheet(colour, accent, pattern, strap=shaded(colour, 0.55))
    dark = shaded(colour, 0.5)
    paint = drawn(paint, dark, (0.0, 0.10, 1.0, 0.10), (0.0, 0.12, 1.0, 0.12), (0.05, 0.3, 0.31, 0.3))
    return part([main, pocket, grip, strap, mirrored(strap)], paint)


def shoulder_bag(
    size: float, colour: Colour, accent: Colour, strap: Literal["across", "beside"] = "across"
) -> Part:
    """Make a shoulder bag; `size` is its width, 0.25 to 0.45.

    Origin: the left hip's outer side (+x away from the body); the bag hangs there. Its strap runs `across` the chest
    and the back to the right shoulder, or up to the left shoulder (`beside`); shoulders are 0.5 above the hip.
    """
    deep, high = 0.3 * size, 0.75 * size
    main = moved(
        turned(box((size, deep, high), (0, 0, 0), BODY, edge=0.04, steps=2), Z, np.pi / 2),
        (deep / 2 + 0.01, 0, -0.05),
    )
    flap = box(
        (deep * 0.2, size * 0.96, 0.55 * high), (deep + 0.015, 0, 0.22 * high - 0.05), ACCENT, edge=0.01
    )
    top = high / 2 - 0.06
    ways = {
        "across": ((0.02, -0.09, top), (-0.10, -0.16, 0.22), (-0.22, -0.14, 0.40), (-0.27, 0, 0.52), (-0.22, 0.12, 0.40),
                   (-0.10, 0.13, 0.22), (0.02, 0.09, top)),
        "beside": ((0.03, -0.1, top), (0.0, -0.13, 0.25), (-0.03, -0.11, 0.44), (-0.04, 0, 0.51), (-0.03, 0.10, 0.44),
                   (0.0, 0.11, 0.25), (0.03, 0.1, top)),
    }  # fmt: skip
    path = np.asarray(ways[strap])
    out = path - np.array([-0.17, 0, 0.1])
    paint = sheet(colour, accent, strap=shaded(colour, 0.6))
    return part([main, flap, ribbon(path, out, 0.035, 0.008, STRAP)], paint, 0.15)


def handbag(size: float, colour: Colour, accent: Colour) -> Part:
    """Make a handbag; `size` is its width, 0.2 to 0.4. Origin: the hand; long side along y."""
    high, deep = 0.7 * size, 0.36 * size
    main = box((size, deep, high), (0, 0, -0.12 - high / 2), BODY, edge=0.3 * deep, steps=2)
    grip = handle(0.55 * size, 0.0, -0.14)
    clasp = box((0.05, deep * 1.04, 0.03), (0, 0, -0.16), METAL, edge=0.005)
    paint = drawn(sheet(colour, accent), shaded(colour, 0.55), (0, 0.22, 1, 0.22), (0, 0.6, 1, 0.6))
    return across_hand([main, grip, clasp], paint, 0.3)


def shopping_bag(size: float, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a paper or plastic carrier with a print; `size` is its height, 0.25 to 0.5. Origin: the hand."""
    wide, deep = 0.8 * size, 0.32 * size
    main = box((wide, deep, size), (0, 0, -0.16 - size / 2), BODY, edge=0.006)
    mouth = box((wide * 0.9, deep * 0.8, 0.01), (0, 0, -0.156), DARK)
    grips = [moved(handle(0.4 * wide, 0.0, -0.17, 0.005), (0, y * deep * 0.4, 0)) for y in (-1, 1)]
    paint = sheet(colour, accent, pattern, strap=(226, 222, 214))
    for start in (0.24, 0.74):  # the middles of the front and the back
        paint = filled(paint, (start, 0.2, start + 0.16, 0.46), accent)
    return across_hand([main, mouth, *grips], paint, 0.12)


def briefcase(size: float, colour: Colour, accent: Colour = STEEL) -> Part:
    """Make a briefcase; `size` is its width, 0.35 to 0.48. Origin: the hand; long side along y."""
    high, deep = 0.72 * size, 0.1
    main = box((size, deep, high), (0, 0, -0.05 - high / 2), BODY, edge=0.02, steps=1)
    grip = handle(0.14, 0.0, -0.05, 0.012, DARK)
    locks = [box((0.04, deep * 1.05, 0.03), (x * size, 0, -0.1), METAL, edge=0.004) for x in (-0.3, 0.3)]
    paint = drawn(sheet(colour, accent), shaded(colour, 0.5), (0, 0.12, 1, 0.12), pixels=2)
    return across_hand([main, grip, *locks], paint, 0.35)


def suitcase(size: float, colour: Colour, accent: Colour = STEEL) -> Part:
    """Make a trolley; `size` is the case's height, 0.45 to 0.7.

    Origin: the hand that pulls it, 0.75 above the ground; the case stands on its wheels behind, at +y, leaning forward.
    """
    wide, deep = 0.66 * size, 0.38 * size
    case = box((wide, deep, size), (0, 0.4 * deep, size / 2 + 0.05), BODY, edge=0.06, steps=2)
    wheel = turned(
        lathe(((0, 0.02), (0.04, 0.02), (0.04, -0.02), (0, -0.02)), 10, DARK),
        np.array([0.0, 1.0, 0.0]),
        np.pi / 2,
    )
    wheels = [moved(wheel, (x * wide * 0.4, 0, 0.04)) for x in (-1, 1)]
    reach = 0.82  # metres from the wheels to the handle
    poles = [tube([(x, 0, size), (x, 0, reach)], 0.009, 5, METAL) for x in (-0.1, 0.1)]
    bar = tube([(-0.12, 0, reach), (0.12, 0, reach)], 0.016, 6, DARK)
    lean = np.arccos(0.75 / reach)
    tilt = turned(joined([case, *poles, bar]), np.array([1.0, 0.0, 0.0]), lean)
    ribs = [(u, 0.04, u, 0.72) for u in np.linspace(0.03, 0.97, 14)]
    paint = drawn(sheet(colour, accent), shaded(colour, 0.72), *ribs, pixels=2)
    ready = [moved(mesh, (0, reach * np.sin(lean), -0.75)) for mesh in (tilt, *wheels)]
    return part(ready, paint, 0.4)


def across_hand(meshes: list[Mesh], paint: Sheet, gloss: float) -> Part:
    """Turn what hangs from a hand so that its long side points ahead."""
    return part([turned(mesh, Z, np.pi / 2) for mesh in meshes], paint, gloss)

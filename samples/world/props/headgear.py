"""Headgear: caps, hats, hoods, helmets, glasses, scarves.

The origin is the centre of the head. `head` holds its half sizes (rx, ry, rz) in metres. The face looks
towards -y.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from samples.world.mesh import Mesh, Part, joined
from samples.world.props.cloth import ACCENT, BLACK, BODY, DARK, STRAP, Colour, Pattern, drawn, shaded, sheet
from samples.world.shapes import Array, Patch, box, lathe, mirrored, moved, skin, tube

Head = tuple[float, float, float]
SIDES = 20  # of round shapes


def shell(
    head: Head,
    grow: float,
    rim: Callable[[Array], Array],
    patch: Patch = BODY,
    lip: float = 0.012,
    rows: int = 5,
) -> Mesh:
    """Return a dome over the head.

    Args:
        head: half sizes of the head.
        grow: metres between head and dome.
        rim: function from angles around the head (0 at the face, pi at the back) to the height of the rim, as
            the sine of the latitude from -1 (under the chin) to 1 (top).
        patch: area of the sheet that paints the dome.
        lip: thickness in metres of the rim, which is turned inwards.
        rows: number of rows of points of the dome.
    """
    angle = np.linspace(0, 2 * np.pi, SIDES + 1)[None]
    around = np.minimum(angle, 2 * np.pi - angle)
    lowest = np.arcsin(np.clip(rim(around), -1, 1))
    latitude = np.pi / 2 + (lowest - np.pi / 2) * np.linspace(0, 1, rows)[:, None]  # (rows, columns)
    radii = np.asarray(head) + grow
    grid = direction(angle, latitude) * radii
    inner = direction(angle, lowest) * (radii - lip)
    grid = np.concatenate([grid, inner, inner * 0.6])
    grid[:, -1] = grid[:, 0]
    return skin(grid, patch, crease=60)


def direction(angle: Array, latitude: Array) -> Array:
    """Return (r, c, 3) unit vectors.

    Angle 0 is -y, the direction of the face; it grows anticlockwise seen from above.
    """
    flat = np.cos(latitude)
    return np.stack(
        np.broadcast_arrays(flat * np.sin(angle), -flat * np.cos(angle), np.sin(latitude)), axis=2
    )


def level(height: float, front: float | None = None) -> Callable[[Array], Array]:
    """Return a rim for `shell` that is level, or has the height `front` over the face."""
    rise = (height if front is None else front) - height

    def rim(around: Array) -> Array:
        """Return the heights of the rim at angles around the head."""
        return height + rise * np.exp(-((around / 0.9) ** 4))

    return rim


def part(
    meshes: list[Mesh], colour: Colour, accent: Colour, pattern: Pattern = "plain", gloss: float = 0.05
) -> Part:
    """Join meshes and paint them with one sheet."""
    return Part(joined(meshes), sheet(colour, accent, pattern)[None], gloss)


def cap(head: Head, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a baseball cap: six panels, a button and a stiff peak in the second colour."""
    dome = shell(head, 0.014, level(0.12, 0.34))
    rx, ry, rz = head
    across = np.linspace(-1, 1, 9)
    start = np.stack(
        [
            0.82 * rx * across,
            -(ry + 0.012) * np.sqrt(1 - (0.72 * across) ** 2),
            0.36 * rz - 0.012 * across**2,
        ],
        1,
    )
    edge = start + np.stack(
        [0 * across, -0.075 * np.sqrt(np.maximum(1 - across**2, 0)), -0.014 - 0.012 * across**2], 1
    )
    half_thickness = np.array([0, 0, 0.006])
    peak = skin(
        np.stack(
            [
                start - half_thickness,
                start + half_thickness,
                edge + half_thickness,
                edge - half_thickness,
                start - half_thickness,
            ]
        )[:, ::-1],
        ACCENT,
    )
    button = moved(lathe(((0, 0.006), (0.01, 0.003), (0.012, -0.004)), 6, ACCENT), (0, 0, rz + 0.014))
    unseamed = part([dome, peak, button], colour, accent, pattern)
    seams = [(u, 0, u, 0.6) for u in np.arange(6) / 6]
    return Part(unseamed.mesh, drawn(unseamed.paint[0], shaded(colour, 0.75), *seams)[None], unseamed.gloss)


def beanie(head: Head, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a knitted hat with a turned-up brim and a bobble, both in the second colour."""
    rx, ry, rz = head
    dome = shell((rx, ry, rz * 1.08), 0.016, level(0.1, 0.3))
    brim = shell((rx, ry, rz), 0.022, level(0.02, 0.22), ACCENT, rows=3)
    is_above = brim.points[:, 2] > 0.42 * rz  # only the lower band of the second dome is visible
    lower_brim = replace(brim, faces=brim.faces[~is_above[brim.faces].all(axis=1)])
    bobble = moved(
        lathe(((0, 0.03), (0.026, 0.015), (0.03, 0), (0.026, -0.015), (0, -0.03)), 8, ACCENT),
        (0, 0, rz * 1.08 + 0.035),
    )
    return part([dome, lower_brim, bobble], colour, accent, pattern, 0.0)


def wide_hat(head: Head, colour: Colour, accent: Colour, brim: float = 0.09) -> Part:
    """Make a hat with a band and a round brim, `brim` metres wide: a straw hat, a fedora or a sun hat."""
    rx, ry, rz = head
    heights = np.array([1.02, 1.0, 0.95, 0.62, 0.40, 0.22, 0.17, 0.155, 0.18]) * (rz + 0.02)
    radii = np.array([0, 0.5, 0.78, 0.98, 1.05, 1.08, 1.1, 1.1, 1.0])
    radii[6:8] += (brim / rx, brim / rx - 0.02)
    profile = np.stack([radii, heights], axis=1)
    scale = np.array([rx + 0.008, ry + 0.008, 1])
    crown = lathe(profile[0:5], SIDES, BODY)
    band = lathe(profile[4:6], SIDES, ACCENT)
    edge = lathe(profile[5:9], SIDES, STRAP)
    meshes = [stretched(mesh, scale) for mesh in (crown, band, edge)]
    return Part(joined(meshes), sheet(colour, accent, strap=colour)[None], 0.05)


def stretched(mesh: Mesh, scale: Array) -> Mesh:
    """Scale a mesh along the axes and adapt its normals."""
    normals = mesh.normals / scale
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    return replace(mesh, points=(mesh.points * scale).astype(np.float32), normals=normals.astype(np.float32))


def hood_up(head: Head, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a hood over the head, open at the face and down to the shoulders."""

    def rim(around: Array) -> Array:
        """Return the heights of the rim at angles around the head."""
        return -0.97 + 1.55 * np.exp(-((around / 0.75) ** 4))

    rx, ry, rz = head
    dome = shell((rx * 1.08, ry * 1.1, rz * 1.05), 0.02, rim, lip=0.02, rows=8)
    return part([dome], colour, accent, pattern)


def hood_down(head: Head, colour: Colour, accent: Colour, pattern: Pattern = "plain") -> Part:
    """Make a hood that lies on the upper back: a thick roll around the neck, below the chin, and a bag behind it."""
    rx, ry, rz = head
    angle = np.linspace(0.35 * np.pi, 1.65 * np.pi, 13)
    path = np.stack(
        [1.05 * rx * np.sin(angle), 0.03 - 0.85 * ry * np.cos(angle), -1.35 * rz - 0.02 * np.cos(angle)],
        axis=1,
    )
    radii = 0.02 + 0.03 * np.sin(np.linspace(0, np.pi, 13))
    bag = skin(pouch(rx, ry, rz), BODY, crease=70)
    return part([tube(path, list(radii), 8, BODY), bag], colour, accent, pattern)


def pouch(rx: float, ry: float, rz: float) -> Array:
    """Return the (6, 9, 3) points of the bag of a hood, which hangs flat behind the shoulders."""
    across, down = np.meshgrid(np.linspace(1, -1, 9), np.linspace(0, 1, 6))
    thickness = np.sqrt(np.maximum(1 - across**2 * (0.35 + 0.64 * down), 0))
    x = rx * 1.05 * across * np.sqrt(1 - 0.75 * down**2)
    y = 0.75 * ry + 0.065 * thickness * np.sin(np.pi * (0.25 + 0.72 * down)) + 0.03
    return np.stack([x, y, -1.25 * rz - 0.17 * down * (1 - 0.25 * across**2)], axis=2)


def helmet(head: Head, colour: Colour, accent: Colour) -> Part:
    """Make a bicycle helmet: long, with dark vents, a rim in the second colour and a strap under the chin."""
    rx, ry, rz = head
    dome = shell((rx, ry * 1.08, rz * 1.02), 0.028, level(0.22, 0.36), lip=0.02)
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 7)
    path = np.stack(
        [rx * 1.04 * np.sin(angle), np.full(7, -0.2 * ry), 0.25 * rz - 1.32 * rz * np.cos(angle)], axis=1
    )
    strap = tube(path, 0.006, 4, DARK)
    unpainted = part([dome, strap], colour, accent, gloss=0.5)
    vents = [(u, 0.16, u, 0.50) for u in (0.04, 0.12, 0.20, 0.36, 0.5, 0.64, 0.8, 0.88, 0.96)]
    paint = drawn(unpainted.paint[0], BLACK, *vents, pixels=4)
    return Part(unpainted.mesh, drawn(paint, accent, (0, 0.58, 1, 0.58), pixels=5)[None], unpainted.gloss)


def glasses(head: Head, colour: Colour = BLACK) -> Part:
    """Make glasses with dark lenses."""
    rx, ry, rz = head
    lens = box((0.052, 0.006, 0.036), (0.034, -ry - 0.012, 0.08 * rz), DARK, edge=0.008)
    temple = tube(
        [(0.06, -ry - 0.01, 0.1 * rz), (rx + 0.006, -0.75 * ry, 0.1 * rz), (rx + 0.008, 0.05, 0.08 * rz)],
        0.003,
        4,
        STRAP,
    )
    bridge = tube([(-0.012, -ry - 0.014, 0.1 * rz), (0.012, -ry - 0.014, 0.1 * rz)], 0.003, 4, STRAP)
    meshes = [lens, temple, bridge, mirrored(lens), mirrored(temple)]
    return Part(joined(meshes), sheet(colour, colour, strap=colour)[None], 0.6)


def scarf(head: Head, colour: Colour, accent: Colour, pattern: Pattern = "stripes") -> Part:
    """Make a scarf around the neck with one end down the chest."""
    rx, ry, rz = head
    angle = np.linspace(0, 2 * np.pi, 15)
    path = np.stack(
        [0.92 * rx * np.sin(angle), 0.02 - 0.82 * ry * np.cos(angle), -1.2 * rz + 0.02 * np.cos(angle)],
        axis=1,
    )
    ring = tube(path, 0.04, 7, BODY)
    end = box((0.11, 0.025, 0.34), (0.03, -0.9 * ry - 0.035, -1.25 * rz - 0.17), BODY, edge=0.012)
    return part([ring, end], colour, accent, pattern, 0.0)

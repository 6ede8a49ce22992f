"""Meshes of simple solids with few triangles: boxes, lathed shapes, tubes, straps, and surfaces over a grid of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from samples.world.mesh import Mesh, rigid

Array = NDArray[np.float64]
Patch = tuple[float, float, float, float]
"""A rectangle of a texture sheet: u and v of one corner, then u and v of the opposite corner."""
WHOLE: Patch = (0.0, 0.0, 1.0, 1.0)
CREASE = 40.0  # degrees; faces that meet at a larger angle have a sharp edge
X, Y, Z = np.eye(3)


def facets(
    corners: Array, paint: Array, sheets: NDArray[np.integer] | int = 0, crease: float = CREASE
) -> Mesh:
    """Return the mesh of loose triangles, with smooth normals except at edges sharper than `crease`.

    Args:
        corners: (F, 3, 3) positions of the corners of each triangle, counterclockwise seen from outside.
        paint: (F, 3, 2) u and v of each corner.
        sheets: (F,) sheet of each triangle, or one sheet for all.
        crease: Angle in degrees between two faces from which their edge is sharp.
    """
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    kept = np.linalg.norm(normal, axis=1) > 1e-9
    corners, paint, normal = corners[kept], paint[kept], normal[kept]
    corner_sheets = np.broadcast_to(sheets, kept.shape)[kept].repeat(3)
    normals = corner_normals(corners, normal, crease)
    rows = np.column_stack([corners.reshape(-1, 3), normals, paint.reshape(-1, 2), corner_sheets])
    _, first, index = np.unique(np.round(rows, 5), axis=0, return_index=True, return_inverse=True)
    points = rows[first]  # (V, 9): each distinct row once
    return rigid(
        points[:, :3].astype(np.float32),
        index.reshape(-1, 3).astype(np.int32),
        points[:, 6:8].astype(np.float32),
        points[:, 8].astype(np.int32),
        normals=points[:, 3:6].astype(np.float32),
    )


def corner_normals(corners: Array, normal: Array, crease: float) -> Array:
    """Return the (F * 3, 3) normal of each corner.

    It is the mean normal of the faces that touch the corner's position at an angle below `crease` to its own face,
    weighted by their areas. `normal` is (F, 3), with twice the area of each face as its length.
    """
    _, position = np.unique(np.round(corners.reshape(-1, 3), 5), axis=0, return_inverse=True)
    position = position.reshape(-1)
    face = np.arange(len(position)) // 3
    touches = csr_matrix((np.ones(len(position)), (position, face)))  # (positions, F)
    corner, other_face = touches[position].nonzero()  # every face that touches a corner's position
    unit = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    close = (unit[face[corner]] * unit[other_face]).sum(axis=1) > np.cos(np.radians(crease))
    total = np.stack(
        [np.bincount(corner[close], normal[other_face[close], i], len(position)) for i in range(3)], axis=1
    )
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))


def cells(grid: Array) -> Array:
    """Return the (2 (r-1) (c-1), 3, d) triangles of an (r, c, d) grid, two for each cell."""
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    return np.concatenate(
        [np.stack(corners, axis=2).reshape(-1, 3, grid.shape[2]) for corners in ((a, b, c), (a, c, d))]
    )


def skin(grid: Array, patch: Patch = WHOLE, *, sheet: int = 0, crease: float = CREASE) -> Mesh:
    """Return the surface over an (r, c, 3) grid of points; u follows the columns and v the rows.

    Seen from outside, rows run down and columns run to the right.
    """
    return facets(cells(grid), cells(ruled(grid.shape[0], grid.shape[1], patch)), sheet, crease)


def ruled(rows: int, columns: int, patch: Patch) -> Array:
    """Return (rows, columns, 2): u and v spread evenly over the patch."""
    u, v = np.meshgrid(np.linspace(patch[0], patch[2], columns), np.linspace(patch[1], patch[3], rows))
    return np.stack([u, v], axis=2)


def lathe(
    profile: ArrayLike, sides: int, patch: Patch = WHOLE, *, sheet: int = 0, crease: float = CREASE
) -> Mesh:
    """Return the solid of revolution of a profile about the z axis.

    Args:
        profile: (n, 2) radius and z, from the top down.
        sides: The number of flat sides around the axis.
        patch: The patch of the sheet; u runs around the axis and starts at the back.
        sheet: The sheet.
        crease: Angle in degrees from which an edge is sharp.
    """
    radius, z = np.asarray(profile, float).T[:, :, None]
    angle = np.linspace(0, 2 * np.pi, sides + 1) + np.pi / 2
    grid = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), z), axis=2)
    grid[:, -1] = grid[:, 0]  # close the seam exactly
    return skin(grid, patch, sheet=sheet, crease=crease)


def tube(
    path: ArrayLike, radius: float | Sequence[float], sides: int = 6, patch: Patch = WHOLE, *, sheet: int = 0
) -> Mesh:
    """Return a tube with closed ends along an (n, 3) path; `radius` is one value or one for each point."""
    line = np.asarray(path, float)
    across, over = cross_section_axes(line)
    angle = np.linspace(0, 2 * np.pi, sides + 1)[None, :, None]
    radii = np.broadcast_to(np.asarray(radius, float), len(line))[:, None, None]
    grid = line[:, None] + radii * (np.cos(angle) * across[:, None] + np.sin(angle) * over[:, None])
    start, end = (np.repeat(line[i][None, None], sides + 1, axis=1) for i in (0, -1))
    grid = np.concatenate([start, grid, end])[::-1]
    grid[:, -1] = grid[:, 0]  # close the seam exactly
    return skin(grid, patch, sheet=sheet, crease=60)


def cross_section_axes(line: Array) -> tuple[Array, Array]:
    """Return two perpendicular axes (n, 3) of the cross sections of an (n, 3) line, which do not twist along it."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    axes = [np.cross(along[0], X if abs(along[0, 0]) < 0.9 else Y)]
    for direction in along:
        perpendicular = axes[-1] - (axes[-1] @ direction) * direction
        axes.append(perpendicular / np.linalg.norm(perpendicular))
    across = np.asarray(axes[1:])
    return across, np.cross(along, across)


def ribbon(path: ArrayLike, outward: ArrayLike, width: float, thickness: float, patch: Patch = WHOLE) -> Mesh:
    """Return a flat strap along an (n, 3) path; `outward` (n, 3) or (3,) points away from the surface below it."""
    line = np.asarray(path, float)
    along = np.gradient(line, axis=0)
    up = np.broadcast_to(np.asarray(outward, float), line.shape)
    side = np.cross(along, up)
    side *= width / 2 / np.linalg.norm(side, axis=1, keepdims=True)
    lift = thickness * up / np.linalg.norm(up, axis=1, keepdims=True)
    ring = np.stack([line - side, line + side, line + side + lift, line - side + lift, line - side], axis=1)
    start, end = (np.repeat(ring[i].mean(axis=0)[None, None], 5, axis=1) for i in (0, -1))
    return skin(np.concatenate([start, ring, end]), patch)


def box(
    size: ArrayLike, middle: ArrayLike = (0, 0, 0), patch: Patch = WHOLE, *, edge: float = 0.0, steps: int = 1
) -> Mesh:
    """Return a box of three sizes whose edges are rounded by `edge` metres in `steps` facets.

    The paint runs around from the corner at (-x, +y) over the sides -x, -y, +x and +y. u is the distance around, v the
    depth below the top.
    """
    half = np.asarray(size, float) / 2
    edge = min(edge, float(half.min()) * 0.98)
    turn = np.linspace(0, np.pi / 2, steps + 1)
    around = np.concatenate([quarter * np.pi / 2 + turn for quarter in range(4)]) + np.pi / 2
    diagonals = np.repeat(np.arange(4) * np.pi / 2 + np.pi * 3 / 4, steps + 1)
    # (2, 4 * (steps + 1)): signs of x and y of the corner that each column belongs to
    corner_signs = np.sign(np.stack([np.cos(diagonals), np.sin(diagonals)]))
    lift = np.concatenate([np.pi / 2 - turn, -turn])  # from straight up to straight down
    z_sign = np.repeat([1.0, -1.0], steps + 1)
    out = np.stack([np.cos(around), np.sin(around)])
    # (rows, columns, 2)
    flat = corner_signs.T * (half[:2] - edge) + edge * np.cos(lift)[:, None, None] * out.T
    height = z_sign * (half[2] - edge) + edge * np.sin(lift)
    z = np.broadcast_to(height[:, None, None], (*flat.shape[:2], 1))
    grid = np.concatenate([flat, z], axis=2)
    top, bottom = (grid[i][None] * np.array([0, 0, 1]) for i in (0, -1))
    grid = np.concatenate([top, grid, bottom]) + np.asarray(middle, float)
    return wrapped_skin(np.concatenate([grid, grid[:, :1]], axis=1), patch)


def wrapped_skin(grid: Array, patch: Patch) -> Mesh:
    """Return the surface over a closed (r, c, 3) grid.

    v follows the height and u the distance around, so that the paint is not stretched.
    """
    steps = np.linalg.norm(np.diff(grid[:, :, :2], axis=1), axis=2).max(axis=0)
    u = np.concatenate([[0], np.cumsum(steps)]) / steps.sum()
    top, low = grid[:, :, 2].max(), grid[:, :, 2].min()
    v = (top - grid[:, :, 2]) / max(top - low, 1e-9)
    paint = np.stack(
        [
            patch[0] + np.broadcast_to(u, v.shape) * (patch[2] - patch[0]),
            patch[1] + v * (patch[3] - patch[1]),
        ],
        2,
    )
    return facets(cells(grid), cells(paint))


def moved(mesh: Mesh, by: ArrayLike) -> Mesh:
    """Return a mesh shifted by x, y and z metres."""
    return replace(mesh, points=(mesh.points + np.asarray(by, np.float32)).astype(np.float32))


def turned(mesh: Mesh, axis: Array, angle: float) -> Mesh:
    """Return a mesh rotated about an axis of length 1 through the origin, counterclockwise seen from the axis' tip."""
    cross = np.cross(np.eye(3), axis)
    rotation = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(axis, axis)
    return replace(
        mesh,
        points=(mesh.points @ rotation.T).astype(np.float32),
        normals=(mesh.normals @ rotation.T).astype(np.float32),
    )


def mirrored(mesh: Mesh) -> Mesh:
    """Return a mesh mirrored in x."""
    mirror = np.array([-1, 1, 1], np.float32)
    return replace(
        mesh, points=mesh.points * mirror, normals=mesh.normals * mirror, faces=mesh.faces[:, ::-1].copy()
    )


def volume(mesh: Mesh) -> float:
    """Return the cubic metres inside a closed mesh; negative if its faces point inwards."""
    a, b, c = (mesh.points[mesh.faces[:, i]].astype(float) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)

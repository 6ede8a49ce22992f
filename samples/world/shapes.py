"""Simple solids of few triangles: boxes, turned and bent shapes, and skins stretched over a grid of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from samples.world.mesh import Mesh, rigid

Array = NDArray[np.float64]
Patch = tuple[float, float, float, float]
"""A rectangle of a sheet: u and v of its first corner, u and v of the opposite one."""
WHOLE: Patch = (0.0, 0.0, 1.0, 1.0)
CREASE = 40.0  # degrees; faces that meet at more keep an edge
X, Y, Z = np.eye(3)


def facets(
    corners: Array, paint: Array, sheets: NDArray[np.integer] | int = 0, crease: float = CREASE
) -> Mesh:
    """Join loose triangles: smooth where they meet gently, an edge where they meet at more than `crease` degrees.

    Args:
        corners: (F, 3, 3) positions of each triangle's corners, anticlockwise seen from outside.
        paint: (F, 3, 2) where on the sheet each corner is painted.
        sheets: (F,) the sheet of each triangle, or one for all.
        crease: degrees.
    """
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    kept = np.linalg.norm(normal, axis=1) > 1e-9
    corners, paint, normal = corners[kept], paint[kept], normal[kept]
    sheet = np.broadcast_to(sheets, kept.shape)[kept].repeat(3)
    rows = np.column_stack(
        [corners.reshape(-1, 3), corner_normals(corners, normal, crease), paint.reshape(-1, 2), sheet]
    )
    _, first, index = np.unique(np.round(rows, 5), axis=0, return_index=True, return_inverse=True)
    points = rows[first]
    return rigid(
        points[:, :3].astype(np.float32),
        index.reshape(-1, 3).astype(np.int32),
        points[:, 6:8].astype(np.float32),
        points[:, 8].astype(np.int32),
        normals=points[:, 3:6].astype(np.float32),
    )


def corner_normals(corners: Array, normal: Array, crease: float) -> Array:
    """(F * 3, 3): for each corner, the mean normal of the faces there that lie within the crease of its own."""
    _, place = np.unique(np.round(corners.reshape(-1, 3), 5), axis=0, return_inverse=True)
    place = place.reshape(-1)
    face = np.arange(len(place)) // 3
    at = csr_matrix((np.ones(len(place)), (place, face)))  # (places, F)
    corner, other = at[place].nonzero()  # every face that touches a corner's place
    unit = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    close = (unit[face[corner]] * unit[other]).sum(axis=1) > np.cos(np.radians(crease))
    total = np.stack(
        [np.bincount(corner[close], normal[other[close], i], len(place)) for i in range(3)], axis=1
    )
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))


def cells(grid: Array) -> Array:
    """(2 (r-1) (c-1), 3, d): the two triangles of each cell of an (r, c, d) grid, r down and c to the right."""
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    return np.concatenate(
        [np.stack(corners, axis=2).reshape(-1, 3, grid.shape[2]) for corners in ((a, b, c), (a, c, d))]
    )


def skin(grid: Array, patch: Patch = WHOLE, *, sheet: int = 0, crease: float = CREASE) -> Mesh:
    """Stretch a skin over an (r, c, 3) grid: u follows the columns and v the rows.

    Seen from outside, rows run down and columns to the right.
    """
    return facets(cells(grid), cells(ruled(grid.shape[0], grid.shape[1], patch)), sheet, crease)


def ruled(rows: int, columns: int, patch: Patch) -> Array:
    """(rows, columns, 2): u and v evenly over the patch."""
    u, v = np.meshgrid(np.linspace(patch[0], patch[2], columns), np.linspace(patch[1], patch[3], rows))
    return np.stack([u, v], axis=2)


def lathe(
    profile: ArrayLike, sides: int, patch: Patch = WHOLE, *, sheet: int = 0, crease: float = CREASE
) -> Mesh:
    """Turn an (n, 2) profile of radius and z, from the top down, about the z axis; u runs around, from the back."""
    radius, z = np.asarray(profile, float).T[:, :, None]
    angle = np.linspace(0, 2 * np.pi, sides + 1) + np.pi / 2
    grid = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), z), axis=2)
    grid[:, -1] = grid[:, 0]  # close the seam exactly
    return skin(grid, patch, sheet=sheet, crease=crease)


def tube(
    path: ArrayLike, radius: float | Sequence[float], sides: int = 6, patch: Patch = WHOLE, *, sheet: int = 0
) -> Mesh:
    """Bend a closed-ended tube along an (n, 3) path; `radius` for all of it or for each point."""
    line = np.asarray(path, float)
    _, across, over = frames(line)
    angle = np.linspace(0, 2 * np.pi, sides + 1)[None, :, None]
    reach = np.broadcast_to(np.asarray(radius, float), len(line))[:, None, None]
    grid = line[:, None] + reach * (np.cos(angle) * across[:, None] + np.sin(angle) * over[:, None])
    ends = (np.repeat(line[i][None, None], sides + 1, axis=1) for i in (0, -1))
    grid = np.concatenate([next(ends), grid, next(ends)])[::-1]
    grid[:, -1] = grid[:, 0]
    return skin(grid, patch, sheet=sheet, crease=60)


def frames(line: Array) -> tuple[Array, Array, Array]:
    """Each (n, 3): along an (n, 3) line, across it, and over both, carried along without twisting."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = [np.cross(along[0], X if abs(along[0, 0]) < 0.9 else Y)]
    for direction in along:
        flat = across[-1] - (across[-1] @ direction) * direction
        across.append(flat / np.linalg.norm(flat))
    side = np.asarray(across[1:])
    return along, side, np.cross(along, side)


def ribbon(path: ArrayLike, outward: ArrayLike, width: float, thickness: float, patch: Patch = WHOLE) -> Mesh:
    """Lay a flat strap along an (n, 3) path; `outward` (n, 3) or (3,) points away from what it lies on."""
    line = np.asarray(path, float)
    along = np.gradient(line, axis=0)
    up = np.broadcast_to(np.asarray(outward, float), line.shape)
    side = np.cross(along, up)
    side *= width / 2 / np.linalg.norm(side, axis=1, keepdims=True)
    lift = thickness * up / np.linalg.norm(up, axis=1, keepdims=True)
    ring = np.stack([line - side, line + side, line + side + lift, line - side + lift, line - side], axis=1)
    ends = [np.repeat(ring[i].mean(axis=0)[None, None], 5, axis=1) for i in (0, -1)]
    return skin(np.concatenate([ends[0], ring, ends[1]]), patch)


def box(
    size: ArrayLike, middle: ArrayLike = (0, 0, 0), patch: Patch = WHOLE, *, edge: float = 0.0, steps: int = 1
) -> Mesh:
    """Make a box whose edges are rounded by `edge` metres in `steps` facets.

    Its paint runs around from the corner at -x and +y by way of -x, -y and +x to +y: u by the way gone, v by height.
    """
    half = np.asarray(size, float) / 2
    edge = min(edge, float(half.min()) * 0.98)
    turn = np.linspace(0, np.pi / 2, steps + 1)
    around = np.concatenate([quarter * np.pi / 2 + turn for quarter in range(4)]) + np.pi / 2
    middles = np.repeat(np.arange(4) * np.pi / 2 + np.pi * 3 / 4, steps + 1)
    signs = np.sign(
        np.stack([np.cos(middles), np.sin(middles)])
    )  # (2, 4 * (steps + 1)): the corner of each column
    lift = np.concatenate([np.pi / 2 - turn, -turn])  # from straight up to straight down
    sign = np.repeat([1.0, -1.0], steps + 1)
    out = np.stack([np.cos(around), np.sin(around)])
    flat = signs.T * (half[:2] - edge) + edge * np.cos(lift)[:, None, None] * out.T  # (rows, columns, 2)
    z = np.broadcast_to((sign * (half[2] - edge) + edge * np.sin(lift))[:, None, None], (*flat.shape[:2], 1))
    grid = np.concatenate([flat, z], axis=2)
    lids = [grid[i][None] * np.array([0, 0, 1]) for i in (0, -1)]
    grid = np.concatenate([lids[0], grid, lids[1]]) + np.asarray(middle, float)
    return boxed(np.concatenate([grid, grid[:, :1]], axis=1), patch)


def boxed(grid: Array, patch: Patch) -> Mesh:
    """Skin a closed (r, c, 3) grid with v by height and u by the way around, so that nothing painted is stretched."""
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
    """Shift a mesh."""
    return replace(mesh, points=(mesh.points + np.asarray(by, np.float32)).astype(np.float32))


def turned(mesh: Mesh, axis: Array, angle: float) -> Mesh:
    """Turn a mesh about an axis through the origin, anticlockwise seen from the axis' tip."""
    cross = np.cross(np.eye(3), axis)
    rotation = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(axis, axis)
    return replace(
        mesh,
        points=(mesh.points @ rotation.T).astype(np.float32),
        normals=(mesh.normals @ rotation.T).astype(np.float32),
    )


def mirrored(mesh: Mesh) -> Mesh:
    """Mirror a mesh from left to right."""
    mirror = np.array([-1, 1, 1], np.float32)
    return replace(
        mesh, points=mesh.points * mirror, normals=mesh.normals * mirror, faces=mesh.faces[:, ::-1].copy()
    )


def volume(mesh: Mesh) -> float:
    """Cubic metres enclosed by a closed mesh; negative where it is inside out."""
    a, b, c = (mesh.points[mesh.faces[:, i]].astype(float) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)

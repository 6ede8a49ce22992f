"""Shapes that move: what bodies, clothes, bags and vehicles are made of before they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float32]
Whole = NDArray[np.int32]


@dataclass(frozen=True)
class Mesh:
    """Triangles over V points at rest, hung on bones. Metres; z up, facing -y, standing on z = 0."""

    points: Floats
    """(V, 3)."""
    normals: Floats
    """(V, 3), of length 1."""
    paint: Floats
    """(V, 3): where on its sheet a point is painted. First two: the sheet's u and v in [0, 1], or, where `round`,
    the sine and cosine of the angle around the part and the third its v."""
    sheets: Whole
    """(V,): which sheet of the paint."""
    bones: Whole
    """(V, 4): the bones that carry a point."""
    weights: Floats
    """(V, 4): how much each carries; rows sum to 1."""
    faces: Whole
    """(F, 3)."""
    round: bool = False

    @cached_property
    def hanging(self) -> csr_array:
        """(V, B) how much of each point hangs on each bone, up to the last that carries any."""
        rows = np.repeat(np.arange(len(self.points)), 4)
        shape = (len(self.points), int(self.bones.max()) + 1)
        return csr_array((self.weights.ravel(), (rows, self.bones.ravel())), shape=shape)

    def __post_init__(self) -> None:
        count = len(self.points)
        for name, width in (("points", 3), ("normals", 3), ("paint", 3), ("bones", 4), ("weights", 4)):
            if getattr(self, name).shape != (count, width):
                raise ValueError(f"{name} of shape {getattr(self, name).shape}, not {(count, width)}")
        if self.sheets.shape != (count,) or (self.faces.size and self.faces.max() >= count):
            raise ValueError("sheets and faces must belong to the points")


@dataclass(frozen=True)
class Part:
    """A mesh and its paint."""

    mesh: Mesh
    paint: NDArray[np.uint8]
    """(sheets, height, width, 4) RGBA in sRGB; nothing is drawn where the fourth is below 128."""
    gloss: float = 0.05
    """How much it shines, from 0 for wool to 1 for car paint."""


def bent(mesh: Mesh, matrices: Floats) -> tuple[Floats, Floats]:
    """Take points and normals to the world.

    Args:
        mesh: at rest.
        matrices: (B, 3, 4) of its bones, from rest to the world.

    Returns:
        (V, 3) points and (V, 3) normals of about length 1.
    """
    if len(matrices) == 1:
        turn = matrices[0, :, :3].T
        return mesh.points @ turn + matrices[0, :, 3], mesh.normals @ turn
    own = mesh.hanging @ matrices.reshape(len(matrices), 12)[: mesh.hanging.shape[1]]  # (V, 12)
    turns, moves = own.reshape(-1, 3, 4)[:, :, :3], own[:, 3::4]
    points = np.einsum("vij,vj->vi", turns, mesh.points) + moves
    return points, np.einsum("vij,vj->vi", turns, mesh.normals)


def rigid(
    points: Floats,
    faces: Whole,
    paint: Floats,
    sheets: Whole,
    *,
    bone: int = 0,
    normals: Floats | None = None,
) -> Mesh:
    """Make a mesh that hangs on one bone; (V, 2) paint is planar; flat faces need points of their own."""
    bones = np.zeros((len(points), 4), np.int32)
    bones[:, 0] = bone
    weights = np.zeros((len(points), 4), np.float32)
    weights[:, 0] = 1
    if paint.shape[1] == 2:
        paint = np.column_stack([paint, np.zeros(len(paint), np.float32)])
    normals = point_normals(points, faces) if normals is None else normals
    return Mesh(
        points.astype(np.float32),
        normals,
        paint.astype(np.float32),
        sheets.astype(np.int32),
        bones,
        weights,
        faces,
    )


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Put meshes of the same kind of paint into one."""

    def rows(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(mesh, name) for mesh in meshes])

    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)])
    return Mesh(
        rows("points"), rows("normals"), rows("paint"), rows("sheets"), rows("bones"), rows("weights"),
        faces.astype(np.int32), meshes[0].round,
    )  # fmt: skip


def point_normals(points: Floats, faces: Whole) -> Floats:
    """Average the normals of the faces around each point, weighted by their areas; (V, 3) of length 1."""
    a, b, c = (points[faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    total = np.zeros((len(points), 3), np.float64)
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(faces[:, corner], normal[:, axis], minlength=len(points))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(length, 1e-12), np.float32)

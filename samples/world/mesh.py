"""Triangle meshes with bones, of which bodies, clothes, bags and vehicles are made."""

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
    """Triangles over V points in the rest pose, attached to bones.

    Metres; z up, facing -y, standing on z = 0.
    """

    points: Floats
    """(V, 3) positions."""
    normals: Floats
    """(V, 3) unit vectors."""
    paint: Floats
    """(V, 3) position of a point on its sheet: u and v in [0, 1] and 0. If `round`, sine and cosine of the angle around
    the part, and v."""
    sheets: Whole
    """(V,) index of the sheet that paints a point."""
    bones: Whole
    """(V, 4) indices of the bones that move a point."""
    weights: Floats
    """(V, 4) weights of these bones; rows sum to 1."""
    faces: Whole
    """(F, 3) indices of the corners of the triangles."""
    round: bool = False
    """Whether `paint` holds angles around a part."""

    @cached_property
    def bone_weights(self) -> csr_array:
        """(V, B) weight of each bone at each point, up to the last bone with a weight."""
        rows = np.repeat(np.arange(len(self.points)), 4)
        shape = (len(self.points), int(self.bones.max()) + 1)
        return csr_array((self.weights.ravel(), (rows, self.bones.ravel())), shape=shape)

    def __post_init__(self) -> None:
        count = len(self.points)
        for name, width in (("points", 3), ("normals", 3), ("paint", 3), ("bones", 4), ("weights", 4)):
            if getattr(self, name).shape != (count, width):
                raise ValueError(f"{name} must have shape {(count, width)}, got {getattr(self, name).shape}")
        if self.sheets.shape != (count,) or (self.faces.size and self.faces.max() >= count):
            raise ValueError(f"sheets must have shape ({count},) and faces must index {count} points")


@dataclass(frozen=True)
class Part:
    """A mesh with its paint."""

    mesh: Mesh
    paint: NDArray[np.uint8]
    """(sheets, height, width, 4) RGBA in sRGB; pixels with an alpha below 128 are not drawn."""
    gloss: float = 0.05
    """Shine, from 0 for wool to 1 for car paint."""


def bent(mesh: Mesh, matrices: Floats) -> tuple[Floats, Floats]:
    """Move the points and normals of a mesh to the world.

    Args:
        mesh: a mesh in its rest pose.
        matrices: (B, 3, 4) matrices of its bones, from the rest pose to the world.

    Returns:
        (V, 3) points and (V, 3) normals of about length 1.
    """
    if len(matrices) == 1:
        rotation = matrices[0, :, :3].T
        return mesh.points @ rotation + matrices[0, :, 3], mesh.normals @ rotation
    blended = mesh.bone_weights @ matrices.reshape(len(matrices), 12)[: mesh.bone_weights.shape[1]]  # (V, 12)
    rotations, translations = blended.reshape(-1, 3, 4)[:, :, :3], blended[:, 3::4]
    points = np.einsum("vij,vj->vi", rotations, mesh.points) + translations
    return points, np.einsum("vij,vj->vi", rotations, mesh.normals)


def rigid(
    points: Floats,
    faces: Whole,
    paint: Floats,
    sheets: Whole,
    *,
    bone: int = 0,
    normals: Floats | None = None,
) -> Mesh:
    """Return a mesh that one bone moves; `paint` is (V, 2) or (V, 3).

    A face with its own normal needs its own points.
    """
    bones = np.zeros((len(points), 4), np.int32)
    bones[:, 0] = bone
    weights = np.zeros((len(points), 4), np.float32)
    weights[:, 0] = 1
    if paint.shape[1] == 2:
        paint = np.column_stack([paint, np.zeros(len(paint), np.float32)])
    normals = point_normals(points, faces) if normals is None else normals
    return Mesh(
        points=points.astype(np.float32),
        normals=normals,
        paint=paint.astype(np.float32),
        sheets=sheets.astype(np.int32),
        bones=bones,
        weights=weights,
        faces=faces,
    )


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Join meshes that all have the same `round` into one."""

    def rows(name: str) -> NDArray[Any]:
        """Join one field of all meshes."""
        return np.concatenate([getattr(mesh, name) for mesh in meshes])

    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)])
    return Mesh(
        points=rows("points"),
        normals=rows("normals"),
        paint=rows("paint"),
        sheets=rows("sheets"),
        bones=rows("bones"),
        weights=rows("weights"),
        faces=faces.astype(np.int32),
        round=meshes[0].round,
    )


def point_normals(points: Floats, faces: Whole) -> Floats:
    """Return the (V, 3) unit normals of points: the area-weighted mean of the faces around each point."""
    a, b, c = (points[faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    total = np.zeros((len(points), 3), np.float64)
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(faces[:, corner], normal[:, axis], minlength=len(points))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(length, 1e-12), np.float32)

"""Boxes and visible shares of the actors in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from samples.world.camera import NEAR, Camera
from samples.world.mesh import Floats, Part, Whole, bent

FINE = 2
"""Samples per pixel in each direction."""
Box = NDArray[np.float64]
"""(4,) pixels: left, top, right, bottom."""
Pixels = NDArray[np.float64]
"""(n, 2) pixels of an outline's points: x to the right and y down."""


@dataclass(frozen=True)
class Actor:
    """One part of a person or a vehicle, posed for one moment."""

    part: Part
    matrices: NDArray[np.float32]
    """(B, 3, 4): rest to world."""
    owner: int
    """Number, from 0, of the person or vehicle; all its parts share it."""
    outline: Whole
    """(n,) indices of the mesh points from which boxes are measured; empty if the part counts for no box."""
    spots: tuple[tuple[float, float, float, float], ...] = ()
    """Dark spots on the ground: x, y and radius in metres, strength from 0 to 1."""

    @cached_property
    def bent(self) -> tuple[Floats, Floats]:
        """(V, 3) points in the world and (V, 3) normals, computed once for all cameras."""
        return bent(self.part.mesh, self.matrices)


@dataclass(frozen=True)
class VisibleActor:
    """A visible person or vehicle in one picture. Boxes are left, top, right, bottom in pixels."""

    owner: int
    full: tuple[float, float, float, float]
    visible: tuple[float, float, float, float]
    share: float
    """Visible share of the outline's points."""


def project_outlines(camera: Camera, actors: Sequence[Actor]) -> dict[int, Pixels]:
    """Return the pixels of the outline of each person or vehicle by owner; nan for points behind the camera."""
    outlined = sorted((actor for actor in actors if len(actor.outline)), key=lambda actor: actor.owner)
    if not outlined:
        return {}
    pixels, depth = camera.pixels(np.concatenate([actor.bent[0][actor.outline] for actor in outlined]))
    pixels[depth < NEAR] = np.nan
    owner_of_point = np.repeat(
        [actor.owner for actor in outlined], [len(actor.outline) for actor in outlined]
    )
    owners, starts = np.unique(owner_of_point, return_index=True)
    return dict(zip(owners.tolist(), np.split(pixels, starts[1:]), strict=True))


def full_boxes(outlines: dict[int, Pixels]) -> dict[int, Box]:
    """Return the box of each outline that lies entirely in front of the camera, by owner."""
    boxes = {owner: np.concatenate([pixels.min(0), pixels.max(0)]) for owner, pixels in outlines.items()}
    return {owner: box for owner, box in boxes.items() if not np.isnan(box).any()}


def in_picture(box: Box, camera: Camera) -> bool:
    """Return whether a box overlaps the camera's picture."""
    return bool(box[0] < camera.width and box[2] > 0 and box[1] < camera.height and box[3] > 0)


def find_visible(
    shown: NDArray[np.uint8], outlines: dict[int, Pixels], boxes: dict[int, Box], camera: Camera
) -> list[VisibleActor]:
    """Return the people and vehicles that a picture shows, by increasing owner.

    Args:
        shown: (H * FINE, W * FINE): 1 + the owner that each sample shows, or 0.
        outlines: The outline of each owner.
        boxes: The full box of each owner that is entirely in front of the camera.
        camera: The camera that took the picture.
    """
    visible_actors = []
    for owner in sorted(boxes):
        if in_picture(boxes[owner], camera):
            visible = _visible_box(shown, boxes[owner], owner)
            if visible is not None:
                share = _visible_share(shown, owner, outlines[owner], camera)
                visible_actors.append(VisibleActor(owner, _as_tuple(boxes[owner]), visible, share))
    return visible_actors


def _visible_box(shown: NDArray[np.uint8], box: Box, owner: int) -> tuple[float, float, float, float] | None:
    """Return the box around the samples that show an owner within its full box; None if no sample does."""
    height, width = shown.shape[0] // FINE, shown.shape[1] // FINE
    left, top = max(0, int(box[0]) - 2), max(0, int(box[1]) - 2)
    right, bottom = min(width, int(box[2]) + 3), min(height, int(box[3]) + 3)
    mask = shown[top * FINE : bottom * FINE, left * FINE : right * FINE] == owner + 1
    if not mask.any():
        return None
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    ends = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return _as_tuple(ends / FINE + (left, top, left, top))


def _visible_share(shown: NDArray[np.uint8], owner: int, pixels: Pixels, camera: Camera) -> float:
    """Return the share of an outline's points that lie within 3 samples of a sample that shows their owner."""
    inside = ((pixels >= 0) & (pixels < (camera.width, camera.height))).all(1)
    column, row = (pixels[inside] * FINE).astype(int).T
    visible = np.zeros(len(column), bool)
    for dx, dy in ((0, 0), (3, 0), (-3, 0), (0, 3), (0, -3)):
        x, y = np.clip(column + dx, 0, shown.shape[1] - 1), np.clip(row + dy, 0, shown.shape[0] - 1)
        visible |= shown[y, x] == owner + 1
    return float(visible.sum() / max(1, len(pixels)))


def _as_tuple(box: NDArray[np.floating]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom

"""Where actors stand in a picture, and how much of each can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from samples.world.camera import NEAR, Camera
from samples.world.mesh import Floats, Part, Whole, bent

FINE = 2
"""Samples across and down a pixel."""
Box = NDArray[np.float64]
"""(4,) pixels: left, top, right, bottom."""
Pixels = NDArray[np.float64]
"""(n, 2) points of an outline: x to the right and y down."""


@dataclass(frozen=True)
class Actor:
    """One thing of one identity as it stands at a moment."""

    part: Part
    matrices: NDArray[np.float32]
    """(B, 3, 4): rest to world."""
    who: int
    """Which sighting it belongs to, counted from 0; several parts of one may share a number."""
    outline: Whole
    """(n,) rows of the mesh's points from which boxes are measured; empty: it counts for no box."""
    spots: tuple[tuple[float, float, float, float], ...] = ()
    """Where it darkens the ground: x, y, radius in metres, strength from 0 to 1."""

    @cached_property
    def bent(self) -> tuple[Floats, Floats]:
        """(V, 3) its points in the world, and (V, 3) its normals; found once for all cameras."""
        return bent(self.part.mesh, self.matrices)


@dataclass(frozen=True)
class Seen:
    """Where one is seen, in pixels."""

    who: int
    full: tuple[float, float, float, float]
    visible: tuple[float, float, float, float]
    share: float


def outlines(camera: Camera, actors: Sequence[Actor]) -> dict[int, Pixels]:
    """Project the outlines of all who have one, by `who`; nan behind the camera."""
    own = sorted((actor for actor in actors if len(actor.outline)), key=lambda actor: actor.who)
    if not own:
        return {}
    pixels, ahead = camera.pixels(np.concatenate([actor.bent[0][actor.outline] for actor in own]))
    pixels[ahead < NEAR] = np.nan
    who = np.repeat([actor.who for actor in own], [len(actor.outline) for actor in own])
    names, starts = np.unique(who, return_index=True)
    return dict(zip(names.tolist(), np.split(pixels, starts[1:]), strict=True))


def full_boxes(outlines: dict[int, Pixels]) -> dict[int, Box]:
    """Box everyone who is wholly in front of the camera, by `who`."""
    boxes = {who: np.concatenate([pixels.min(0), pixels.max(0)]) for who, pixels in outlines.items()}
    return {who: box for who, box in boxes.items() if not np.isnan(box).any()}


def in_picture(box: Box, camera: Camera) -> bool:
    """Say whether a box reaches into what a camera sees."""
    return bool(box[0] < camera.width and box[2] > 0 and box[1] < camera.height and box[3] > 0)


def sightings(
    shown: NDArray[np.uint8], outlines: dict[int, Pixels], boxes: dict[int, Box], camera: Camera
) -> list[Seen]:
    """Measure who is seen, in the order of their numbers.

    Args:
        shown: (H * FINE, W * FINE): 1 + `who` is seen at each sample, or 0.
        outlines: of everybody.
        boxes: of everybody who is wholly in front of the camera.
        camera: that sees it.
    """
    near = (who for who in sorted(boxes) if in_picture(boxes[who], camera))
    found = ((who, _visible(shown, boxes[who], who)) for who in near)
    return [
        Seen(who, _four(boxes[who]), visible, _share(shown, who, outlines[who], camera))
        for who, visible in found
        if visible is not None
    ]


def _visible(shown: NDArray[np.uint8], box: Box, who: int) -> tuple[float, float, float, float] | None:
    """Box what is seen of one, looking only around its full box; None where nothing is."""
    height, width = shown.shape[0] // FINE, shown.shape[1] // FINE
    x, y = max(0, int(box[0]) - 2), max(0, int(box[1]) - 2)
    right, bottom = min(width, int(box[2]) + 3), min(height, int(box[3]) + 3)
    own = shown[y * FINE : bottom * FINE, x * FINE : right * FINE] == who + 1
    if not own.any():
        return None
    rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
    ends = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return _four(ends / FINE + (x, y, x, y))


def _share(shown: NDArray[np.uint8], who: int, pixels: Pixels, camera: Camera) -> float:
    """Of the points of an outline, how many lie on samples that show their owner, or its edge."""
    on = ((pixels >= 0) & (pixels < (camera.width, camera.height))).all(1)
    column, row = (pixels[on] * FINE).astype(int).T
    hit = np.zeros(len(column), bool)
    for dx, dy in ((0, 0), (3, 0), (-3, 0), (0, 3), (0, -3)):
        x, y = np.clip(column + dx, 0, shown.shape[1] - 1), np.clip(row + dy, 0, shown.shape[0] - 1)
        hit |= shown[y, x] == who + 1
    return float(hit.sum() / max(1, len(pixels)))


def _four(box: NDArray[np.floating]) -> tuple[float, float, float, float]:
    a, b, c, d = (float(x) for x in box)
    return a, b, c, d

"""Bodies: anny's people, cut to few triangles and laid out for paint."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from samples.world.anatomy import ANCHORS, GROUPS
from samples.world.errors import WorldError
from samples.world.mesh import Floats, Whole

REGIONS = ("torso", "head", "arm.L", "arm.R", "hand.L", "hand.R", "leg.L", "leg.R", "foot.L", "foot.R")
ROBE = (0.60, 1.36)
"""Of torso and skirt: the height painted at v = 0 on an average body, and the length down to v = 1, in metres."""
HEAD, LEG = (0.79, 0.27), (0.13, 0.95)
"""The same of the head and of a leg."""


@dataclass(frozen=True)
class Shape:
    """A body's build; each from 0 to 1 as anny has it."""

    gender: float
    """0 female, 1 male."""
    age: float
    """0 newborn, 1/3 child, 2/3 young adult, 1 old."""
    muscle: float
    weight: float
    height: float
    proportions: float


class Patch(NamedTuple):
    """One region of one group: its own points, so that no triangle spans two sheets of paint."""

    points: Whole
    """(P,) rows of a figure's points."""
    faces: Whole
    """(F, 3) into `points`."""
    wrap: Floats
    """(P, 3): sine and cosine of the angle around the part, and v."""


@dataclass(frozen=True)
class Figure:
    """A body at rest, arms half raised, with its bones."""

    points: Floats
    """(V, 3) of all groups."""
    heads: NDArray[np.float64]
    """(B, 3): where each bone begins."""


class Bodies:
    """Every body there can be: a template of V points, its patches, and how shapes move its points."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as data:
            self._table, self._template, self._shapes = data["table"], data["template"], data["shapes"]
            self._heads, self._head_shapes = data["heads"], data["head_shapes"]
            self.bones: dict[str, int] = {str(name): i for i, name in enumerate(data["bones"])}
            self.parents = [int(parent) for parent in data["parents"]]
            self.carriers: Whole = data["carriers"]
            self.weights: Floats = data["weights"]
            faces = {group: data[f"faces_{group}"] for group in GROUPS}
        self.average = self.figure(Shape(0.5, 0.5, 0.5, 0.5, 0.5, 0.5))
        self.region = self._regions()
        self.patches = {
            (group, region): patch
            for group, f in faces.items()
            for region, patch in self._patches(group, f).items()
        }

    def figure(self, shape: Shape) -> Figure:
        """Form a body."""
        coefficients = self._table
        for trait, anchors in ANCHORS.items():
            share = [np.interp(getattr(shape, trait), anchors, row) for row in np.eye(len(anchors))]
            coefficients = np.tensordot(np.array(share), coefficients, 1)
        used = np.flatnonzero(coefficients)
        points = self._template + np.tensordot(coefficients[used], self._shapes[used], 1)
        heads = self._heads + np.tensordot(coefficients[used], self._head_shapes[used], 1)
        return Figure(points.astype(np.float32), heads.astype(np.float64))

    def _regions(self) -> Whole:
        """(V,): the region of the bone that carries a point most."""
        of_bone = np.zeros(len(self.bones), np.int32)
        for name, i in self.bones.items():
            of_bone[i] = REGIONS.index(_region(name))
        return of_bone[self.carriers[:, 0]]

    def _patches(self, group: str, faces: Whole) -> dict[str, Patch]:
        corner = self.region[faces]
        region = np.where(corner[:, 1] == corner[:, 2], corner[:, 1], corner[:, 0])
        if group in ("skirt", "hair"):
            region = np.full(len(faces), REGIONS.index("torso" if group == "skirt" else "head"))
        out = {}
        for i, name in enumerate(REGIONS):
            own = faces[region == i]
            if len(own):
                points, inverse = np.unique(own, return_inverse=True)
                wrap = self._wrap(name, self.average.points[points])
                out[name] = Patch(points.astype(np.int32), inverse.reshape(-1, 3).astype(np.int32), wrap)
        return out

    def leg_axis(self, figure: Figure, side: str, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(P, 2): where the bones of a leg lie at the points' heights."""
        line = self._joints(figure, "upperleg01", "lowerleg01", "foot", side=side)
        return np.stack([np.interp(-points[:, 2], -line[:, 2], line[:, i]) for i in (0, 1)], 1)

    def _wrap(self, region: str, points: Floats) -> Floats:
        """Lay a region out: the angle around its axis (0 in front) and how far down or along it lies."""
        part, _, side = region.partition(".")
        across: NDArray[np.floating]
        ahead: NDArray[np.floating]
        along: NDArray[np.floating]
        if part in ("torso", "head"):
            top, length = HEAD if part == "head" else ROBE
            across, ahead = points[:, 0], -(points[:, 1] + (0.03 if part == "head" else 0.01))
            along = (top - points[:, 2]) / length
        elif part in ("leg", "foot"):
            middle = self.leg_axis(self.average, side, points)
            across, ahead = points[:, 0] - middle[:, 0], -(points[:, 1] - middle[:, 1])
            along = (LEG[0] - points[:, 2]) / LEG[1]
        else:
            across, ahead, along = self._wrap_arm(side, points)
        radius = np.maximum(np.hypot(across, ahead), 1e-6)
        return np.column_stack([across / radius, ahead / radius, along]).astype(np.float32)

    def _wrap_arm(self, side: str, points: Floats) -> tuple[NDArray[np.float64], ...]:
        """(P,) each: how far outward and ahead of an arm's axis points lie, and which share along it."""
        axis = self._joints(self.average, "upperarm01", "lowerarm01", "wrist", side=side)
        along, offset, direction = _project(points.astype(np.float64), axis)
        front = np.array([0.0, -1.0, 0.0])
        forward = front - direction * (direction @ front)[:, None]
        forward /= np.linalg.norm(forward, axis=1, keepdims=True)
        across = (offset * np.cross(forward, direction)).sum(1) * (1 if side == "L" else -1)
        return across, (offset * forward).sum(1), along

    def _joints(self, figure: Figure, *names: str, side: str) -> NDArray[np.float64]:
        return np.stack([figure.heads[self.bones[f"{name}.{side}"]] for name in names])


@cache
def bodies() -> Bodies:
    """Load what bodies are made of, taking it from anny if this machine has not done so yet.

    Raises:
        WorldError: anny cannot be read.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "reid-pipeline"
    path = caches / f"bodies-{version('anny')}.npz"
    if not path.is_file():
        caches.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npz")
        done = subprocess.run(
            [sys.executable, "-m", "samples.world.anatomy", str(partial)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise WorldError(f"bodies could not be taken from anny: {done.stderr.strip().splitlines()[-1]}")
        partial.replace(path)
    return Bodies(path)


def _region(bone: str) -> str:
    side = bone[-2:]
    for start, region in (
        (("upperarm", "lowerarm"), "arm"),
        (("wrist", "finger", "metacarpal"), "hand"),
        (("upperleg", "lowerleg"), "leg"),
        (("foot", "toe"), "foot"),
    ):
        if bone.startswith(start):
            return region + side
    return "head" if bone.startswith(("neck02", "neck03", "head", "eye")) else "torso"


def _project(
    points: NDArray[np.float64], axis: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Project onto a polyline: (P,) share of its length, (P, 3) offset from it, (P, 3) its direction there."""
    starts, steps = axis[:-1], np.diff(axis, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    begun = np.concatenate([[0.0], np.cumsum(lengths)])
    best: list[tuple[NDArray[np.float64], ...]] = []
    for i, (start, step, length) in enumerate(zip(starts, steps, lengths, strict=True)):
        t = ((points - start) @ step) / length**2
        inside = np.clip(t, None if i == 0 else 0.0, None if i == len(steps) - 1 else 1.0)
        near = start + np.clip(t, 0, 1)[:, None] * step
        best.append((np.linalg.norm(points - near, axis=1), begun[i] + inside * length, points - near))
    first = best[0][0] <= best[1][0]
    along = np.where(first, best[0][1], best[1][1]) / begun[-1]
    offset = np.where(first[:, None], best[0][2], best[1][2])
    direction = np.where(first[:, None], steps[0] / lengths[0], steps[1] / lengths[1])
    return along, offset, direction

"""Human bodies from anny: reduced meshes, their bones, and the coordinates at which they are painted."""

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
"""Height of v = 0 on the average body and length from v = 0 down to v = 1, in metres, of torso and skirt."""
HEAD, LEG = (0.79, 0.27), (0.13, 0.95)
"""Height of v = 0 and length down to v = 1, in metres, of the head and of a leg."""


@dataclass(frozen=True)
class Shape:
    """Build of a body. Every trait is from 0 to 1, as in anny."""

    gender: float
    """0 female, 1 male."""
    age: float
    """0 newborn, 1/3 child, 2/3 young adult, 1 old."""
    muscle: float
    weight: float
    height: float
    proportions: float


class Patch(NamedTuple):
    """One region of one group. It has its own points, so that no triangle spans two sheets of paint."""

    points: Whole
    """(P,) indices into the points of a figure."""
    faces: Whole
    """(F, 3) indices into `points`."""
    wrap: Floats
    """(P, 3) sine and cosine of the angle around the part, and v."""


@dataclass(frozen=True)
class Figure:
    """A body in its rest pose, arms half raised, with its bones."""

    points: Floats
    """(V, 3) points of all groups, in metres."""
    heads: NDArray[np.float64]
    """(B, 3) positions where the bones begin."""


class Bodies:
    """Model of all bodies: a template of V points, its patches, and the displacements that shapes add."""

    def __init__(self, path: Path) -> None:
        """Read the file that `samples.world.anatomy` wrote."""
        with np.load(path) as data:
            self._table, self._template, self._shapes = data["table"], data["template"], data["shapes"]
            self._heads, self._head_shapes = data["heads"], data["head_shapes"]
            self.bones: dict[str, int] = {str(name): bone for bone, name in enumerate(data["bones"])}
            self.parents = [int(parent) for parent in data["parents"]]
            self.carriers: Whole = data["carriers"]
            self.weights: Floats = data["weights"]
            faces = {group: data[f"faces_{group}"] for group in GROUPS}
        self.average = self.figure(Shape(0.5, 0.5, 0.5, 0.5, 0.5, 0.5))
        self.region = self._regions()
        self.patches = {
            (group, region): patch
            for group, triangles in faces.items()
            for region, patch in self._patches(group, triangles).items()
        }

    def figure(self, shape: Shape) -> Figure:
        """Return the body of a shape."""
        coefficients = self._table
        for trait, anchors in ANCHORS.items():
            shares = [np.interp(getattr(shape, trait), anchors, row) for row in np.eye(len(anchors))]
            coefficients = np.tensordot(np.array(shares), coefficients, 1)
        used = np.flatnonzero(coefficients)
        points = self._template + np.tensordot(coefficients[used], self._shapes[used], 1)
        heads = self._heads + np.tensordot(coefficients[used], self._head_shapes[used], 1)
        return Figure(points.astype(np.float32), heads.astype(np.float64))

    def _regions(self) -> Whole:
        """Return the (V,) region of the bone that carries each point most, as an index into `REGIONS`."""
        region_of_bone = np.zeros(len(self.bones), np.int32)
        for name, bone in self.bones.items():
            region_of_bone[bone] = REGIONS.index(_region(name))
        return region_of_bone[self.carriers[:, 0]]

    def _patches(self, group: str, faces: Whole) -> dict[str, Patch]:
        """Split the triangles of a group into one patch per region."""
        regions_of_corners = self.region[faces]
        region = np.where(
            regions_of_corners[:, 1] == regions_of_corners[:, 2],
            regions_of_corners[:, 1],
            regions_of_corners[:, 0],
        )
        if group in ("skirt", "hair"):
            region = np.full(len(faces), REGIONS.index("torso" if group == "skirt" else "head"))
        patches = {}
        for i, name in enumerate(REGIONS):
            triangles = faces[region == i]
            if len(triangles):
                points, inverse = np.unique(triangles, return_inverse=True)
                wrap = self._wrap(name, self.average.points[points])
                patches[name] = Patch(points.astype(np.int32), inverse.reshape(-1, 3).astype(np.int32), wrap)
        return patches

    def leg_axis(self, figure: Figure, side: str, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the (P, 2) x and y of a leg's bones at the heights of the points; `side` is "L" or "R"."""
        line = self._joints(figure, "upperleg01", "lowerleg01", "foot", side=side)
        return np.stack([np.interp(-points[:, 2], -line[:, 2], line[:, i]) for i in (0, 1)], 1)

    def _wrap(self, region: str, points: Floats) -> Floats:
        """Return the (P, 3) `Patch.wrap` of a region: the angle around its axis (0 in front), and v along it."""
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
        """Return three (P,) arrays: metres outward and ahead of an arm's axis, and the share of its length."""
        axis = self._joints(self.average, "upperarm01", "lowerarm01", "wrist", side=side)
        along, offset, direction = _project(points.astype(np.float64), axis)
        front = np.array([0.0, -1.0, 0.0])
        forward = front - direction * (direction @ front)[:, None]
        forward /= np.linalg.norm(forward, axis=1, keepdims=True)
        across = (offset * np.cross(forward, direction)).sum(1) * (1 if side == "L" else -1)
        return across, (offset * forward).sum(1), along

    def _joints(self, figure: Figure, *names: str, side: str) -> NDArray[np.float64]:
        """Return the (n, 3) positions where the named bones of one side begin."""
        return np.stack([figure.heads[self.bones[f"{name}.{side}"]] for name in names])


@cache
def bodies() -> Bodies:
    """Load the body model. The first call on a machine exports it from anny into the user's cache folder.

    Raises:
        WorldError: the export fails.
    """
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "reid-pipeline"
    path = cache_folder / f"bodies-{version('anny')}.npz"
    if not path.is_file():
        cache_folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.stem}.{os.getpid()}.partial.npz")
        export = subprocess.run(
            [sys.executable, "-m", "samples.world.anatomy", str(partial)],
            capture_output=True,
            text=True,
            check=False,
        )
        if export.returncode:
            raise WorldError(f"cannot export bodies from anny: {export.stderr.strip().splitlines()[-1]}")
        partial.replace(path)
    return Bodies(path)


def _region(bone: str) -> str:
    """Return the region that a bone belongs to."""
    side = bone[-2:]
    for prefixes, region in (
        (("upperarm", "lowerarm"), "arm"),
        (("wrist", "finger", "metacarpal"), "hand"),
        (("upperleg", "lowerleg"), "leg"),
        (("foot", "toe"), "foot"),
    ):
        if bone.startswith(prefixes):
            return region + side
    return "head" if bone.startswith(("neck02", "neck03", "head", "eye")) else "torso"


def _project(
    points: NDArray[np.float64], axis: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Project (P, 3) points onto a line of two segments.

    Returns:
        (P,) share of the line's length, (P, 3) offset from the line, (P, 3) direction of the line.
    """
    starts, steps = axis[:-1], np.diff(axis, axis=0)
    lengths = np.linalg.norm(steps, axis=1)
    distance_before = np.concatenate([[0.0], np.cumsum(lengths)])
    projections: list[tuple[NDArray[np.float64], ...]] = []
    for segment, (start, step, length) in enumerate(zip(starts, steps, lengths, strict=True)):
        share_along = ((points - start) @ step) / length**2
        clipped = np.clip(
            share_along, None if segment == 0 else 0.0, None if segment == len(steps) - 1 else 1.0
        )
        nearest = start + np.clip(share_along, 0, 1)[:, None] * step
        projections.append(
            (
                np.linalg.norm(points - nearest, axis=1),
                distance_before[segment] + clipped * length,
                points - nearest,
            )
        )
    on_first = projections[0][0] <= projections[1][0]
    along = np.where(on_first, projections[0][1], projections[1][1]) / distance_before[-1]
    offset = np.where(on_first[:, None], projections[0][2], projections[1][2])
    direction = np.where(on_first[:, None], steps[0] / lengths[0], steps[1] / lengths[1])
    return along, offset, direction

"""From a look to a mesh: cloth hung around a body, hair, shoes, and no skin where nothing shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from samples.world.anatomy import GROUPS
from samples.world.bodies import HEAD, Bodies, Figure, Patch, bodies
from samples.world.looks import Bottom, Look, Top
from samples.world.mesh import Floats, Mesh, Part, Whole, joined, point_normals
from samples.world.painting import HAIR_LENGTH, SHEETS, hairy, paint
from samples.world.postures import Poser

_ANGLES, _LEVELS = 36, 48
_TOP, _BOTTOM = 0.58, -0.80  # metres, of the average body: where cloth can hang
_OPEN = 128  # paint clearer than this is not drawn
_COVER = {"torso": ("top", "outer", "seat"), "arm": ("sleeves", "outer sleeves"), "leg": ("legs",)}
_CROP = {
    "cropped": 0.004,
    "short": 0.018,
    "bob": 0.022,
    "long": 0.02,
    "bun": 0.012,
}  # metres of hair on the scalp


@dataclass(frozen=True)
class Dressed:
    """A person ready to be drawn."""

    look: Look
    body: Part
    poser: Poser
    figure: Figure
    outline: Whole
    """(n,) rows of the mesh's points from which boxes are measured."""
    feet: tuple[int, int]
    """The feet's bones."""


def dress(look: Look) -> Dressed:
    """Build a person."""
    world = bodies()
    figure = world.figure(look.shape)
    sheets = paint(look)
    hanger = _Hanger(world, figure)
    pieces = [
        *_naked(world, hanger, sheets, look),
        *_worn(hanger, look.top, "top", "sleeves", 0.0),
        *(_worn(hanger, look.outer, "outer", "outer sleeves", look.top.ease * 0.5) if look.outer else ()),
        *_below(hanger, look.bottom),
        *_shod(hanger, look),
    ]
    mesh = _trimmed(joined(pieces), sheets)
    outline = np.unique(
        np.concatenate([mesh.faces[:: max(1, len(mesh.faces) // 500)].ravel(), _extremes(mesh)])
    )
    return Dressed(
        look,
        Part(mesh, sheets),
        Poser(world, figure),
        figure,
        outline.astype(np.int32),
        (world.bones["foot.L"], world.bones["foot.R"]),
    )


class _Hanger:
    """A body seen as radii around its axis, so that cloth can hang from what sticks out."""

    def __init__(self, world: Bodies, figure: Figure) -> None:
        self.world, self.figure = world, figure
        self.middle = float(figure.points[world.patches["tights", "torso"].points, 1].mean())
        self._normals = {group: self._group_normals(group) for group in GROUPS}
        self._radii = self._measure()

    def points(self, patch: Patch) -> NDArray[np.float64]:
        return self.figure.points[patch.points].astype(np.float64)

    def normals(self, group: str, patch: Patch) -> NDArray[np.float64]:
        return self._normals[group][patch.points]

    def piece(
        self, patch: Patch, points: NDArray[np.floating], sheet: str, wrap: Floats | None = None
    ) -> Mesh:
        """Make a mesh of moved points of a patch."""
        moved = points.astype(np.float32)
        world = self.world
        return Mesh(
            moved,
            point_normals(moved, patch.faces),
            patch.wrap if wrap is None else wrap,
            np.full(len(moved), SHEETS.index(sheet), np.int32),
            world.carriers[patch.points],
            world.weights[patch.points],
            patch.faces,
            round=True,
        )

    def hung(
        self, points: NDArray[np.float64], hang: float, ease: float, flare: float, start: float
    ) -> NDArray[np.float64]:
        """Move points of the trunk out to where cloth hangs that falls from `start` metres on."""
        radius, angle, level = self._polar(points)
        cloth = _at(self._falling(hang, start), angle, level) + flare * np.clip(0.1 - points[:, 2], 0, None)
        return self.widened(points, (np.maximum(radius, cloth) + ease) / np.maximum(radius, 1e-3))

    def widened(self, points: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
        """Move points so many times as far from the body's axis."""
        moved = points.copy()
        moved[:, :2] = (points[:, :2] - (0, self.middle)) * scale[:, None] + (0, self.middle)
        return moved

    def draped(
        self, points: NDArray[np.float64], hang: float, ease: float, flare: float
    ) -> NDArray[np.float64]:
        """Move a helper skirt's points to where the lower part of a top hangs: on the hips' radii, not its own."""
        radius, _, _ = self._polar(points)
        thin = self.widened(points, 0.02 / np.maximum(radius, 1e-3))
        return self.hung(thin, max(hang, 0.3), ease, flare, 0.35)

    def _falling(self, hang: float, start: float) -> NDArray[np.float64]:
        """(levels, angles): radii of cloth that below `start` narrows no faster than it falls."""
        falling = np.array(self._radii)
        level_height = (_TOP - _BOTTOM) / _LEVELS
        for level in range(1, _LEVELS):
            if _TOP - level * level_height < start:
                above, own = falling[level - 1] - 0.10 * level_height, falling[level]
                falling[level] = np.maximum(own, own + (above - own) * hang)
        return np.asarray(gaussian_filter(falling, (1.2, 1.0), mode=("nearest", "wrap")))

    def _polar(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        x, y = points[:, 0], -(points[:, 1] - self.middle)
        return np.hypot(x, y), np.arctan2(x, y), (_TOP - points[:, 2]) / (_TOP - _BOTTOM) * _LEVELS

    def _measure(self) -> NDArray[np.float64]:
        """(levels, angles): how far trunk and thighs reach from the axis."""
        patches = [self.world.patches["tights", name] for name in ("torso", "leg.L", "leg.R")]
        points = np.concatenate([self.points(patch) for patch in patches])
        near = np.concatenate([points, *(_middles(self.points(p), p.faces) for p in patches)])
        radius, angle, level = self._polar(near)
        grid = np.zeros((_LEVELS, _ANGLES))
        rows = np.clip(level.astype(int), 0, _LEVELS - 1)
        columns = ((angle / (2 * np.pi) + 0.5) * _ANGLES).astype(int) % _ANGLES
        np.maximum.at(grid, (rows, columns), radius)
        return _filled(grid)

    def _group_normals(self, group: str) -> NDArray[np.float64]:
        faces = [patch.points[patch.faces] for (own, _), patch in self.world.patches.items() if own == group]
        return point_normals(self.figure.points, np.concatenate(faces)).astype(np.float64)


def _naked(world: Bodies, hanger: _Hanger, sheets: NDArray[np.uint8], look: Look) -> list[Mesh]:
    """Body and hair, without skin that clothes hide."""
    out = []
    for (group, region), patch in world.patches.items():
        if group != "body" or region.startswith("foot"):
            continue
        points = hanger.points(patch)
        if region == "head" and look.hair != "bald":
            angle = np.arctan2(patch.wrap[:, 0], patch.wrap[:, 1])
            grows = hairy(angle, patch.wrap[:, 2], -0.03)[:, None] & (patch.wrap[:, 2:] > -1)
            points = points + hanger.normals("body", patch) * _CROP[look.hair] * grows
        covered = _covered(world, sheets, look, region, patch)
        kept = patch._replace(faces=patch.faces[~covered[patch.faces].all(1)])
        out.append(hanger.piece(kept, points, "head" if region == "head" else "skin"))
    if look.hair in ("bob", "long", "bun"):
        patch = world.patches["hair", "head"]
        points = hanger.points(patch)
        wrap = patch.wrap.copy()
        wrap[:, 2] = wrap[:, 2] * HEAD[1] / HAIR_LENGTH
        out.append(hanger.piece(patch, points + 0.008 * hanger.normals("hair", patch), "hair", wrap))
    return out


def _covered(
    world: Bodies, sheets: NDArray[np.uint8], look: Look, region: str, patch: Patch
) -> NDArray[np.bool_]:
    """(P,): which points of a patch of skin are under clothes."""
    covered = np.zeros(len(patch.points), bool)
    for name in _COVER.get(region.partition(".")[0], ()):
        covered |= _clear(sheets[SHEETS.index(name)], patch.wrap, 0.012)
    if region.startswith("leg") and look.bottom.kind == "skirt":
        covered |= world.average.points[patch.points, 2] > 0.13 - 0.95 * look.bottom.length + 0.06
    return covered


def _worn(hanger: _Hanger, top: Top, trunk: str, sleeves: str, under: float) -> list[Mesh]:
    """A top: the trunk, its tail below the waist, and sleeves."""
    patches = hanger.world.patches
    torso = patches["tights", "torso"]
    ease = top.ease + under
    points = hanger.points(torso)
    close = points + 0.006 * hanger.normals("tights", torso)
    loose = hanger.hung(close, top.hang, ease, top.flare, 0.38)
    fall = np.clip((0.50 - points[:, 2]) / 0.12, 0, 1)[:, None]
    shoulder = close + ease * 0.7 * hanger.normals("tights", torso)
    upper = torso._replace(faces=torso.faces[(points[torso.faces, 2] > 0.07).any(1)])
    out = [hanger.piece(upper, shoulder * (1 - fall) + loose * fall, trunk)]
    if top.hem < 0.09:
        tail = patches["skirt", "torso"]
        down = hanger.draped(hanger.points(tail), top.hang, ease + 0.004, top.flare)
        out.append(hanger.piece(tail, down, trunk))
    if top.sleeve > 0:
        for side in "LR":
            arm = patches["tights", f"arm.{side}"]
            along = arm.wrap[:, 2:]
            width = 0.004 + ease * (0.55 + 0.45 * np.clip(along * 1.5, 0, 1)) * (1.3 if top.cuff else 1.0)
            width = width * np.where(along > 0.93, 0.6, 1.0)
            out.append(hanger.piece(arm, hanger.points(arm) + width * hanger.normals("tights", arm), sleeves))
    return out


def _below(hanger: _Hanger, bottom: Bottom) -> list[Mesh]:
    """Trousers or a skirt."""
    patches = hanger.world.patches
    if bottom.kind == "skirt":
        skirt = patches["skirt", "torso"]
        points = hanger.points(skirt)
        close = hanger.draped(points, 0.9, 0.006 + bottom.ease, bottom.hem)
        own, hung = (np.linalg.norm(p[:, :2] - (0, hanger.middle), axis=1) for p in (points, close))
        wide = np.maximum(hung, own * 0.85) / np.maximum(hung, 1e-3)
        return [hanger.piece(skirt, hanger.widened(close, wide), "seat")]
    torso = patches["tights", "torso"]
    seat = torso._replace(faces=torso.faces[(hanger.points(torso)[torso.faces, 2] < 0.16).any(1)])
    hips = hanger.points(torso) + (0.004 + 0.3 * bottom.ease) * hanger.normals("tights", torso)
    out = [hanger.piece(seat, hips, "seat")]
    for side in "LR":
        leg = patches["tights", f"leg.{side}"]
        points, along = hanger.points(leg), leg.wrap[:, 2]
        middle = hanger.world.leg_axis(hanger.figure, side, points)
        offset = points[:, :2] - middle
        radius = np.linalg.norm(offset, axis=1)
        tube = np.interp(along, (0.35, 0.55, 1.0), (0.0, 0.06 + bottom.ease, bottom.hem))
        wide = np.maximum(radius + 0.004 + bottom.ease * np.clip(along * 3, 0.2, 1), tube)
        moved = points.copy()
        moved[:, :2] = middle + offset * (wide / np.maximum(radius, 1e-3))[:, None]
        out.append(hanger.piece(leg, moved, "legs"))
    return out


def _shod(hanger: _Hanger, look: Look) -> list[Mesh]:
    out = []
    for side in "LR":
        for region, swell in (("foot", 0.008), ("leg", 0.012)):
            if region == "leg" and look.shoes[2] == 0 and look.bottom.length > 0.9:
                continue
            patch = hanger.world.patches["tights", f"{region}.{side}"]
            points = hanger.points(patch) + swell * hanger.normals("tights", patch)
            out.append(hanger.piece(patch, points, "shoes"))
    return out


def _trimmed(mesh: Mesh, sheets: NDArray[np.uint8]) -> Mesh:
    """Leave out triangles whose paint is clear at every corner, and points that nothing uses."""
    shown = np.ones(len(mesh.points), bool)
    for i in range(len(SHEETS)):
        own = mesh.sheets == i
        shown[own] = _clear(sheets[i], mesh.paint[own], 0.0)
    faces = mesh.faces[shown[mesh.faces].any(1)]
    used, inverse = np.unique(faces, return_inverse=True)
    return Mesh(
        mesh.points[used], mesh.normals[used], mesh.paint[used], mesh.sheets[used], mesh.bones[used], mesh.weights[used],
        inverse.reshape(-1, 3).astype(np.int32), round=True,
    )  # fmt: skip


def _clear(sheet: NDArray[np.uint8], wrap: Floats, margin: float) -> NDArray[np.bool_]:
    """Say where a sheet is painted, also `margin` further up and down."""
    side = sheet.shape[0]
    u = ((np.arctan2(wrap[:, 0], wrap[:, 1]) / (2 * np.pi) + 0.5) * side).astype(int) % side
    seen = np.ones(len(wrap), bool)
    for shift in (-margin, margin):
        v = np.clip((wrap[:, 2] + shift) * side, 0, side - 1).astype(int)
        seen &= sheet[v, u, 3] >= _OPEN
    return seen


def _extremes(mesh: Mesh) -> Whole:
    """Rows of the points farthest out in a few directions of each bone's share, so that boxes are tight."""
    ends = [mesh.points @ d for d in np.vstack([np.eye(3), -np.eye(3)]).astype(np.float32)]
    best = [int(np.argmax(e)) for e in ends]
    for sheet in np.unique(mesh.sheets):
        own = np.flatnonzero(mesh.sheets == sheet)
        for side in (mesh.points[own, 0] >= 0, mesh.points[own, 0] < 0):
            half = own[side]
            if len(half):
                best += [int(half[np.argmax(e[half])]) for e in ends]
    return np.array(best, np.int32)


def _middles(points: NDArray[np.float64], faces: Whole) -> NDArray[np.float64]:
    return np.asarray(points[faces].mean(1))


def _filled(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill gaps around each level from its neighbours, and empty levels from above."""
    for level in range(len(grid)):
        known = np.flatnonzero(grid[level])
        if len(known):
            grid[level] = np.interp(np.arange(_ANGLES), known, grid[level][known], period=_ANGLES)
        elif level:
            grid[level] = grid[level - 1]
    return grid


def _at(
    grid: NDArray[np.float64], angle: NDArray[np.float64], level: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Read a grid of levels and angles between its cells."""
    column = (angle / (2 * np.pi) + 0.5) * _ANGLES - 0.5
    row = np.clip(level - 0.5, 0, len(grid) - 1.001)
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    a, b = row - i, column - j
    left, right = j % _ANGLES, (j + 1) % _ANGLES
    above = grid[i, left] * (1 - b) + grid[i, right] * b
    below = grid[i + 1, left] * (1 - b) + grid[i + 1, right] * b
    return np.asarray(above * (1 - a) + below * a)

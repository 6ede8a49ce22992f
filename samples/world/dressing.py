"""Meshes of dressed people: clothes around a body, hair, shoes, and the skin that stays visible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from samples.world.anatomy import GROUPS
from samples.world.bodies import HEAD, Bodies, Figure, Patch, bodies
from samples.world.looks import Bottom, Look, Top
from samples.world.mesh import Floats, Mesh, Part, Whole, joined, point_normals
from samples.world.painting import HAIR_LENGTH, SHEETS, hair_mask, paint
from samples.world.postures import Poser

_ANGLES, _LEVELS = 36, 48
_TOP, _BOTTOM = 0.58, -0.80  # metres on the average body between which cloth can hang
_OPEN = 128  # paint with a lower alpha is not drawn
_COVER = {"torso": ("top", "outer", "seat"), "arm": ("sleeves", "outer sleeves"), "leg": ("legs",)}
_HAIR_THICKNESS = {"cropped": 0.004, "short": 0.018, "bob": 0.022, "long": 0.02, "bun": 0.012}  # metres


@dataclass(frozen=True)
class Dressed:
    """A person ready to be rendered."""

    look: Look
    body: Part
    poser: Poser
    figure: Figure
    outline: Whole
    """(n,) indices of the points of the mesh from which boxes are measured."""
    feet: tuple[int, int]
    """Indices of the bones of the left and the right foot."""


def dress(look: Look) -> Dressed:
    """Build the mesh, the paint and the pose model of a person."""
    world = bodies()
    figure = world.figure(look.shape)
    sheets = paint(look)
    hanger = _Hanger(world, figure)
    pieces = [
        *_skin_and_hair(world, hanger, sheets, look),
        *_top(hanger, look.top, "top", "sleeves", 0.0),
        *(_top(hanger, look.outer, "outer", "outer sleeves", look.top.ease * 0.5) if look.outer else ()),
        *_bottom(hanger, look.bottom),
        *_shoes(hanger, look),
    ]
    mesh = _trimmed(joined(pieces), sheets)
    some_faces = mesh.faces[:: max(1, len(mesh.faces) // 500)]
    outline = np.unique(np.concatenate([some_faces.ravel(), _extremes(mesh)]))
    return Dressed(
        look=look,
        body=Part(mesh, sheets),
        poser=Poser(world, figure),
        figure=figure,
        outline=outline.astype(np.int32),
        feet=(world.bones["foot.L"], world.bones["foot.R"]),
    )


class _Hanger:
    """A body as radii around its vertical axis, so that cloth hangs from the parts that stick out."""

    def __init__(self, world: Bodies, figure: Figure) -> None:
        """Measure the normals and the radii of a figure."""
        self.world, self.figure = world, figure
        self.middle = float(figure.points[world.patches["tights", "torso"].points, 1].mean())
        self._normals = {group: self._group_normals(group) for group in GROUPS}
        self._radii = self._measure()

    def points(self, patch: Patch) -> NDArray[np.float64]:
        """Return the (P, 3) points of a patch."""
        return self.figure.points[patch.points].astype(np.float64)

    def normals(self, group: str, patch: Patch) -> NDArray[np.float64]:
        """Return the (P, 3) normals of a patch."""
        return self._normals[group][patch.points]

    def piece(
        self, patch: Patch, points: NDArray[np.floating], sheet: str, wrap: Floats | None = None
    ) -> Mesh:
        """Return a mesh of a patch whose (P, 3) points were moved; `sheet` is the name of its paint."""
        moved = points.astype(np.float32)
        world = self.world
        return Mesh(
            points=moved,
            normals=point_normals(moved, patch.faces),
            paint=patch.wrap if wrap is None else wrap,
            sheets=np.full(len(moved), SHEETS.index(sheet), np.int32),
            bones=world.carriers[patch.points],
            weights=world.weights[patch.points],
            faces=patch.faces,
            round=True,
        )

    def hung(
        self, points: NDArray[np.float64], hang: float, ease: float, flare: float, start: float
    ) -> NDArray[np.float64]:
        """Return (P, 3) points of the trunk moved outwards to loose cloth.

        Args:
            points: (P, 3) metres.
            hang: 0 follows the body, 1 hangs straight down.
            ease: metres between body and cloth.
            flare: widening of the cloth below z = 0.1, in metres per metre.
            start: height in metres below which the cloth hangs freely.
        """
        radius, angle, level = self._polar(points)
        cloth = _interpolated(self._falling(hang, start), angle, level) + flare * np.clip(
            0.1 - points[:, 2], 0, None
        )
        return self.widened(points, (np.maximum(radius, cloth) + ease) / np.maximum(radius, 1e-3))

    def widened(self, points: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (P, 3) points whose distances from the vertical axis are multiplied by (P,) `scale`."""
        moved = points.copy()
        moved[:, :2] = (points[:, :2] - (0, self.middle)) * scale[:, None] + (0, self.middle)
        return moved

    def draped(
        self, points: NDArray[np.float64], hang: float, ease: float, flare: float
    ) -> NDArray[np.float64]:
        """Return (P, 3) points of the helper skirt moved to the lower part of a top, which hangs from the hips."""
        radius, _, _ = self._polar(points)
        thin = self.widened(points, 0.02 / np.maximum(radius, 1e-3))
        return self.hung(thin, max(hang, 0.3), ease, flare, 0.35)

    def _falling(self, hang: float, start: float) -> NDArray[np.float64]:
        """Return (levels, angles) radii of cloth; below `start` metres it narrows at most as fast as `hang` allows."""
        falling = np.array(self._radii)
        level_height = (_TOP - _BOTTOM) / _LEVELS
        for level in range(1, _LEVELS):
            if _TOP - level * level_height < start:
                from_above, body = falling[level - 1] - 0.10 * level_height, falling[level]
                falling[level] = np.maximum(body, body + (from_above - body) * hang)
        return np.asarray(gaussian_filter(falling, (1.2, 1.0), mode=("nearest", "wrap")))

    def _polar(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Return the (P,) radius, angle around the vertical axis, and level of (P, 3) points."""
        x, y = points[:, 0], -(points[:, 1] - self.middle)
        return np.hypot(x, y), np.arctan2(x, y), (_TOP - points[:, 2]) / (_TOP - _BOTTOM) * _LEVELS

    def _measure(self) -> NDArray[np.float64]:
        """Return the (levels, angles) distances that trunk and thighs reach from the axis."""
        patches = [self.world.patches["tights", name] for name in ("torso", "leg.L", "leg.R")]
        points = np.concatenate([self.points(patch) for patch in patches])
        middles = [self.points(patch)[patch.faces].mean(1) for patch in patches]
        radius, angle, level = self._polar(np.concatenate([points, *middles]))
        grid = np.zeros((_LEVELS, _ANGLES))
        rows = np.clip(level.astype(int), 0, _LEVELS - 1)
        columns = ((angle / (2 * np.pi) + 0.5) * _ANGLES).astype(int) % _ANGLES
        np.maximum.at(grid, (rows, columns), radius)
        return _filled(grid)

    def _group_normals(self, group: str) -> NDArray[np.float64]:
        """Return the (V, 3) normals of a group of patches."""
        patches = [patch for (name, _), patch in self.world.patches.items() if name == group]
        faces = [patch.points[patch.faces] for patch in patches]
        return point_normals(self.figure.points, np.concatenate(faces)).astype(np.float64)


def _skin_and_hair(world: Bodies, hanger: _Hanger, sheets: NDArray[np.uint8], look: Look) -> list[Mesh]:
    """Return the meshes of the body and the hair, without the skin under clothes."""
    meshes = []
    for (group, region), patch in world.patches.items():
        if group != "body" or region.startswith("foot"):
            continue
        points = hanger.points(patch)
        if region == "head" and look.hair != "bald":
            angle = np.arctan2(patch.wrap[:, 0], patch.wrap[:, 1])
            has_hair = hair_mask(angle, patch.wrap[:, 2], -0.03)[:, None] & (patch.wrap[:, 2:] > -1)
            points = points + hanger.normals("body", patch) * _HAIR_THICKNESS[look.hair] * has_hair
        covered = _covered(world, sheets, look, region, patch)
        visible = patch._replace(faces=patch.faces[~covered[patch.faces].all(1)])
        meshes.append(hanger.piece(visible, points, "head" if region == "head" else "skin"))
    if look.hair in ("bob", "long", "bun"):
        patch = world.patches["hair", "head"]
        points = hanger.points(patch)
        wrap = patch.wrap.copy()
        wrap[:, 2] = wrap[:, 2] * HEAD[1] / HAIR_LENGTH
        meshes.append(hanger.piece(patch, points + 0.008 * hanger.normals("hair", patch), "hair", wrap))
    return meshes


def _covered(
    world: Bodies, sheets: NDArray[np.uint8], look: Look, region: str, patch: Patch
) -> NDArray[np.bool_]:
    """Return (P,) whether clothes cover each point of a patch of skin."""
    covered = np.zeros(len(patch.points), bool)
    for name in _COVER.get(region.partition(".")[0], ()):
        covered |= _is_painted(sheets[SHEETS.index(name)], patch.wrap, 0.012)
    if region.startswith("leg") and look.bottom.kind == "skirt":
        covered |= world.average.points[patch.points, 2] > 0.13 - 0.95 * look.bottom.length + 0.06
    return covered


def _top(hanger: _Hanger, top: Top, trunk: str, sleeves: str, under: float) -> list[Mesh]:
    """Return the meshes of a top: the trunk, the tail below the waist, and the sleeves.

    Args:
        hanger: the body.
        top: the garment.
        trunk: name of the sheet that paints the trunk and the tail.
        sleeves: name of the sheet that paints the sleeves.
        under: extra ease in metres over the garment below.
    """
    patches = hanger.world.patches
    torso = patches["tights", "torso"]
    ease = top.ease + under
    points = hanger.points(torso)
    on_body = points + 0.006 * hanger.normals("tights", torso)
    loose = hanger.hung(on_body, top.hang, ease, top.flare, 0.38)
    hangs = np.clip((0.50 - points[:, 2]) / 0.12, 0, 1)[:, None]
    shoulder = on_body + ease * 0.7 * hanger.normals("tights", torso)
    upper = torso._replace(faces=torso.faces[(points[torso.faces, 2] > 0.07).any(1)])
    meshes = [hanger.piece(upper, shoulder * (1 - hangs) + loose * hangs, trunk)]
    if top.hem < 0.09:
        tail = patches["skirt", "torso"]
        tail_points = hanger.draped(hanger.points(tail), top.hang, ease + 0.004, top.flare)
        meshes.append(hanger.piece(tail, tail_points, trunk))
    if top.sleeve > 0:
        for side in "LR":
            arm = patches["tights", f"arm.{side}"]
            share_along = arm.wrap[:, 2:]
            width = 0.004 + ease * (0.55 + 0.45 * np.clip(share_along * 1.5, 0, 1)) * (
                1.3 if top.cuff else 1.0
            )
            width = width * np.where(share_along > 0.93, 0.6, 1.0)
            meshes.append(
                hanger.piece(arm, hanger.points(arm) + width * hanger.normals("tights", arm), sleeves)
            )
    return meshes


def _bottom(hanger: _Hanger, bottom: Bottom) -> list[Mesh]:
    """Return the meshes of trousers or of a skirt."""
    patches = hanger.world.patches
    if bottom.kind == "skirt":
        skirt = patches["skirt", "torso"]
        points = hanger.points(skirt)
        draped = hanger.draped(points, 0.9, 0.006 + bottom.ease, bottom.hem)
        helper_radius = np.linalg.norm(points[:, :2] - (0, hanger.middle), axis=1)
        radius = np.linalg.norm(draped[:, :2] - (0, hanger.middle), axis=1)
        scale = np.maximum(radius, helper_radius * 0.85) / np.maximum(radius, 1e-3)
        return [hanger.piece(skirt, hanger.widened(draped, scale), "seat")]
    torso = patches["tights", "torso"]
    seat = torso._replace(faces=torso.faces[(hanger.points(torso)[torso.faces, 2] < 0.16).any(1)])
    hips = hanger.points(torso) + (0.004 + 0.3 * bottom.ease) * hanger.normals("tights", torso)
    meshes = [hanger.piece(seat, hips, "seat")]
    for side in "LR":
        leg = patches["tights", f"leg.{side}"]
        points, share_along = hanger.points(leg), leg.wrap[:, 2]
        middle = hanger.world.leg_axis(hanger.figure, side, points)
        offset = points[:, :2] - middle
        radius = np.linalg.norm(offset, axis=1)
        tube_radius = np.interp(share_along, (0.35, 0.55, 1.0), (0.0, 0.06 + bottom.ease, bottom.hem))
        new_radius = np.maximum(radius + 0.004 + bottom.ease * np.clip(share_along * 3, 0.2, 1), tube_radius)
        moved = points.copy()
        moved[:, :2] = middle + offset * (new_radius / np.maximum(radius, 1e-3))[:, None]
        meshes.append(hanger.piece(leg, moved, "legs"))
    return meshes


def _shoes(hanger: _Hanger, look: Look) -> list[Mesh]:
    """Return the meshes of the shoes, with the lower legs if the shoes have shafts or the legs are bare."""
    meshes = []
    for side in "LR":
        for region, thickness in (("foot", 0.008), ("leg", 0.012)):
            if region == "leg" and look.shoes[2] == 0 and look.bottom.length > 0.9:
                continue
            patch = hanger.world.patches["tights", f"{region}.{side}"]
            points = hanger.points(patch) + thickness * hanger.normals("tights", patch)
            meshes.append(hanger.piece(patch, points, "shoes"))
    return meshes


def _trimmed(mesh: Mesh, sheets: NDArray[np.uint8]) -> Mesh:
    """Return the mesh without triangles that are unpainted at all corners, and without unused points."""
    painted = np.ones(len(mesh.points), bool)
    for sheet in range(len(SHEETS)):
        on_sheet = mesh.sheets == sheet
        painted[on_sheet] = _is_painted(sheets[sheet], mesh.paint[on_sheet], 0.0)
    faces = mesh.faces[painted[mesh.faces].any(1)]
    used, inverse = np.unique(faces, return_inverse=True)
    return Mesh(
        points=mesh.points[used],
        normals=mesh.normals[used],
        paint=mesh.paint[used],
        sheets=mesh.sheets[used],
        bones=mesh.bones[used],
        weights=mesh.weights[used],
        faces=inverse.reshape(-1, 3).astype(np.int32),
        round=True,
    )


def _is_painted(sheet: NDArray[np.uint8], wrap: Floats, margin: float) -> NDArray[np.bool_]:
    """Return (P,) whether a sheet is painted at (P, 3) `wrap`, both `margin` of v above and below the point."""
    side = sheet.shape[0]
    u = ((np.arctan2(wrap[:, 0], wrap[:, 1]) / (2 * np.pi) + 0.5) * side).astype(int) % side
    painted = np.ones(len(wrap), bool)
    for shift in (-margin, margin):
        v = np.clip((wrap[:, 2] + shift) * side, 0, side - 1).astype(int)
        painted &= sheet[v, u, 3] >= _OPEN
    return painted


def _extremes(mesh: Mesh) -> Whole:
    """Return indices of the outermost points of each sheet, left and right, in six directions, so that boxes are tight."""
    directions = np.vstack([np.eye(3), -np.eye(3)]).astype(np.float32)
    distances = [mesh.points @ direction for direction in directions]
    outermost = [int(np.argmax(distance)) for distance in distances]
    for sheet in np.unique(mesh.sheets):
        on_sheet = np.flatnonzero(mesh.sheets == sheet)
        for side in (mesh.points[on_sheet, 0] >= 0, mesh.points[on_sheet, 0] < 0):
            half = on_sheet[side]
            if len(half):
                outermost += [int(half[np.argmax(distance[half])]) for distance in distances]
    return np.array(outermost, np.int32)


def _filled(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill the zeros of a (levels, angles) grid: gaps from their neighbours, empty levels from the level above."""
    for level in range(len(grid)):
        measured = np.flatnonzero(grid[level])
        if len(measured):
            grid[level] = np.interp(np.arange(_ANGLES), measured, grid[level][measured], period=_ANGLES)
        elif level:
            grid[level] = grid[level - 1]
    return grid


def _interpolated(
    grid: NDArray[np.float64], angle: NDArray[np.float64], level: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate a (levels, angles) grid at (P,) angles and levels."""
    column = (angle / (2 * np.pi) + 0.5) * _ANGLES - 0.5
    row = np.clip(level - 0.5, 0, len(grid) - 1.001)
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    a, b = row - i, column - j
    left, right = j % _ANGLES, (j + 1) % _ANGLES
    above = grid[i, left] * (1 - b) + grid[i, right] * b
    below = grid[i + 1, left] * (1 - b) + grid[i + 1, right] * b
    return np.asarray(above * (1 - a) + below * a)

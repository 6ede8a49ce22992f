"""How much of whom is seen, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from samples.world.camera import Camera
from samples.world.mesh import Part, rigid
from samples.world.postures import rigid_matrix
from samples.world.visibility import FINE, Actor, Box, find_visible, full_boxes, in_picture, project_outlines

CAMERA = Camera("one", (0.0, -10.0, 1.0), (0.0, 0.0, 1.0), 60.0, 200, 100)


def board(x: float, owner: int, y: float = 0.0) -> Actor:
    """A square of 2 m, facing the camera, measured at 11 x 11 points."""
    across, up = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 1, 11), np.linspace(0, 2, 11)))
    points = np.column_stack([across, np.zeros(121), up]).astype(np.float32)
    face = np.array([[0, 10, 120]], np.int32)
    mesh = rigid(points, face, np.zeros((121, 2), np.float32), np.zeros(121, np.int32))
    part = Part(mesh, np.full((1, 1, 1, 4), 255, np.uint8))
    return Actor(part, rigid_matrix((x, y), -np.pi / 2), owner, np.arange(121, dtype=np.int32))


def drawn(*areas: tuple[int, int, int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Samples that show `owner` within left, top, right, bottom."""
    shown = np.zeros((100 * FINE, 200 * FINE), np.uint8)
    for owner, left, top, right, bottom in areas:
        shown[top * FINE : bottom * FINE, left * FINE : right * FINE] = owner + 1
    return shown


def boxes(actors: list[Actor]) -> dict[int, Box]:
    return full_boxes(project_outlines(CAMERA, actors))


def test_a_full_box_is_where_the_camera_equation_puts_it() -> None:
    half = 50 / (10 * np.tan(np.radians(30)))  # pixels of 1 m at 10 m
    box = boxes([board(0.0, 4)])[4]
    assert box == pytest.approx([100 - half, 50 - half, 100 + half, 50 + half], abs=1e-4)


def test_parts_of_one_share_a_box() -> None:
    one, other = (boxes([board(x, 0)])[0] for x in (-1.0, 2.0))
    both = boxes([board(-1.0, 0), board(2.0, 0)])[0]
    assert both.tolist() == [*np.minimum(one, other)[:2], *np.maximum(one, other)[2:]]


def test_who_reaches_behind_the_camera_has_no_box() -> None:
    assert boxes([board(0.0, 0, y=-20.0)]) == {}


@pytest.mark.parametrize(("x", "inside"), [(0.0, True), (11.0, True), (13.0, False), (-13.0, False)])
def test_a_box_is_in_the_picture_when_it_touches_it(x: float, inside: bool) -> None:
    assert in_picture(boxes([board(x, 0)])[0], CAMERA) == inside


def test_what_covers_the_left_half_leaves_the_right_half_visible() -> None:
    seen = project_outlines(CAMERA, [board(0.0, 7)])
    (found,) = find_visible(drawn((7, 100, 40, 110, 60)), seen, full_boxes(seen), CAMERA)
    assert (found.owner, found.visible) == (7, (100.0, 40.0, 110.0, 60.0))
    assert found.share == pytest.approx(6 / 11, abs=0.1)


def test_nobody_is_seen_where_another_is_drawn() -> None:
    seen = project_outlines(CAMERA, [board(0.0, 0), board(0.0, 1)])
    found = find_visible(drawn((1, 80, 30, 120, 70)), seen, full_boxes(seen), CAMERA)
    assert [(one.owner, one.share) for one in found] == [(1, 1.0)]

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.world.camera import Camera
from samples.world.scene import Ground, Rectangle
from samples.world.terrain import distance, outline, seen, survey

YARD = Rectangle(0, 0, 12, 8)


def clearance(
    obstacles: tuple[Rectangle, ...], points: np.ndarray, walkable: tuple[Rectangle, ...] = (YARD,)
) -> np.ndarray:
    return survey(Ground(walkable, obstacles, ((0, 0),))).clearance(points)


@settings(max_examples=settings().max_examples // 4)
@given(st.floats(-5, 5), st.floats(-3, 3), st.floats(0.1, 3), st.floats(0.1, 3), st.floats(-3.2, 3.2))
def test_the_room_promised_is_the_room_there_is_to_within_a_cell_above_and_three_below(
    x: float, y: float, length: float, width: float, heading: float
) -> None:
    box = Rectangle(x, y, length, width, heading)
    points = np.random.default_rng(0).uniform((-6, -4), (6, 4), (300, 2))
    room = clearance((box,), points)
    true = np.minimum(distance(box, points), -distance(YARD, points)).clip(0)
    assert (room <= true + 0.1).all()
    assert (room >= true - 0.25).all()


def test_the_thinnest_pole_leaves_no_room_where_it_stands() -> None:
    for x in np.arange(0, 0.1, 0.013):
        assert clearance((Rectangle(x, x, 0.02, 0.02),), np.array([[x, x]]))[0] == 0


def test_one_can_walk_from_one_rectangle_to_the_next_across_a_crack() -> None:
    halves = (Rectangle(-3, 0, 6, 4), Rectangle(3.05, 0, 6, 4))
    line = np.column_stack([np.linspace(-4, 4, 100), np.zeros(100)])
    assert (clearance((), line, halves) > 1.5).all()


def test_outside_of_the_ground_nobody_can_stand() -> None:
    assert clearance((), np.array([[7.0, 0.0], [0.0, 5.0], [900.0, -900.0]])).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("point", "metres"),
    [((3.0, 0.0), 1.0), ((0.0, 0.5), -0.5), ((5.0, 5.0), 5.0), ((0.0, -2.0), 1.0)],
)
def test_the_distance_to_a_turned_rectangle_is_that_to_the_straight_one(
    point: tuple[float, float], metres: float
) -> None:
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    turned = Rectangle(10, 20, 4, 2, 0.7)
    assert distance(turned, turn @ point + (10, 20)) == pytest.approx(metres)


def test_corners_lie_on_the_edge() -> None:
    box = Rectangle(3, -2, 4, 1, 1.1)
    assert distance(box, outline(box)) == pytest.approx(np.zeros(4), abs=1e-12)


def test_a_camera_sees_who_stands_before_it_but_neither_behind_nor_far_away() -> None:
    camera = Camera("c", (0, 0, 3), (10, 0, 1), 45, 160, 90)
    places = np.array([[10.0, 0.0], [-10.0, 0.0], [60.0, 0.0], [10.0, 20.0]])
    assert seen((camera,), places).tolist() == [[True, False, False, False]]

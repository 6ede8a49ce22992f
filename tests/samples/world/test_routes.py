from __future__ import annotations

import numpy as np
import pytest

from samples.world.routes import Routes, nodes
from samples.world.scene import Ground, Rectangle
from samples.world.terrain import Points, distance, survey

WALL = Rectangle(0, -1, 0.2, 6)  # leaves the way over its upper end, at y = 2,
DOORS = np.array([[-5.0, 0.0], [5.0, 0.0]])


def routes(*obstacles: Rectangle, radius: float = 0.25) -> Routes:
    terrain = survey(Ground((Rectangle(0, 0, 12, 8),), obstacles, ((-5, 0), (5, 0))))
    return Routes(terrain, radius, np.ones(nodes(terrain).shape[:2]), DOORS)


def length(way: Points) -> float:
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def test_where_nothing_stands_the_way_is_straight() -> None:
    start, goal = np.array([-4.9, -2.2]), np.array([4.7, 3.1])
    way = routes().path(start, goal)
    assert length(way) == pytest.approx(float(np.hypot(*(goal - start))), rel=0.02)
    assert way[0] == pytest.approx(start) and way[-1] == pytest.approx(goal)


def test_a_wall_is_walked_around_closely_and_never_through() -> None:
    start, goal = np.array([-3.0, 0.0]), np.array([3.0, 0.0])
    way = routes(WALL).path(start, goal)
    over = np.array([0.0, 2.3])
    shortest = 2 * float(np.hypot(*(over - start)))
    assert shortest * 0.99 < length(way) < shortest * 1.1
    assert distance(WALL, way).min() > 0.2
    assert np.hypot(*np.diff(way, axis=0).T).max() <= 0.25 + 1e-9


def test_the_wide_take_the_way_that_the_narrow_need_not() -> None:
    slit = (
        Rectangle(0, -2.45, 0.2, 3.1),
        Rectangle(0, 1.25, 0.2, 2.1),
    )  # y from -0.9 to 0.2 is open, and above 2.3
    start, goal = np.array([-3.0, -0.3]), np.array([3.0, -0.3])
    narrow, wide = routes(*slit).path(start, goal), routes(*slit, radius=0.6).path(start, goal)
    assert length(narrow) == pytest.approx(6, rel=0.06)
    assert wide[:, 1].max() > 2.7


def test_dear_ground_is_avoided_and_no_shortcut_leads_back_over_it() -> None:
    terrain = survey(Ground((Rectangle(0, 0, 12, 8),), (), ((-5, 0),)))
    places = nodes(terrain)
    dear = np.where((np.abs(places) < (2, 2)).all(axis=-1), 20.0, 1.0)
    way = Routes(terrain, 0.25, dear, DOORS).path(np.array([-5.0, 0.0]), np.array([5.0, 0.0]))
    assert not (np.abs(way) < (1.7, 1.7)).all(axis=1).any()


def test_what_no_entrance_leads_to_is_not_ground() -> None:
    yard = [Rectangle(3, y, 3, 0.1) for y in (-1, 1)] + [Rectangle(x, 0, 0.1, 2) for x in (1.6, 4.4)]
    inside = np.array([3.0, 0.0])
    knot, far = routes(*yard).nearest(inside)
    assert far > 1 and knot >= 0


def test_who_is_wider_than_the_ground_finds_no_way() -> None:
    assert routes(radius=9.0).nearest(np.zeros(2)) == (-1, np.inf)

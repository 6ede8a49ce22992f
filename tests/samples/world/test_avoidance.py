from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.world.avoidance import collision_times, settle, steer
from samples.world.scene import Ground, Rectangle
from samples.world.terrain import Points, survey

OPEN = survey(Ground((Rectangle(0, 0, 40, 40),), (), ((0, 0),)))
RIGHT = np.array([[1.3, 0.0]])


def steered(wish: Points, *places: tuple[float, float], velocity: Points | None = None) -> Points:
    place = np.array(places)
    speeds = np.zeros_like(place)
    speeds[: len(wish)] = wish
    speeds = speeds if velocity is None else velocity
    yields = np.arange(len(place)) < len(wish)
    return steer(wish, place, speeds, np.full(len(place), 0.25), yields, OPEN)


def test_alone_one_walks_as_one_likes() -> None:
    assert steered(RIGHT, (0, 0)) == pytest.approx(RIGHT)


def test_one_who_stands_in_the_way_is_passed() -> None:
    chosen = steered(RIGHT, (0, 0), (2, 0))
    assert chosen[0, 0] > 0.5 and abs(chosen[0, 1]) > 0.2


def test_two_who_meet_both_keep_right() -> None:
    wish = np.array([[1.3, 0.0], [-1.3, 0.0]])
    chosen = steered(wish, (0, 0), (3, 0))
    assert chosen[0, 1] < 0 < chosen[1, 1]


def test_nobody_minds_one_who_walks_away() -> None:
    velocity = np.array([[1.3, 0.0], [1.5, 0.0]])
    assert steered(RIGHT, (0, 0), (1, 0), velocity=velocity) == pytest.approx(RIGHT)


def test_nobody_steers_into_a_wall() -> None:
    chosen = steered(np.array([[1.3, 0.0]]), (19.6, 0))
    assert chosen[0, 0] < 0.5


def test_the_time_to_a_collision_is_the_gap_over_the_closing_speed() -> None:
    place = np.array([[0.0, 0.0], [2.0, 0.0]])
    gap = 2 - 0.5 - 0.12  # metres less the radii and the comfort
    times = collision_times(
        np.array([[[1.0, 0.0], [-1.0, 0.0]]]), place, np.zeros((2, 2)), np.full(2, 0.25), np.zeros(2, bool)
    )
    assert times[0] == pytest.approx([gap, 3.0], rel=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 25))
def test_who_kept_their_distance_before_a_step_keep_it_after(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    grid = np.argwhere(np.ones((5, 5)))[:count] * 0.62
    radius = random.uniform(0.2, 0.31, count)
    new = grid + random.normal(0, 0.4, (count, 2))
    stays = random.random(count) < 0.2
    steps = settle(grid.astype(float), new, radius, stays)
    after = np.where(steps[:, None], new, grid)
    for i in range(count):  # the plain way
        for j in range(i):
            assert np.hypot(*(after[i] - after[j])) >= radius[i] + radius[j] - 1e-9
    assert not (steps & stays).any()


def test_those_in_nobodys_way_all_step() -> None:
    old = np.array([[0.0, 0.0], [5.0, 0.0]])
    assert settle(old, old + 1, np.full(2, 0.3), np.zeros(2, bool)).tolist() == [True, True]


def test_of_two_who_want_one_place_one_gets_it() -> None:
    old = np.array([[-1.0, 0.0], [1.0, 0.0]])
    assert settle(old, np.zeros((2, 2)), np.full(2, 0.3), np.zeros(2, bool)).tolist() == [True, False]

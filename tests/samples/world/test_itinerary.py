from __future__ import annotations

import numpy as np
import pytest

from samples.world.camera import Camera
from samples.world.itinerary import TALKERS, Town
from samples.world.motion import Walker
from samples.world.parties import form_parties
from samples.world.scene import Ground, Rectangle, Seat
from samples.world.terrain import seen, survey

SEATS = tuple(Seat(x, -8, np.pi / 2) for x in (0.0, 0.4, 0.8, 1.2))
GROUND = Ground((Rectangle(0, 0, 40, 24),), (), ((-19, 0), (19, 0)), seats=SEATS)
VIEWS = (
    Camera("west", (-10, -11, 5), (-10, -2, 0), 40, 90, 90),
    Camera("mid", (2, -11, 5), (2, -2, 0), 40, 90, 90),
)
HERE = np.array([0.0, -7.0])


def town() -> Town:
    return Town(GROUND, VIEWS, survey(GROUND), np.random.default_rng(0))


def test_one_for_a_single_camera_goes_around_the_views_that_others_walk_through() -> None:
    start, goal = np.array([-10.0, -3.0]), np.array([18.0, -3.0])
    random = np.random.default_rng(0)
    ways = {
        only: town().routes(form_parties([Walker(1.3, 1.4, only=only)], random)[0]).path(start, goal)
        for only in (0, None)
    }
    assert seen(VIEWS, ways[None])[1].any()
    assert not seen(VIEWS, ways[0])[1].any()


def test_a_taken_seat_is_not_offered_and_neither_are_those_too_close_to_it() -> None:
    place = town()
    assert place.seat(np.array([0.1, -7.0]), 0.25) == 0
    place.taken[0] = 0.25
    assert place.seat(np.array([0.1, -7.0]), 0.25) == 2  # seat 1 is 0.4 m from seat 0, less than both radii
    place.taken[3] = 0.25
    assert place.seat(np.array([0.1, -7.0]), 0.25) == -1


def test_nobody_looks_for_a_seat_at_the_other_end_of_the_ground() -> None:
    assert town().seat(np.array([19.0, 11.0]), 0.25) == -1


def test_those_who_talk_share_a_circle_and_face_its_middle_until_it_is_full() -> None:
    place = town()
    stops = [place.talk(HERE, HERE, 10.0) for _ in range(TALKERS + 1)]
    middle = np.mean([stop.place for stop in stops[:TALKERS]], axis=0)
    assert middle == pytest.approx(HERE)
    for stop in stops[:TALKERS]:
        assert stop.face is not None and stop.seconds == stops[0].seconds
        far = float(np.hypot(*(middle - stop.place)))
        assert stop.place + far * np.array([np.cos(stop.face), np.sin(stop.face)]) == pytest.approx(middle)
    assert len(place.talks) == 2


def test_nobody_joins_a_talk_that_will_be_over() -> None:
    place = town()
    ends = place.talk(HERE, HERE, 0.0).seconds
    assert place.talk(HERE, HERE, ends - 1).seconds > ends


def test_goals_lie_in_every_view_and_those_of_one_camera_only_in_its_own() -> None:
    place = town()
    shared, own = place.places(None), place.places(0)
    assert seen(VIEWS, shared[0])[0].all() and seen(VIEWS, shared[1])[1].all()
    assert seen(VIEWS, own.reshape(-1, 2)).all(axis=1).tolist() == [True, False]

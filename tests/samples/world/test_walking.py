from __future__ import annotations

import numpy as np
import pytest

from samples.world.motion import RATE, Driver, Walker
from samples.world.parties import BESIDE, form_parties
from samples.world.scene import Ground, Lane, Rectangle
from samples.world.terrain import distance, survey
from samples.world.traffic import Traffic
from samples.world.walking import Bodies, wrapped

WALL = Rectangle(4, 0, 0.4, 20)
LANE = Lane(((-30.0, 0.0), (30.0, 0.0)))
GROUND = Ground((Rectangle(0, 0, 40, 40),), (WALL,), ((0, 0),), lanes=(LANE,))


def one(place: tuple[float, float], wish: tuple[float, float]) -> Bodies:
    """Somebody who does not look where they go."""
    body = Bodies(survey(GROUND), form_parties([Walker(1.3, 1.4)], np.random.default_rng(0)))
    body.place[0], body.wish[0], body.present[0] = place, wish, True
    return body


def test_one_who_does_not_look_still_stops_at_a_wall() -> None:
    body = one((2.0, 0.0), (1.3, 0.0))
    traffic = Traffic(GROUND, [], 0, np.random.default_rng(0))
    for _ in range(80):
        body.move(traffic)
    assert 0.15 < distance(WALL, body.place)[0] < 0.5
    assert body.speed[0] == 0


def test_one_who_does_not_look_still_stops_at_a_vehicle() -> None:
    traffic = Traffic(GROUND, [Driver(6, 2, 4)], 0, np.random.default_rng(0))
    traffic.boxes[0], traffic.lane[0] = Rectangle(0, 0, 6, 2), 0
    body = one((0.0, 4.0), (0.0, -1.3))
    for _ in range(80):
        body.move(traffic)
    assert 0.25 < distance(traffic.boxes[0], body.place)[0] < 0.5


def test_one_who_turns_round_stops_first_and_then_walks_back() -> None:
    body, traffic = one((0.0, 0.0), (-1.3, 0.0)), Traffic(GROUND, [], 0, np.random.default_rng(0))
    track = []
    for _ in range(round(4 * RATE)):
        body.move(traffic)
        track.append(body.place[0].copy())
    assert (np.array(track)[:10] == 0).all()  # a quarter of a turn at 3 rad/s takes half a second
    assert track[-1][0] < -2 and abs(wrapped(body.heading[0] - np.pi)) < 0.05


@pytest.mark.parametrize(
    ("angle", "same"), [(0.0, 0.0), (4.0, 4.0 - 2 * np.pi), (-4.0, 2 * np.pi - 4.0), (7.0, 7 - 2 * np.pi)]
)
def test_an_angle_is_brought_within_half_a_turn(angle: float, same: float) -> None:
    assert wrapped(angle) == pytest.approx(same)


@pytest.mark.parametrize(
    "walker",
    [Walker(1.3, 1.4, 0.3), Walker(1.3, 1.4, pushes="pram"), Walker(1.3, 1.4, pushes="bicycle")],
    ids=["alone", "pram", "bicycle"],
)
def test_the_disc_of_a_party_contains_whoever_walks_in_it(walker: Walker) -> None:
    (party,) = form_parties([walker], np.random.default_rng(0))
    assert float(np.hypot(*party.offsets[0])) + walker.radius <= party.radius


def test_a_pair_goes_at_the_slower_ones_pace_with_both_in_one_disc() -> None:
    pair = [Walker(1.6, 1.4, 0.3, partner=1), Walker(1.1, 1.3, 0.2, partner=0)]
    (party,) = form_parties(pair, np.random.default_rng(0))
    (ahead, left), (_, right) = party.offsets
    assert party.members == (0, 1) and party.pace == 1.1
    assert left - right == pytest.approx(BESIDE)
    assert party.radius >= np.hypot(ahead, left) + 0.3

from __future__ import annotations

import numpy as np
import pytest

from samples.world.errors import WorldError
from samples.world.motion import RATE, Driver
from samples.world.scene import Ground, Lane, Rectangle
from samples.world.terrain import Points, distance
from samples.world.traffic import Track, Traffic

NOBODY = np.empty((0, 2))
EAST, WEST = Lane(((-30.0, 0.0), (30.0, 0.0))), Lane(((30.0, 4.0), (-30.0, 4.0)))
NORTH = Lane(((0.0, -30.0), (0.0, 30.0)))


def ground(*lanes: Lane, bays: tuple[Rectangle, ...] = ()) -> Ground:
    return Ground((Rectangle(0, 0, 60, 60),), (), ((0, 20),), lanes=lanes, bays=bays)


def driven(
    traffic: Traffic, seconds: float, people: Points = NOBODY, start: float = 0.0
) -> list[dict[int, Rectangle]]:
    radius, found = np.full(len(people), 0.25), []
    for sample in range(round(start * RATE), round((start + seconds) * RATE)):
        traffic.decide(sample / RATE, people, np.zeros_like(people), radius)
        traffic.move(sample / RATE, people, radius)
        found.append(dict(traffic.boxes))
    return found


def test_a_vehicle_drives_its_lane_from_end_to_end_at_its_speed() -> None:
    boxes = driven(Traffic(ground(EAST), [Driver(4, 2, 10)], 0, np.random.default_rng(0)), 8)
    x = np.array([box[0].x for box in boxes if 0 in box])
    assert x[0] < -31 and x[-1] > 31
    assert np.diff(x).max() * RATE == pytest.approx(10, rel=0.01)


def test_it_stops_before_a_person_and_goes_on_when_they_are_gone() -> None:
    traffic = Traffic(ground(EAST), [Driver(4, 2, 10)], 0, np.random.default_rng(0))
    stopped = driven(traffic, 10, np.array([[5.0, 0.3]]))[-1][0]
    assert 0.5 < 5 - (stopped.x + 2) < 3.5
    assert driven(traffic, 2, start=10)[-1][0].x > stopped.x + 2


def test_one_beside_the_lane_stops_nobody() -> None:
    boxes = driven(
        Traffic(ground(EAST), [Driver(4, 2, 10)], 0, np.random.default_rng(0)), 8, np.array([[0.0, 2.5]])
    )
    assert boxes[-1] == {}


def test_who_drives_behind_a_slower_one_keeps_a_gap() -> None:
    drivers = [Driver(4, 2, 3), Driver(4, 2, 12), Driver(9, 2, 12)]
    boxes = driven(Traffic(ground(EAST), drivers, 0, np.random.default_rng(1)), 60)
    pairs = [(a, b) for step in boxes for i, a in step.items() for j, b in step.items() if i < j]
    assert len(pairs) > 100
    assert min(abs(a.x - b.x) - (a.length + b.length) / 2 for a, b in pairs) > 0.5


def test_lanes_that_cross_are_never_driven_on_together_but_lanes_side_by_side_are() -> None:
    def together(*lanes: Lane) -> bool:
        drivers = [Driver(4, 2, 8) for _ in range(4)]
        steps = driven(Traffic(ground(*lanes), drivers, 0, np.random.default_rng(2)), 60)
        return any(len({round(box.heading, 3) for box in step.values()}) > 1 for step in steps)

    assert not together(EAST, NORTH)
    assert together(EAST, WEST)


def test_a_vehicle_rounds_a_corner_without_jumping() -> None:
    track = Track(Lane(((0.0, 0.0), (10.0, 0.0), (10.0, 10.0))))
    poses = np.array([track.pose(metres, 4.0) for metres in np.arange(0, 20, 0.1)])
    assert poses[[0, -1], 2] == pytest.approx([0, np.pi / 2])
    assert np.abs(np.diff(poses[:, 2])).max() < 0.15
    assert np.hypot(*np.diff(poses[:, :2], axis=0).T).max() < 0.11


def test_those_who_park_stand_in_bays_of_their_own_and_point_their_way() -> None:
    bays = tuple(Rectangle(3 * i, -10, 5, 2.4, np.pi / 2) for i in range(4))
    drivers = [Driver(4.2, 1.8, 0, parked=True) for _ in range(3)]
    parked = Traffic(ground(bays=bays), drivers, 0, np.random.default_rng(0)).parked
    assert len({box.x for box in parked.values()}) == 3
    assert all(box.heading == np.pi / 2 and (box.length, box.width) == (4.2, 1.8) for box in parked.values())


def test_a_person_who_touches_a_vehicle_is_hit() -> None:
    traffic = Traffic(ground(EAST), [Driver(4, 2, 10)], 0, np.random.default_rng(0))
    box = driven(traffic, 3)[-1][0]
    people = np.array([[box.x, box.y + 1.2], [box.x, box.y + 1.6]])
    assert distance(box, people) == pytest.approx([0.2, 0.6])
    assert traffic.hit(people, np.full(2, 0.25)).tolist() == [True, False]


@pytest.mark.parametrize(
    ("where", "driver", "reason"),
    [
        pytest.param(ground(), Driver(4, 2, 10), "lane", id="none-drives-without-a-lane"),
        pytest.param(ground(EAST), Driver(4, 2, 0, parked=True), "bays", id="none-parks-without-a-bay"),
    ],
)
def test_a_vehicle_without_a_place_is_refused(where: Ground, driver: Driver, reason: str) -> None:
    with pytest.raises(WorldError, match=reason):
        Traffic(where, [driver], 0, np.random.default_rng(0))


def test_it_touches_nobody_who_steps_before_it_too_late_to_brake() -> None:
    traffic = Traffic(ground(EAST), [Driver(4, 2, 10)], 0, np.random.default_rng(0))
    box = driven(traffic, 4)[-1][0]
    late = np.array([[box.x + 2.6, 0.0]])
    boxes = driven(traffic, 3, late, start=4)
    assert min(float(distance(step[0], late)[0]) for step in boxes) > 0.25

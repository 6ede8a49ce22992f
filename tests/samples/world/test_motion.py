from __future__ import annotations

import numpy as np
import pytest

from samples.world.motion import Activity, Driver, Motion, Walker


def motion(activity: list[int], count: int = 2) -> Motion:
    ramp = np.arange(count, dtype=np.float32)
    place = np.stack([ramp * 2, -ramp], -1).astype(np.float32)
    return Motion(
        3,
        1.0,
        place,
        ramp,
        ramp + np.float32(1),
        ramp / np.float32(4),
        np.array(activity, np.uint8),
        ramp,
        ramp / np.float32(2),
    )


def test_between_two_samples_everything_is_linear_and_the_activity_is_the_nearer_one() -> None:
    early = motion([Activity.WALK, Activity.SIT]).at(1.0 + 0.4 / 20)
    late = motion([Activity.WALK, Activity.SIT]).at(1.0 + 0.6 / 20)
    assert early is not None and late is not None
    assert early.place == pytest.approx((0.8, -0.4))
    values = (early.heading, early.speed, early.phase, early.seated, early.seat)
    assert values == pytest.approx((0.4, 1.4, 0.1, 0.4, 0.2))
    assert (early.activity, late.activity) == (Activity.WALK, Activity.SIT)


def test_nobody_is_there_before_their_first_and_after_their_last_sample() -> None:
    stay = motion([0, 0, 0], 3)
    assert stay.end == pytest.approx(1.1)
    assert stay.at(0.99) is None and stay.at(1.11) is None
    last = stay.at(1.1)
    assert last is not None and last.place == pytest.approx((4, -2))


def test_one_sample_is_a_motion() -> None:
    state = motion([Activity.STAND], 1).at(1.0)
    assert state is not None and state.place == (0, 0)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: Walker(0, 1.4), "pace", id="a-walker-needs-a-pace"),
        pytest.param(lambda: Walker(1.3, -1), "stride", id="a-stride-goes-forward"),
        pytest.param(lambda: Walker(1.3, 1.4, visits=((5, 2),)), "visits", id="one-comes-before-one-goes"),
        pytest.param(
            lambda: Walker(1.3, 1.4, visits=((0, 9), (8, 12))), "visits", id="visits-do-not-overlap"
        ),
        pytest.param(lambda: Walker(1.3, 1.4, partner=1, pushes="pram"), "pram", id="who-pushes-walks-alone"),
        pytest.param(lambda: Driver(4, 2, 0), "speed", id="who-drives-has-a-speed"),
        pytest.param(lambda: motion([0, 0, 0], 2), "samples", id="arrays-share-their-samples"),
    ],
)
def test_impossible_actors_are_refused_at_birth(make: object, reason: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=reason):
        make()


def test_a_parked_vehicle_needs_no_speed() -> None:
    assert Driver(4, 2, 0, parked=True).parked

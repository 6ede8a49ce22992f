from __future__ import annotations

import numpy as np
import pytest

from detectors.motion import BOX_NOISE, SPEED_CHANGE, SPEED_NOISE, Motion, centre_and_size

BOX = np.array([[100, 100, 140, 200]], np.float32)
ALL = np.array([0])


def test_what_never_moved_is_expected_where_it_was() -> None:
    motion = Motion.start(BOX)
    for _ in range(5):
        motion = motion.predict(0.2).update(ALL, BOX)
    assert motion.predict(3.0).boxes == pytest.approx(BOX, abs=1e-3)


@pytest.mark.parametrize("step", [0.04, 0.2, 0.5])
def test_a_speed_is_learnt_in_pixels_a_second_whatever_the_frame_rate(step: float) -> None:
    motion = Motion.start(BOX)
    for k in range(1, 1 + int(4 / step)):
        motion = motion.predict(step).update(
            ALL, BOX + np.float32(60 * step * k) * np.array([1, 0, 1, 0], np.float32)
        )
    assert motion.velocity[0] == pytest.approx([60, 0, 0, 0], abs=1.0)


def test_time_may_pass_in_one_step_or_in_many() -> None:
    start = Motion.start(BOX).predict(0.2).update(ALL, BOX + 5)
    many = start
    for _ in range(10):
        many = many.predict(0.1)
    once = start.predict(1.0)
    assert many.position == pytest.approx(once.position)
    assert many.covariance == pytest.approx(once.covariance)


def test_the_filter_equals_the_textbook_with_matrices() -> None:
    rng = np.random.default_rng(0)
    motion = Motion.start(BOX)
    height = 100.0
    state, belief = (
        np.append(centre_and_size(BOX)[0], np.zeros(4)),
        np.diag(np.append([(BOX_NOISE * height) ** 2] * 4, (SPEED_NOISE * height) ** 2)),
    )
    look = np.eye(4, 8)
    for _ in range(6):
        seconds, box = rng.uniform(0.04, 1), BOX + rng.normal(0, 4, 4).astype(np.float32)
        height = state[3]
        move = np.eye(8) + seconds * np.eye(8, k=4)
        noise = np.kron(
            [[seconds**3 / 3, seconds**2 / 2], [seconds**2 / 2, seconds]],
            np.diag((SPEED_CHANGE * height) ** 2),
        )
        state, belief = move @ state, move @ belief @ move.T + noise
        found = centre_and_size(box)[0]
        gain = (
            belief @ look.T @ np.linalg.inv(look @ belief @ look.T + (BOX_NOISE * found[3]) ** 2 * np.eye(4))
        )
        state, belief = state + gain @ (found - look @ state), belief - gain @ look @ belief
        motion = motion.predict(seconds).update(ALL, box)
        assert motion.position[0] == pytest.approx(state[:4])
        assert motion.velocity[0] == pytest.approx(state[4:])

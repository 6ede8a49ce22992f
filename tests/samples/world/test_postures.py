"""How bodies move."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from samples.world.bodies import Bodies, Shape
from samples.world.mesh import Floats
from samples.world.postures import SOLE, Manner, Moment, Poser, rigid_matrix


@pytest.fixture(
    scope="module", params=[Shape(0.1, 0.4, 0.4, 0.3, 0.3, 0.6), Shape(0.9, 0.8, 0.7, 0.8, 0.6, 0.5)]
)
def poser(bodies: Bodies, request: pytest.FixtureRequest) -> tuple[Poser, Floats]:
    figure = bodies.figure(request.param)
    return Poser(bodies, figure), figure.points


def bent(bodies: Bodies, points: Floats, matrices: Floats) -> NDArray[np.float64]:
    whole = np.column_stack([points, np.ones(len(points))])
    return np.asarray(np.einsum("vk,vkij,vj->vi", bodies.weights, matrices[bodies.carriers], whole))


@pytest.mark.parametrize("phase", [0.0, 0.2, 0.45, 0.7, 0.95])
@pytest.mark.parametrize("activity", ["walk", "stand"])
def test_somebody_on_foot_neither_floats_nor_sinks(
    bodies: Bodies, poser: tuple[Poser, Floats], phase: float, activity: Literal["walk", "stand"]
) -> None:
    moment = Moment(activity, phase)
    points = bent(bodies, poser[1], poser[0].matrices(moment, Manner(), (3.0, -2.0), 0.7))
    assert SOLE - 0.03 < points[:, 2].min() < SOLE + 0.03
    assert np.hypot(*(points[:, :2].mean(0) - (3.0, -2.0))) < 0.35


def test_half_a_cycle_later_the_other_leg_is_in_front(bodies: Bodies, poser: tuple[Poser, Floats]) -> None:
    def ahead(phase: float) -> float:
        matrices = poser[0].matrices(Moment("walk", phase), Manner(), (0.0, 0.0), 0.0)
        points = bent(bodies, poser[1], matrices)
        return float(points[bodies.region == 8, 0].mean() - points[bodies.region == 9, 0].mean())

    assert ahead(0.0) > 0.25
    assert ahead(0.5) < -0.25


def test_heading_is_where_the_face_looks(bodies: Bodies, poser: tuple[Poser, Floats]) -> None:
    for heading in (0.0, 1.0, -2.5):
        points = bent(
            bodies, poser[1], poser[0].matrices(Moment("stand"), Manner(toes_out=0), (0.0, 0.0), heading)
        )
        feet = np.isin(bodies.region, (8, 9))
        toes = points[feet][np.argmax(points[feet] @ (np.cos(heading), np.sin(heading), 0))]
        hips = points[bodies.region == 0].mean(0)
        assert (toes - hips)[:2] @ (np.cos(heading), np.sin(heading)) > 0.08


def test_who_sits_has_hips_above_the_seat_and_knees_ahead(
    bodies: Bodies, poser: tuple[Poser, Floats]
) -> None:
    points = bent(bodies, poser[1], poser[0].matrices(Moment("sit", seat=0.45), Manner(), (0.0, 0.0), 0.0))
    torso, legs = points[bodies.region == 0], points[np.isin(bodies.region, (6, 7))]
    assert 0.35 < torso[:, 2].min() < 0.56
    assert legs[:, 0].max() > 0.35
    assert points[:, 2].max() < 1.55


def test_a_relaxed_arm_hangs_beside_the_body(bodies: Bodies, poser: tuple[Poser, Floats]) -> None:
    points = bent(bodies, poser[1], poser[0].matrices(Moment("stand"), Manner(elbow=0.1), (0.0, 0.0), 0.0))
    for hand in (4, 5):
        own = points[bodies.region == hand]
        assert own[:, 2].mean() < 0.55 * points[:, 2].max()
        assert abs(own[:, 0].mean()) < 0.25


def test_a_rigid_thing_turns_with_its_heading() -> None:
    turned = rigid_matrix((2.0, 1.0), np.pi / 2, 0.5)[0] @ np.array([0.0, -1.0, 0.0, 1.0])
    assert turned == pytest.approx([2.0, 2.0, 0.5], abs=1e-6)

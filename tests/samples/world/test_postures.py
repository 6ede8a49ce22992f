"""How bodies move."""

from __future__ import annotations

import numpy as np
import pytest

from samples.world.bodies import Bodies, Shape
from samples.world.postures import SOLE, Manner, Moment, Poser, stand_in


@pytest.fixture(scope="module")
def world(bodies: Bodies) -> Bodies:
    return bodies


@pytest.fixture(
    scope="module", params=[Shape(0.1, 0.4, 0.4, 0.3, 0.3, 0.6), Shape(0.9, 0.8, 0.7, 0.8, 0.6, 0.5)]
)
def poser(world: Bodies, request: pytest.FixtureRequest) -> tuple[Poser, np.ndarray]:
    figure = world.figure(request.param)
    return Poser(world, figure), figure.points


def bent(world: Bodies, points: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    whole = np.column_stack([points, np.ones(len(points))])
    return np.einsum("vk,vkij,vj->vi", world.weights, matrices[world.carriers], whole)


@pytest.mark.parametrize("phase", [0.0, 0.2, 0.45, 0.7, 0.95])
@pytest.mark.parametrize("activity", ["walk", "stand"])
def test_somebody_on_foot_neither_floats_nor_sinks(
    world: Bodies, poser: tuple[Poser, np.ndarray], phase: float, activity: str
) -> None:
    moment = Moment(activity, phase)  # type: ignore[arg-type]
    points = bent(world, poser[1], poser[0].matrices(moment, Manner(), (3.0, -2.0), 0.7))
    assert SOLE - 0.03 < points[:, 2].min() < SOLE + 0.03
    assert np.hypot(*(points[:, :2].mean(0) - (3.0, -2.0))) < 0.35


def test_half_a_cycle_later_the_other_leg_is_in_front(world: Bodies, poser: tuple[Poser, np.ndarray]) -> None:
    def ahead(phase: float) -> float:
        matrices = poser[0].matrices(Moment("walk", phase), Manner(), (0.0, 0.0), 0.0)
        points = bent(world, poser[1], matrices)
        return float(points[world.region == 8, 0].mean() - points[world.region == 9, 0].mean())

    assert ahead(0.0) > 0.25
    assert ahead(0.5) < -0.25


def test_heading_is_where_the_face_looks(world: Bodies, poser: tuple[Poser, np.ndarray]) -> None:
    for heading in (0.0, 1.0, -2.5):
        points = bent(
            world, poser[1], poser[0].matrices(Moment("stand"), Manner(toes_out=0), (0.0, 0.0), heading)
        )
        feet = np.isin(world.region, (8, 9))
        toes = points[feet][np.argmax(points[feet] @ (np.cos(heading), np.sin(heading), 0))]
        hips = points[world.region == 0].mean(0)
        assert (toes - hips)[:2] @ (np.cos(heading), np.sin(heading)) > 0.08


def test_who_sits_has_hips_above_the_seat_and_knees_ahead(
    world: Bodies, poser: tuple[Poser, np.ndarray]
) -> None:
    points = bent(world, poser[1], poser[0].matrices(Moment("sit", seat=0.45), Manner(), (0.0, 0.0), 0.0))
    torso, legs = points[world.region == 0], points[np.isin(world.region, (6, 7))]
    assert 0.35 < torso[:, 2].min() < 0.56
    assert legs[:, 0].max() > 0.35
    assert points[:, 2].max() < 1.55


def test_a_relaxed_arm_hangs_beside_the_body(world: Bodies, poser: tuple[Poser, np.ndarray]) -> None:
    points = bent(world, poser[1], poser[0].matrices(Moment("stand"), Manner(elbow=0.1), (0.0, 0.0), 0.0))
    for hand in (4, 5):
        own = points[world.region == hand]
        assert own[:, 2].mean() < 0.55 * points[:, 2].max()
        assert abs(own[:, 0].mean()) < 0.25


def test_a_rigid_thing_turns_with_its_heading() -> None:
    turned = stand_in((2.0, 1.0), np.pi / 2, 0.5)[0] @ np.array([0.0, -1.0, 0.0, 1.0])
    assert turned == pytest.approx([2.0, 2.0, 0.5], abs=1e-6)

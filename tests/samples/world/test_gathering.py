"""Which productions make a data set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from samples.world.programme import Part

if TYPE_CHECKING:  # needs moderngl
    from samples.world.gathering import Gathering
    from samples.world.production import Plan
pytestmark = pytest.mark.usefixtures("bodies", "drawing")


@pytest.fixture(scope="module")
def gathering() -> Gathering:
    from samples.world.gathering import Gathering

    return Gathering(
        seed=5, cameras=2, size=(64, 48), people=12, vehicles=0, days=2, twins=4, together=5, seconds=9.0,
        test_people=6, test_wardrobe="validation", kinds=("plaza",), test_kinds=("corridor",), weathers=(), zoom=1.5,
    )  # fmt: skip


def plans(gathering: Gathering, part: Part) -> list[Plan]:
    return [cast("Plan", one.opening.plan) for one in gathering.filmings() if one.part == part]


def test_training_and_test_share_neither_people_nor_clothes_nor_scenes(gathering: Gathering) -> None:
    train, test = plans(gathering, "train"), plans(gathering, "test")
    assert {i for plan in train for i in plan.people} == {*range(1, 24, 2)}
    assert {i for plan in test for i in plan.people} == {*range(2, 13, 2)}
    assert {(plan.wardrobe, plan.kind) for plan in train} == {("train", "plaza")}
    assert {(plan.wardrobe, plan.kind) for plan in test} == {("validation", "corridor")}
    assert not {plan.seed for plan in train} & {plan.seed for plan in test}
    assert {plan.zoom for plan in train + test} == {1.5}


def test_a_smaller_test_has_as_many_twins_as_it_has_people_for(gathering: Gathering) -> None:
    assert gathering.test_twins == ((4, 2), (8, 6), (12, 10))
    assert replace(gathering, test_people=3).test_twins == ((4, 2),)


def test_what_is_not_asked_for_is_as_in_training(gathering: Gathering) -> None:
    same = replace(gathering, test_people=None, test_kinds=())
    assert same.test == same.training


def test_a_scene_has_a_sensor_for_each_camera(gathering: Gathering) -> None:
    assert {len(one.sensors) for one in gathering.filmings()} == {2}


def test_cameras_look_closely_in_the_test_and_from_all_distances_in_training(gathering: Gathering) -> None:
    own = replace(gathering, zoom=None)
    assert {plan.zoom for plan in plans(own, "test")} == {2.5}  # corridors
    zooms = {plan.zoom for plan in plans(own, "train")}
    assert len(zooms) > 2 and 1 <= min(zooms) < max(zooms) <= 2.5

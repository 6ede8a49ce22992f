from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.world.errors import WorldError
from samples.world.programme import CONVOY, ROADS, ProgrammeConfig, plan_programme, twins


@given(st.integers(0, 40), st.integers(0, 20), st.integers(1, 4), st.integers(1, 9), st.integers(0, 99))
def test_everybody_appears_once_a_day_and_no_company_is_too_large(
    people: int, vehicles: int, days: int, together: int, seed: int
) -> None:
    slots = plan_programme(ProgrammeConfig(people + 1, vehicles, days, together), "train", seed)
    assert Counter(identity for slot in slots for identity in slot.people) == {
        2 * i + 1: days for i in range(people + 1)
    }
    assert Counter(identity for slot in slots for identity in slot.vehicles) == {
        2 * i + 1: days for i in range(vehicles)
    }
    assert max(len(slot.people) for slot in slots) <= together


def test_training_and_test_share_neither_identities_nor_scenes() -> None:
    config = ProgrammeConfig(20, 6, days=3)
    train, test = plan_programme(config, "train", 5), plan_programme(config, "test", 5)
    assert not {one for slot in train for one in slot.people} & {one for slot in test for one in slot.people}
    assert not {one for slot in train for one in slot.vehicles} & {
        one for slot in test for one in slot.vehicles
    }
    assert len({slot.seed for slot in train + test}) == len(train + test)


def test_vehicles_appear_where_there_are_roads() -> None:
    slots = plan_programme(ProgrammeConfig(0, 30), "test", 0)
    assert all(slot.kind in ROADS and len(slot.vehicles) <= CONVOY for slot in slots)


def test_twins_are_dressed_alike_in_every_scene_of_the_second_of_them() -> None:
    config = ProgrammeConfig(12, together=4, twins=3)
    slots = plan_programme(config, "test", 0)
    assert twins(config, "test") == ((4, 2), (8, 6), (12, 10))
    for slot in slots:
        assert {pair[0] for pair in slot.twins} == set(slot.people) & {4, 8, 12}


def test_company_changes_from_day_to_day() -> None:
    slots = plan_programme(ProgrammeConfig(30, days=2, together=5), "train", 0)
    assert len({slot.people for slot in slots}) == len(slots) == 12


def test_only_the_kinds_and_weathers_asked_for_are_filmed() -> None:
    slots = plan_programme(
        ProgrammeConfig(30, together=3, kinds=("corridor",), weathers=("dusk", "rain")), "train", 0
    )
    assert {slot.kind for slot in slots} == {"corridor"}
    assert {slot.weather for slot in slots} == {"dusk", "rain"}


def test_the_same_seed_gives_the_same_programme() -> None:
    assert plan_programme(ProgrammeConfig(9), "test", 3) == plan_programme(ProgrammeConfig(9), "test", 3)
    assert plan_programme(ProgrammeConfig(9), "test", 3) != plan_programme(ProgrammeConfig(9), "test", 4)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        pytest.param({"people": 0}, "at least one actor", id="nobody"),
        pytest.param({"people": -3, "vehicles": 9}, "at least one actor", id="fewer-than-nobody"),
        pytest.param({"people": 3, "days": 0}, "at least one day", id="never"),
        pytest.param({"people": 3, "twins": 2}, "choose fewer pairs", id="more-twins-than-people"),
        pytest.param({"people": 3, "vehicles": 1, "kinds": ("plaza",)}, "vehicles need one of", id="no-road"),
    ],
)
def test_a_programme_that_cannot_be_filmed_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(WorldError, match=complaint):
        ProgrammeConfig(**fields)

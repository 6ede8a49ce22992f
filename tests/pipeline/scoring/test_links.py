"""Links are counted by direction: the camera that saw the object first, and the other."""

from __future__ import annotations

import pytest

from pipeline.scoring.links import Links, ScoredTracklet, count_links


def answer(camera: str, track: int, identity: int | None, person: int | None, start: float) -> ScoredTracklet:
    return ScoredTracklet((camera, track), identity, person, start)


def test_the_two_directions_between_two_cameras_are_counted_separately() -> None:
    there = [answer("a", 1, 1, 10, 0), answer("b", 1, 1, 10, 30), answer("a", 2, 1, 10, 60)]
    wrong = [answer("b", 2, 2, 20, 5), answer("a", 3, 2, 30, 90)]
    ways = count_links([*there, *wrong], {10: {"a": 0, "b": 30}, 20: {"b": 5}, 30: {"a": 90}})
    assert ways["a", "b"] == Links(made=1, right=1, possible=1, offered=1, people=1, people_linked=1)
    assert ways["b", "a"] == Links(made=2, right=1, possible=1, offered=1)
    assert (ways["b", "a"].precision, ways["b", "a"].recall) == (0.5, 1)


def test_two_tracklets_of_one_camera_are_no_link() -> None:
    assert not count_links([answer("a", 1, 1, 10, 0), answer("a", 2, 1, 10, 9)], {10: {"a": 0}})


@pytest.mark.parametrize("person", [None, 20])
def test_a_link_to_another_person_or_to_none_is_wrong(person: int | None) -> None:
    ways = count_links([answer("a", 1, 1, 10, 0), answer("b", 1, 1, person, 9)], {})
    assert ways == {("a", "b"): Links(made=1)}


def test_a_rejected_tracklet_counts_as_possible_but_not_as_offered() -> None:
    both = [answer("a", 1, 1, 10, 0), answer("b", 1, None, 10, 9)]
    one = count_links(both, {10: {"a": 0, "b": 9}})["a", "b"]
    assert one == Links(possible=1, people=1)
    assert (one.precision, one.recall, one.offered_recall, one.people_recall) == (1, 0, 1, 0)


def test_a_person_without_tracklets_counts_among_the_people() -> None:
    assert count_links([], {10: {"a": 5, "b": 2}}) == {("b", "a"): Links(people=1)}


def test_two_rejected_tracklets_are_not_a_link() -> None:
    both = [answer("a", 1, None, 10, 0), answer("b", 1, None, 20, 9)]
    assert not count_links(both, {})

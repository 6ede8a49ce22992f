"""What follows, for tracklets that can be compared, from what was said of some that cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.declared import Declared, declare, overruled
from pipeline.matching.pairs.rules import Rule
from pipeline.tracking.tracklets import Key, Pair, Tracklet

CAMERAS = CameraSet(tuple(Camera(name, Recording((Path(name),))) for name in "abc"))
CONFIG = MatchingConfig()


def seen(name: str, start: float, end: float, kind: str = "person") -> Tracklet:
    """A tracklet named like "a1"."""
    ones, boxes = np.ones(2, np.float32), np.array([[0, 0, 10, 20]] * 2, np.float32)
    return Tracklet(name[0], int(name[1]), kind, np.arange(2), np.array([start, end]), boxes, ones, ones)


def pairs(text: str) -> list[Pair]:
    """Pairs written as "a1-b1 b1-c1"."""

    def key(name: str) -> Key:
        return name[0], int(name[1])

    return [(key(pair[:2]), key(pair[3:])) for pair in text.split()]


def declared(own: list[Tracklet], others: list[Tracklet], same: str, different: str = "") -> Declared:
    known = {one.key: one for one in (*own, *others)}
    compared = {one.key: one for one in own}
    return declare(compared, known, CAMERAS, CONFIG, same=pairs(same), different=pairs(different))


def test_of_what_was_said_only_what_concerns_these_tracklets_is_told() -> None:
    said = declared([seen("a1", 0, 5), seen("b1", 0, 5)], [seen("c1", 0, 5)], "", "a1-b1 a1-c1")
    assert said == Declared((), (*pairs("a1-b1"),), ())
    assert declared([], [seen("c1", 0, 5), seen("c2", 6, 9)], "c1-c2") == Declared()


def test_two_are_the_same_through_one_that_cannot_be_compared() -> None:
    own = [seen("a1", 0, 5), seen("c1", 20, 25)]
    assert declared(own, [seen("b1", 9, 12)], "a1-b1 b1-c1").same == (*pairs("a1-c1"),)


def test_what_one_cannot_be_whoever_is_the_same_cannot_be_either() -> None:
    """b2 was seen while b1 was, so a1, who is b1, is not b2; b3 came later."""
    own = [seen("a1", 0, 5), seen("b2", 10, 20), seen("b3", 30, 40)]
    assert declared(own, [seen("b1", 9, 12)], "a1-b1").implied == (*pairs("a1-b2"),)


@pytest.mark.parametrize(
    ("same", "different"),
    [
        pytest.param("a1-b1", "b1-c1", id="said-of-the-one-that-cannot-be-compared"),
        pytest.param("a1-b1 c1-c2", "b1-c2", id="and-of-another-such"),
    ],
)
def test_two_are_different_through_ones_that_cannot_be_compared(same: str, different: str) -> None:
    own = [seen("a1", 0, 5), seen("c1", 20, 25)]
    others = [seen("b1", 9, 12), seen("c2", 30, 35)]
    assert declared(own, others, same, different).implied == (*pairs("a1-c1"),)


def test_a_person_who_is_said_to_be_a_car_is_nobody_else() -> None:
    own = [seen("a1", 0, 5), seen("c1", 20, 25)]
    assert declared(own, [seen("b1", 9, 12, kind="car")], "a1-b1").implied == (*pairs("a1-c1"),)


def test_what_was_said_against_a_rule_is_found_also_through_chains() -> None:
    tracklets = [seen("a1", 0, 5), seen("a2", 3, 9), seen("b1", 20, 25), seen("c1", 20, 25)]
    found = list(overruled(tracklets, CAMERAS, CONFIG, pairs("a1-b1 b1-a2")))
    assert found == [(("a", 1), ("a", 2), Rule.SAME_TIME)]

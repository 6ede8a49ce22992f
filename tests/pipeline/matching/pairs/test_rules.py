"""Which pairs can be one object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.footage.cameras import Camera, CameraSet, Transition
from pipeline.footage.recording import Recording
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.pairs.rules import SENTENCES, Rule, find_rules
from pipeline.tracking.tracklets import Tracklet

NAMES = ("a", "b", "c")
HEIGHT = 20.0


def seen(camera: str, start: float, end: float, *, kind: str = "person", x: float = 0.0) -> Tracklet:
    """A tracklet that stands still, 20 pixels high, its track number the start."""
    boxes = np.array([[x, 0, x + 10, HEIGHT]] * 2, np.float32)
    ones = np.ones(2, np.float32)
    return Tracklet(camera, int(start), kind, np.arange(2), np.array([start, end]), boxes, ones, ones)


def gallery(*tracklets: Tracklet) -> Gallery:
    n = len(tracklets)
    clips = [np.ones((1, 1), np.float32)] * n
    return build_gallery(tracklets, clips, weights=[np.ones(1, np.float32)] * n, prototypes=1)


def cameras(*transitions: Transition) -> CameraSet:
    return CameraSet(tuple(Camera(name, Recording((Path(name),))) for name in NAMES), transitions)


def rule(a: Tracklet, b: Tracklet, *transitions: Transition) -> Rule:
    rules = find_rules(gallery(a, b), cameras(*transitions), MatchingConfig())
    assert np.array_equal(rules, rules.T)
    return Rule(rules[0, 1])


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param(seen("a", 0, 5), seen("b", 3, 9), Rule.ALLOWED, id="two-cameras-may-overlap"),
        pytest.param(seen("a", 0, 5, kind="car"), seen("b", 6, 9), Rule.CLASS, id="car-and-person"),
        pytest.param(
            *(seen("a", 0, 5, kind="car"), seen("b", 6, 9, kind="truck"), Rule.ALLOWED),
            id="detectors-mix-up-cars-and-trucks",
        ),
        pytest.param(seen("a", 0, 5), seen("a", 3, 9), Rule.SAME_TIME, id="one-place-at-a-time"),
        pytest.param(seen("a", 0, 5), seen("a", 5, 9), Rule.SAME_TIME, id="not-even-for-one-frame"),
        pytest.param(seen("a", 0, 5), seen("a", 6, 9), Rule.ALLOWED, id="lost-and-found-again"),
        pytest.param(seen("a", 0, 5), seen("a", 6, 9, x=100), Rule.ALLOWED, id="5-heights-in-1-s-is-a-run"),
        pytest.param(seen("a", 0, 5), seen("a", 6, 9, x=101), Rule.TOO_FAST, id="more-is-no-person"),
        pytest.param(seen("a", 0, 5, x=101), seen("a", 6, 9), Rule.TOO_FAST, id="to-the-left-as-well"),
        pytest.param(
            *(seen("a", 0, 5, kind="car"), seen("a", 6, 9, kind="car", x=101), Rule.ALLOWED),
            id="but-a-car",
        ),
        pytest.param(seen("a", 0, 5), seen("a", 36, 39, x=9999), Rule.ALLOWED, id="later-anywhere"),
    ],
)
def test_without_knowledge_of_the_cameras(a: Tracklet, b: Tracklet, expected: Rule) -> None:
    assert rule(a, b) == rule(b, a) == expected


def test_in_a_camera_that_shows_both_people_and_vehicles_each_has_its_own_speed() -> None:
    """Ten box heights in one second."""
    mixed = gallery(
        seen("a", 0, 5, kind="car"),
        seen("a", 6, 9, kind="car", x=200),
        seen("a", 20, 25),
        seen("a", 26, 29, x=200),
    )
    rules = find_rules(mixed, cameras(), MatchingConfig())
    assert rules[0, 1] == rules[1, 0] == Rule.ALLOWED
    assert rules[2, 3] == rules[3, 2] == Rule.TOO_FAST


@pytest.mark.parametrize(
    ("start", "known", "expected"),
    [
        pytest.param(20, Transition(("a", "b"), reachable=False), Rule.UNREACHABLE, id="no-way"),
        pytest.param(20, Transition(("b", "c"), reachable=False), Rule.ALLOWED, id="of-other-cameras"),
        pytest.param(3, Transition(("a", "b"), overlapping=False), Rule.NOT_OVERLAPPING, id="together"),
        pytest.param(6, Transition(("b", "a"), overlapping=False), Rule.ALLOWED, id="one-after-the-other"),
        pytest.param(3, Transition(("a", "b"), minimum=0, maximum=9), Rule.ALLOWED, id="together-is-soon"),
        pytest.param(3, Transition(("a", "b"), minimum=1), Rule.TOO_SOON, id="together-is-too-soon"),
        pytest.param(7, Transition(("a", "b"), minimum=2, maximum=9), Rule.ALLOWED, id="at-the-minimum"),
        pytest.param(14, Transition(("a", "b"), minimum=2, maximum=9), Rule.ALLOWED, id="at-the-maximum"),
        pytest.param(15, Transition(("a", "b"), minimum=2, maximum=9), Rule.TOO_LATE, id="beyond"),
    ],
)
def test_what_is_declared_between_cameras_holds(start: float, known: Transition, expected: Rule) -> None:
    assert rule(seen("a", 0, 5), seen("b", start, 30), known) == expected


def test_the_user_can_forbid_a_pair() -> None:
    pair = gallery(seen("a", 0, 5), seen("b", 7, 9))
    rules = find_rules(pair, cameras(), MatchingConfig(), cannot_link=[(("b", 7), ("a", 0))])
    assert rules[0, 1] == rules[1, 0] == Rule.CANNOT_LINK


def test_forbidding_what_is_not_there_is_an_error() -> None:
    with pytest.raises(PipelineError, match="b/99 is not among the tracklets"):
        find_rules(gallery(seen("a", 0, 5)), cameras(), MatchingConfig(), cannot_link=[(("a", 0), ("b", 99))])


def test_many_cameras_in_blocks_equal_pair_by_pair() -> None:
    rng = np.random.default_rng(0)
    members = [
        seen(str(rng.choice(NAMES)), start, start + 9, x=float(rng.integers(99))) for start in range(40)
    ]
    known = (Transition(("a", "b"), overlapping=False), Transition(("b", "c"), maximum=20))
    whole = gallery(*members)
    rules = find_rules(whole, cameras(*known), MatchingConfig())
    place = {key: index for index, key in enumerate(whole.keys)}
    for a in members:
        for b in members:
            if a is not b:
                i, j = place[a.camera, a.track], place[b.camera, b.track]
                assert rules[i, j] == rule(a, b, *known)


def test_every_rule_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Rule)

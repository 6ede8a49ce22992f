"""What being found again on the spot, and soon, says of two tracklets of one camera."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.matching.config import MatchingConfig
from pipeline.matching.evidence import Evidence
from pipeline.matching.gallery import Gallery
from pipeline.matching.linking import link
from pipeline.matching.nearness import Nearness

MOST = 0.15
EVERY = slice(None)


def gallery(*seen: tuple[str, float, float, float, float]) -> Gallery:
    """Make tracklets of camera, first and last second, and where they begin and end, in heights of their box."""
    n = len(seen)
    boxes = [
        np.array([(100 * at, 0, 100 * at + 40, 100) for at in places], np.float32)
        for places in ([one[3] for one in seen], [one[4] for one in seen])
    ]
    vectors = np.ones((n, 1), np.float32)
    return Gallery(
        np.array([one[0] for one in seen]),
        np.arange(n),
        np.array(["person"] * n),
        np.array(["person"] * n),
        np.array([one[1] for one in seen]),
        np.array([one[2] for one in seen]),
        boxes[0],
        boxes[1],
        vectors,
        vectors[:, None],
    )


@pytest.mark.parametrize(
    ("later", "term"),
    [
        pytest.param(("a", 10, 15, 0, 5), MOST, id="at-once-on-the-spot"),
        pytest.param(("a", 18, 25, 0, 5), MOST / math.e, id="eight-seconds-later-a-third"),
        pytest.param(("a", 10.5, 15, 1.6, 5), 0, id="too-far-for-the-time"),
        pytest.param(
            ("a", 10.5, 15, 1.4, 5), MOST * math.exp(-0.5 / 8), id="a-height-is-free-and-one-a-second"
        ),
        pytest.param(("a", 9, 15, 0, 5), 0, id="both-at-once-are-two"),
        pytest.param(("b", 10.5, 15, 0, 5), 0, id="another-camera-says-nothing"),
    ],
)
def test_the_term_of_a_pair(later: tuple[str, float, float, float, float], term: float) -> None:
    two = gallery(("a", 0, 10 - 1e-6, -3, 0), later)
    terms = Nearness(two, MatchingConfig()).terms(EVERY, EVERY)
    assert terms[0, 1] == terms[1, 0] == pytest.approx(term, abs=1e-5)
    assert terms[0, 0] == terms[1, 1] == 0


def test_all_pairs_at_once_are_the_pairs_one_by_one() -> None:
    draw = np.random.default_rng(0)
    rows = [(camera, *sorted(draw.uniform(0, 60, 2)), *draw.uniform(0, 3, 2)) for camera in "aaaaaabbbbc"]
    many = gallery(*rows)
    near, sums = Nearness(many, MatchingConfig()), np.zeros((11, 11), np.float32)
    near.add_to(sums)
    single = [[near.terms(np.array([i]), np.array([j]))[0, 0] for j in range(11)] for i in range(11)]
    assert sums.tolist() == np.array(single, np.float32).tolist()
    assert (sums > 0).any()


@pytest.mark.parametrize(
    ("where", "joined"), [pytest.param(0, True, id="here"), pytest.param(9, False, id="there")]
)
def test_somebody_lost_for_a_second_is_found_again_only_near_by(where: float, joined: bool) -> None:
    two = gallery(("a", 0, 10, 0, 0), ("a", 11, 20, where, where))
    config = MatchingConfig(threshold=0.6, stitch_threshold=0.9)
    looks = np.array([[1, 0.8], [0.8, 1]], np.float32)
    scores = Evidence(looks, near=Nearness(two, config)).admissible(np.array([[3, 0], [0, 3]], np.uint8))
    assert (np.ptp(link(scores, two.cameras, config).groups) == 0) == joined


def test_a_threshold_of_one_joins_nobody_however_near() -> None:
    two = gallery(("a", 0, 10, 0, 0), ("a", 10.1, 20, 0, 0))
    near = Nearness(two, MatchingConfig(stitch_threshold=1.0))
    assert Evidence(np.full((2, 2), 0.995, np.float32), near=near).score(0, 1) == pytest.approx(0.995)


def test_of_two_who_are_near_the_more_alike_is_taken() -> None:
    """However high both are lifted, the lead of one over the other stays."""
    three = gallery(("a", 0, 10, 0, 0), ("a", 10.5, 20, 0, 0), ("a", 10.5, 20, 0.5, 0.5))
    looks = np.array([[1, 0.95, 0.91], [0.95, 1, 0], [0.91, 0, 1]], np.float32)
    config = MatchingConfig(threshold=0.6, stitch_threshold=0.9)
    rules = np.array([[3, 0, 0], [0, 3, 3], [0, 3, 3]], np.uint8)
    scores = Evidence(looks, near=Nearness(three, config)).admissible(rules)
    assert link(scores, three.cameras, config).groups.tolist() == [0, 0, 1]

"""What being found again on the spot, and soon, says of two tracklets of one camera."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.linking.link import link
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.nearness import Nearness
from pipeline.matching.pairs.pair_scores import PairScores

MOST = 0.15
"""The default thresholds' distance."""
WIDTH = 1000
EVERY = slice(None)


def gallery(*seen: tuple[str, float, float, float, float]) -> Gallery:
    """Make tracklets of camera, first and last second, and where they begin and end, in heights of their box."""
    n = len(seen)
    boxes = [
        np.array([(100 * at, 0, 100 * at + 40, 100) for at in places], np.float32)
        for places in ([one[3] for one in seen], [one[4] for one in seen])
    ]
    vectors = np.ones((n, 1), np.float32)
    pictures = np.full((n, 2), (WIDTH, 200), np.float32)
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
        pictures,
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
    config = MatchingConfig(threshold=Chosen(0.6), stitch_threshold=Chosen(0.9))
    looks = np.array([[1, 0.8], [0.8, 1]], np.float32)
    scores = PairScores(looks, near=Nearness(two, config)).admissible(np.array([[3, 0], [0, 3]], np.uint8))
    assert (np.ptp(link(scores, two.cameras, config).groups) == 0) == joined


@pytest.mark.parametrize(
    ("begins", "near"),
    [
        pytest.param(9.6, True, id="back-over-the-same-edge"),
        pytest.param(9.4, True, id="found-inside"),
    ],
)
def test_who_left_over_an_edge_may_be_found_near_it(begins: float, near: bool) -> None:
    two = gallery(("a", 0, 10, 5, 9.6), ("a", 11, 20, begins, 5))
    assert (Nearness(two, MatchingConfig()).terms(EVERY, EVERY)[0, 1] > 0) == near


def test_who_left_over_one_edge_did_not_come_in_over_another() -> None:
    """However near: a door may be in the picture's corner."""
    right, bottom = (960, 95, 1000, 195), (940, 100, 980, 200)
    two = gallery(("a", 0, 10, 5, 5), ("a", 11, 20, 5, 5))
    for one, other in ((right, bottom), (bottom, right)):
        two.last_boxes[0], two.first_boxes[1] = one, other
        assert not Nearness(two, MatchingConfig()).terms(EVERY, EVERY).any()
        unknown = replace(two, frame_sizes=None)
        assert Nearness(unknown, MatchingConfig()).terms(EVERY, EVERY)[0, 1] > 0


@pytest.mark.parametrize(
    ("exit_gap", "entry_gap", "near"),
    [
        pytest.param(9, 1.9, False, id="over-two-edges"),
        pytest.param(11, 1.9, True, id="lost-inside"),
        pytest.param(9, 2.1, True, id="found-inside"),
    ],
)
@pytest.mark.parametrize("corner", ["left-top", "right-bottom"])
def test_a_box_within_one_percent_of_the_picture_touches_its_edge(
    corner: str, exit_gap: float, entry_gap: float, near: bool
) -> None:
    """The picture has 1000 x 200 pixels; a box leaves over its left or right edge, another comes in above or below."""
    two = gallery(("a", 0, 10, 5, 5), ("a", 11, 20, 5, 5))
    left, top = (exit_gap, 100, exit_gap + 40, 195), (50, entry_gap, 90, entry_gap + 100)
    right, bottom = (960 - exit_gap, 5, 1000 - exit_gap, 100), (910, 100 - entry_gap, 950, 200 - entry_gap)
    two.last_boxes[0], two.first_boxes[1] = (left, top) if corner == "left-top" else (right, bottom)
    assert (Nearness(two, MatchingConfig()).terms(EVERY, EVERY)[0, 1] > 0) == near


def test_found_at_once_the_threshold_between_cameras_is_enough() -> None:
    """And eight seconds later it is not."""
    looks = np.array([[1, 0.62], [0.62, 1]], np.float32)
    rules = np.array([[3, 0], [0, 3]], np.uint8)
    config = MatchingConfig(threshold=Chosen(0.6), stitch_threshold=Chosen(0.95))
    for seconds, joined in ((0.1, True), (8.0, False)):
        two = gallery(("a", 0, 10, 3, 3), ("a", 10 + seconds, 20, 3, 3))
        scores = PairScores(looks, near=Nearness(two, config)).admissible(rules)
        assert (np.ptp(link(scores, two.cameras, config).groups) == 0) == joined


def test_a_threshold_of_one_joins_nobody_however_near() -> None:
    two = gallery(("a", 0, 10, 0, 0), ("a", 10.1, 20, 0, 0))
    near = Nearness(two, MatchingConfig(stitch_threshold=Chosen(1.0)))
    assert PairScores(np.full((2, 2), 0.995, np.float32), near=near).score(0, 1) == pytest.approx(0.995)


def test_of_two_who_are_near_the_more_alike_is_taken() -> None:
    """However high both are lifted, the lead of one over the other stays."""
    three = gallery(("a", 0, 10, 0, 0), ("a", 10.5, 20, 0, 0), ("a", 10.5, 20, 0.5, 0.5))
    looks = np.array([[1, 0.97, 0.91], [0.97, 1, 0], [0.91, 0, 1]], np.float32)
    config = MatchingConfig(threshold=Chosen(0.6), stitch_threshold=Chosen(0.9))
    rules = np.array([[3, 0, 0], [0, 3, 3], [0, 3, 3]], np.uint8)
    scores = PairScores(looks, near=Nearness(three, config)).admissible(rules)
    assert link(scores, three.cameras, config).groups.tolist() == [0, 0, 1]

"""What a run's own safest links teach."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.transitions import THRESHOLD, best_f1, simulate_stream
from pipeline.matching.pairs.appearance import appearance_scores
from pipeline.matching.travel.from_own_links import ENOUGH, confident_links, learn_from_own_links
from pipeline.matching.travel.travel_times import fit_links, time_terms
from tests.pipeline.matching.travel.test_travel_times import walkers

INF = np.inf


def symmetric(block: list[list[float]]) -> np.ndarray:
    """Scores of cameras a and b, nothing within."""
    q, g = np.shape(block)
    scores = np.full((q + g, q + g), -INF, np.float32)
    scores[:q, q:] = block
    return np.maximum(scores, scores.T)


@pytest.mark.parametrize(
    ("block", "links"),
    [
        pytest.param([[0.9, 0.2], [0.3, 0.8]], [[0, 2], [1, 3]], id="each-its-own"),
        pytest.param([[0.9, 0.86], [0.3, 0.2]], [], id="the-next-is-too-near"),
        pytest.param([[0.9, 0.2], [0.86, 0.1]], [], id="for-either-side"),
        pytest.param([[0.9], [0.8]], [[0, 2]], id="two-want-one-the-nearer-wins"),
        pytest.param([[0.59]], [], id="under-the-threshold"),
        pytest.param([[0.6]], [[0, 1]], id="without-rivals"),
        pytest.param([[-INF, -INF]], [], id="forbidden"),
    ],
)
def test_confident_links(block: list[list[float]], links: list[list[int]]) -> None:
    cameras = np.repeat(["a", "b"], np.shape(block))
    assert confident_links(symmetric(block), cameras, threshold=0.6, margin=0.05).tolist() == links


@pytest.mark.parametrize("count", [ENOUGH - 1, ENOUGH])
def test_under_15_links_nothing_is_learnt_and_the_run_says_so(count: int) -> None:
    seen = walkers(count)
    scores = symmetric(np.eye(count).tolist())
    taught = learn_from_own_links(scores, seen, threshold=0.6, margin=0.05)
    assert len(taught.links) == count
    assert (len(taught.statistics) > 0) == taught.terms.any() == (count == ENOUGH)
    assert str(count) in taught.sentence
    assert ("not used" in taught.sentence) == (count < ENOUGH)


def test_every_link_is_scored_by_the_others() -> None:
    seen = walkers(20)
    taught = learn_from_own_links(symmetric(np.eye(20).tolist()), seen, threshold=0.6, margin=0.05)
    one = time_terms(seen, fit_links(seen, taught.links[1:]))
    assert taught.terms[0, 20] == pytest.approx(one[0, 20], abs=1e-6)
    assert taught.terms[0, 20] > 0


def test_links_that_travel_times_make_confident_are_learnt_from_too() -> None:
    """Twenty people are clear by their looks; one more only by the time that the others take."""
    looks = np.eye(21)
    looks[20, 20] = 0.57
    taught = learn_from_own_links(symmetric(looks.tolist()), walkers(21), threshold=0.6, margin=0.05)
    assert len(taught.links) == 21


def test_learning_from_itself_links_a_stream_of_people_better() -> None:
    tested = simulate_stream(np.random.default_rng(0), seconds=400)
    scores = appearance_scores(tested.gallery.means, tested.gallery.prototypes, top=1)
    taught = learn_from_own_links(scores, tested.gallery, threshold=THRESHOLD, margin=0.05)
    assert best_f1(tested, scores + taught.terms) > best_f1(tested, scores) + 0.05

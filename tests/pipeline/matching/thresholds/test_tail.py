"""How often different objects reach a score: the tail behind every promised rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.matching.thresholds.tail import carried, fit_tail


def apart(count: int) -> NDArray[np.intp]:
    """Pairs that share no tracklet."""
    return np.arange(2 * count).reshape(-1, 2)


def power(count: int, k: float, seed: int = 0) -> NDArray[np.float64]:
    """Scores of which the share over s is (1 - s)^(1 / k)."""
    return np.asarray(1 - np.random.default_rng(seed).random(count) ** k)


@settings(max_examples=settings().max_examples // 2)
@given(st.floats(0.1, 0.9), st.floats(0.001, 0.2))
def test_the_expected_rate_at_a_threshold_is_the_one_it_was_asked_for(k: float, rate: float) -> None:
    tail = fit_tail(power(400, k), apart(400))
    cut = tail.threshold(rate)
    assert tail.rate(cut) <= rate < tail.rate(cut - 0.02)


def test_a_stricter_rate_takes_a_higher_threshold() -> None:
    tail = fit_tail(power(300, 0.4), apart(300))
    cuts = [tail.threshold(rate) for rate in (0.5, 0.1, 0.01, 0.001, 0.0001)]
    assert cuts == sorted(cuts)
    assert len(set(cuts)) == len(cuts)


@pytest.mark.parametrize("k", [0.2, 0.5, 0.8])
def test_a_rate_too_small_to_be_counted_is_kept_by_who_comes_later(k: float) -> None:
    later = power(1_000_000, k, seed=99)
    true = [
        (later >= fit_tail(power(400, k, seed), apart(400)).threshold(0.001)).mean() for seed in range(20)
    ]
    assert 0.0004 < np.mean(true) < 0.0013


def test_the_interval_holds_the_true_rate_in_about_nine_of_ten_cases() -> None:
    later, held = power(1_000_000, 0.5, seed=99), []
    for seed in range(40):
        tail = fit_tail(power(400, 0.5, seed), apart(400))
        low, high = tail.interval(0.95)
        held.append(low <= (later >= 0.95).mean() <= high)
    assert sum(held) >= 32


def test_where_one_tracklet_makes_the_tail_less_is_known_of_it() -> None:
    scores = np.sort(power(300, 0.5))[::-1]
    pairs = np.stack(np.triu_indices(25, 1), axis=1)  # the first 24 are those of tracklet 0
    (low, high), (own_low, own_high) = (fit_tail(scores, p).interval(0.8) for p in (apart(300), pairs))
    assert own_high - own_low > 1.5 * (high - low)


def test_the_order_of_pairs_does_not_matter() -> None:
    scores, pairs = power(250, 0.5), apart(250)
    order = np.random.default_rng(1).permutation(250)
    assert fit_tail(scores, pairs).threshold(0.003) == pytest.approx(
        fit_tail(scores[order], pairs[order]).threshold(0.003), abs=2e-4
    )


@pytest.mark.parametrize(("score", "over"), [(0.7, 0.7), (1.0, 0.999)])
def test_where_all_look_alike_no_score_up_to_theirs_will_do(score: float, over: float) -> None:
    tail = fit_tail(np.full(200, score), apart(200))
    assert over <= tail.threshold(0.001) <= 1
    assert tail.rate(over) == pytest.approx(1)


def test_more_pairs_than_are_looked_at_give_the_same_answer() -> None:
    scores = power(60_000, 0.5)
    assert fit_tail(scores, apart(60_000) % 500).threshold(0.01) == pytest.approx(1 - 0.01**0.5, abs=0.01)


def test_scores_spread_as_others_stay_what_they_are() -> None:
    scores = power(200, 0.6)
    assert carried(scores, scores) == pytest.approx(scores, abs=1e-6)


def test_few_scores_or_equal_ones_are_carried_nowhere() -> None:
    scores = power(200, 0.6)
    assert (carried(scores, scores[:50] - 0.3) == scores).all()
    assert (carried(np.full(200, 0.5), scores) == 0.5).all()
    assert (carried(scores, np.full(200, 0.5)) == scores).all()


def test_carrying_over_keeps_the_order_and_takes_the_new_middle() -> None:
    scores, across = power(500, 0.6), power(500, 0.6, seed=1) * 0.5 - 0.1
    moved = carried(scores, across)
    assert (np.argsort(moved, kind="stable") == np.argsort(scores, kind="stable")).all()
    assert np.median(moved) == pytest.approx(np.median(across), abs=0.01)


def test_no_more_than_all_pairs_ever_reach_a_score() -> None:
    tail = fit_tail(power(120, 0.5), apart(120) % 30)  # few tracklets: resamples differ much
    for score in (-1.0, 0.0, 0.2, 0.9):
        assert tail.interval(score)[1] <= 1
        assert 0 <= tail.rate(score) <= 1

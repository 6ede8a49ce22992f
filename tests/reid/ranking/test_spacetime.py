from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.ranking.spacetime import (
    EntryTimes,
    TransitionTimes,
    binned,
    fit_transition_times,
    joint,
    normalised,
    smoothed,
)


def sightings(text: str) -> EntryTimes:
    """Sightings from `camera@moment` words."""
    pairs = [word.split("@") for word in text.split()]
    return EntryTimes(
        np.array([where for where, _ in pairs], np.str_), np.array([float(when) for _, when in pairs])
    )


def raw(cameras: str, shares: np.ndarray, width: float = 10) -> TransitionTimes:
    return TransitionTimes(tuple(cameras), shares, width)


def commute(bins: int = 100, sigma: float = 2) -> TransitionTimes:
    """Everyone goes from east to west in some 300 frames, never back."""
    rng = np.random.default_rng(0)
    start = rng.integers(0, 10_000, 50)
    seen = EntryTimes(
        np.repeat(["east", "west"], 50), np.concatenate([start, start + rng.integers(280, 320, 50)]) * 1.0
    )
    return fit_transition_times(
        seen, np.tile(np.arange(50), 2).astype(np.str_), width=10, bins=bins, sigma=sigma
    )


def test_the_plausible_of_two_who_look_alike_comes_first() -> None:
    cosines = np.full((1, 4), 0.5, np.float32)
    gallery = sightings("west@1300 west@1900 west@700 east@1300")
    scores = joint(cosines, commute(), query=sightings("east@1000"), gallery=gallery)[0]
    assert scores[0] > scores[1:].max()  # too late, the wrong way, the same camera
    floor = 1 / (1 + np.exp(-2.5)) / 3
    assert scores[1:] == pytest.approx(floor, abs=1e-6)


def test_the_score_by_hand() -> None:
    shares = np.zeros((2, 2, 3))
    shares[1, 0, 2] = 0.4  # later b, earlier a, gap of 20 to 30
    expected = 1 / (1 + np.exp(-5 * 0.6)) / (1 + 2 * np.exp(-5 * 0.4))
    for query, gallery in [("a@100", "b@125"), ("b@125", "a@100")]:
        score = joint(
            np.array([[0.6]], np.float32),
            raw("ab", shares),
            query=sightings(query),
            gallery=sightings(gallery),
        )
        assert score.item() == pytest.approx(expected, rel=1e-6)


def test_looks_still_decide_between_the_equally_plausible() -> None:
    cosines = np.array([[0.2, 0.9]], np.float32)
    scores = joint(cosines, commute(), query=sightings("east@0"), gallery=sightings("west@300 west@300"))[0]
    assert scores[1] > scores[0]


@pytest.mark.parametrize("stranger", ["aisle@1300", "north@1300", "zoo@1300"])
def test_a_camera_the_statistics_do_not_know_gets_the_floor(stranger: str) -> None:
    scores = joint(
        np.zeros((2, 1), np.float32),
        commute(),
        query=sightings(f"east@1000 {stranger}"),
        gallery=sightings(stranger),
    )
    assert scores.ravel().tolist() == pytest.approx([1 / 2 / 3] * 2)


@given(st.integers(0, 2**32 - 1))
def test_swapping_query_and_gallery_swaps_the_scores(seed: int) -> None:
    rng = np.random.default_rng(seed)
    statistics = raw("abc", normalised(rng.random((3, 3, 4))))
    a, b = (
        EntryTimes(rng.choice(list("abcd"), n), (rng.integers(0, 5, n) * 10).astype(np.float64))
        for n in (4, 6)
    )
    cosines = rng.random((4, 6), dtype=np.float32)
    there = joint(cosines, statistics, query=a, gallery=b)
    back = joint(np.ascontiguousarray(cosines.T), statistics, query=b, gallery=a)
    np.testing.assert_allclose(there, back.T, rtol=1e-6)


def test_an_identity_counts_once_a_pair_of_cameras_by_its_mean_moments() -> None:
    seen = sightings("a@0 a@20 b@35 c@30 a@0 b@1000")
    # ann: a at 10, b at 35, c at 30: gaps 25, 20 and (c before b) 5. bob: a to b beyond the last bin.
    statistics = fit_transition_times(seen, np.array(["ann"] * 4 + ["bob"] * 2), width=10, bins=4, sigma=0.01)
    expected = np.zeros((3, 3, 4))
    expected[1, 0, [2, 3]] = 0.5
    expected[2, 0, 2] = expected[1, 2, 0] = 1
    assert statistics.cameras == ("a", "b", "c")
    np.testing.assert_allclose(statistics.shares, expected, atol=1e-6)


def test_smoothing_is_a_weighted_mean_over_near_gaps() -> None:
    rng = np.random.default_rng(0)
    shares = np.zeros((2, 2, 40))
    shares[1, 0] = rng.random(40)
    slow = np.zeros(40)
    for gap in range(40):
        for near in range(40):
            if abs(gap - near) <= 6:
                slow[gap] += shares[1, 0, near] * np.exp(-((gap - near) ** 2) / 8) / (2 * np.sqrt(2 * np.pi))
    blurred = smoothed(raw("ab", shares), sigma=2).shares
    np.testing.assert_allclose(blurred[1, 0], slow / slow.sum(), rtol=1e-6)
    assert not blurred[0].any()
    assert not blurred[1, 1].any()


def test_gaps_fall_into_bins_and_the_longest_into_the_last() -> None:
    assert binned(np.array([0, 99.9, 100, 499, 500, 1e12]), 100, 5).tolist() == [0, 0, 1, 4, 4, 4]


def test_the_size_of_an_effect_is_what_the_paper_works_with() -> None:
    factors = joint(
        np.ones((1, 2), np.float32),
        commute(),
        query=sightings("east@0"),
        gallery=sightings("west@300 west@0"),
    )[0] * (1 + np.exp(-5))
    assert factors[1] == pytest.approx(1 / 3, abs=1e-6)
    assert 1 / 3 < factors[0] < 1


def test_nobody_seen_is_nothing_learnt() -> None:
    empty = fit_transition_times(sightings(""), np.empty(0, np.str_), bins=4)
    assert empty.shares.shape == (0, 0, 4)
    scores = joint(np.zeros((1, 1), np.float32), empty, query=sightings("a@0"), gallery=sightings("b@1"))
    assert scores.item() == pytest.approx(1 / 6)


def test_records_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(n,\) entries"):
        EntryTimes(np.array(["a"]), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="bins"):
        raw("abc", np.zeros((2, 2, 4)))

"""What the time between two tracklets says of their being one object."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.matching.travel.travel_times import (
    DOUBT,
    FEWEST,
    KERNEL,
    MOST,
    NO_PAIRS,
    WORTH,
    TravelStatistics,
    fit_labelled,
    fit_links,
    successive_visits,
    time_terms,
    why_no_travel_times,
)
from pipeline.results.travel_file import RunVisits

AB = ("person", "a", "b")
BA = ("person", "b", "a")


def visits(text: str, group: str = "person") -> RunVisits:
    """Visits from `camera:start-end` words; tracks count from 0 over all."""
    words = (word.split(":") for word in text.split())
    rows = sorted((camera, *(float(second) for second in span.split("-"))) for camera, span in words)
    cameras = np.array([row[0] for row in rows], np.str_)
    keys = [(str(row[0]), track) for track, row in enumerate(rows)]
    starts, ends = (np.array([row[k] for row in rows], np.float64) for k in (1, 2))
    return RunVisits(keys, cameras, np.full(len(rows), group), starts, ends, dict.fromkeys(keys))


def crowd(seed: int, n: int = 40) -> RunVisits:
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, 300, n).astype(np.float64)
    cameras = np.sort(rng.choice(list("abc"), n))
    keys = list(zip(cameras.tolist(), range(n), strict=True))
    groups = rng.choice(["person", "vehicle"], n)
    return RunVisits(keys, cameras, groups, starts, starts + rng.integers(1, 30, n), dict.fromkeys(keys))


def some_links(seed: int, n: int = 40, m: int = 300) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, n, (m, 2))


def walkers(count: int = 30, seconds: float = 40) -> RunVisits:
    """Somebody passes a every 20 s, and b 40 s later."""
    return visits(
        " ".join(
            f"a:{20 * k}-{20 * k + 5} b:{20 * k + 5 + seconds}-{20 * k + 9 + seconds}" for k in range(count)
        )
    )


def slow_term(
    seen: RunVisits, gaps: Mapping[tuple[str, str, str], tuple[float, ...]], i: int, j: int
) -> float:
    """The docstring's formula, pair by pair, with the same cells."""

    def place(first: int, other: int) -> tuple[str, str, int]:
        gap = seen.starts[other] - seen.ends[first]
        return str(seen.cameras[first]), str(seen.cameras[other]), cell(gap)

    def cell(gap: float) -> int:
        return round(math.asinh(gap / 10) / 0.12 * 4)

    def near(one: tuple[str, str, int], other: tuple[str, str, int]) -> float:
        far = one[2] - other[2] + len(KERNEL) // 2
        return float(KERNEL[far]) if one[:2] == other[:2] and 0 <= far < len(KERNEL) else 0.0

    def ordered(a: int, b: int) -> tuple[int, int]:
        return (a, b) if (seen.starts[a], a) <= (seen.starts[b], b) else (b, a)

    group, both = seen.groups[i], {seen.cameras[i], seen.cameras[j]}
    asked = place(*ordered(i, j))
    if len(both) < 2 or seen.groups[j] != group:
        return 0.0
    learnt = [
        (way[1], way[2], cell(gap))
        for way, own in gaps.items()
        for gap in own
        if {*way[1:]} == both and way[0] == group
    ]
    if len(learnt) < FEWEST:
        return 0.0
    own = [k for k in range(len(seen.keys)) if seen.groups[k] == group]
    any_two = [
        place(*ordered(a, b))
        for a in own
        for b in own
        if a < b and {seen.cameras[a], seen.cameras[b]} == both
    ]
    share = sum(near(asked, one) for one in any_two) / len(any_two)
    ratio = (sum(near(asked, one) for one in learnt) / share + DOUBT) / (len(learnt) + DOUBT)
    return min(max(WORTH * math.log(ratio), -MOST), MOST)


@pytest.mark.parametrize("seed", range(3))
def test_terms_are_those_of_the_plain_formula(seed: int) -> None:
    seen = crowd(seed)
    statistics = fit_links(seen, some_links(seed))
    terms = time_terms(seen, statistics)
    slow = [[slow_term(seen, statistics.gaps, i, j) for j in range(40)] for i in range(40)]
    np.testing.assert_allclose(terms, slow, atol=1e-6)
    assert np.abs(terms).max() > 0.01


@pytest.mark.parametrize("seed", range(5))
def test_a_link_is_never_scored_with_what_it_taught_itself(seed: int) -> None:
    seen, links = crowd(seed), np.unique(np.sort(some_links(seed), axis=1), axis=0)
    fast = time_terms(seen, fit_links(seen, links), fitted_on=links)
    assert (fast[tuple(links.T)] != time_terms(seen, fit_links(seen, links))[tuple(links.T)]).any()
    for row, (i, j) in enumerate(links.tolist()):
        without = time_terms(seen, fit_links(seen, np.delete(links, row, axis=0)))
        assert fast[i, j] == fast[j, i] == pytest.approx(without[i, j], abs=1e-6)


def test_a_likely_time_raises_and_an_unlikely_one_lowers() -> None:
    seen = walkers()
    statistics = fit_links(seen, np.stack([np.arange(30), np.arange(30, 60)], axis=1))
    terms = time_terms(seen, statistics)
    assert terms[0, 30] > 0.05  # 40 s
    assert terms[0, 35] < -0.05  # 140 s
    assert terms[10, 30] < -0.05  # b first: nobody goes that way


def test_without_statistics_every_score_stays_as_it_is() -> None:
    assert not time_terms(walkers(), TravelStatistics()).any()


@pytest.mark.parametrize(("gaps", "said"), [(FEWEST - 1, False), (FEWEST, True)])
def test_too_few_gaps_say_nothing(gaps: int, said: bool) -> None:
    assert time_terms(walkers(), TravelStatistics({AB: (40.0,) * gaps})).any() == said


def test_few_gaps_say_less_than_many() -> None:
    few, many = (time_terms(walkers(), TravelStatistics({AB: (40.0,) * count})) for count in (6, 60))
    assert 0 < few[0, 30] < many[0, 30] <= MOST
    assert 0 > few[10, 30] > many[10, 30] >= -MOST


def test_who_moves_like_any_two_says_next_to_nothing() -> None:
    """All 25 pairs of 5 and 5 tracklets are taken for links: their gaps are those of any two."""
    seen = visits(" ".join(f"a:{7 * k}-{7 * k + 3} b:{11 * k + 5}-{11 * k + 9}" for k in range(5)))
    every = np.array([(i, j) for i in range(5) for j in range(5, 10)])
    assert time_terms(seen, fit_links(seen, every)) == pytest.approx(np.zeros((10, 10)), abs=1e-6)


def test_people_say_nothing_of_vehicles_nor_cameras_of_others() -> None:
    statistics = TravelStatistics({("vehicle", "a", "b"): (40.0,) * 20, ("person", "a", "c"): (40.0,) * 20})
    assert not time_terms(walkers(), statistics).any()


@given(st.integers(0, 2**32 - 1))
def test_terms_are_symmetric_bounded_and_none_within_a_camera(seed: int) -> None:
    seen = crowd(seed)
    terms = time_terms(seen, fit_links(seen, some_links(seed)), fitted_on=some_links(seed))
    assert np.array_equal(terms, terms.T)
    assert np.abs(terms).max() <= np.float32(MOST)
    assert not terms[seen.cameras[:, None] == seen.cameras].any()


def test_the_same_gap_says_the_same_in_every_block_of_rows() -> None:
    terms = time_terms(walkers(600), TravelStatistics({AB: (38.0, 40.0, 41.0) * 3}))
    assert terms[0, 600] == terms[599, 1199] == terms[1199, 599] > 0


@pytest.mark.parametrize(
    ("seen", "gaps"),
    [
        pytest.param("a:0-10 b:50-60", {AB: (40,)}, id="there"),
        pytest.param("b:0-10 a:50-60", {BA: (40,)}, id="back"),
        pytest.param("a:0-10 b:5-15", {AB: (-5,)}, id="in-both-at-once"),
        pytest.param("a:0-10 b:0-15", {AB: (-10,)}, id="at-once-the-first-by-name"),
        pytest.param("a:0-1 b:11-12 a:32-33 b:63-64", {AB: (10, 30), BA: (20,)}, id="to-and-fro"),
        pytest.param("a:0-1 a:5-6 b:16-17", {AB: (10,)}, id="lost-and-found-counts-from-the-last"),
        pytest.param(
            "a:0-1 c:3-4 b:11-12",
            {AB: (10,), ("person", "a", "c"): (2,), ("person", "c", "b"): (7,)},
            id="a-camera-between-does-not-hide-the-way",
        ),
        pytest.param("a:0-1 a:5-6", {}, id="one-camera"),
    ],
)
def test_gaps_of_one_person(seen: str, gaps: dict[tuple[str, str, str], tuple[float, ...]]) -> None:
    own = visits(seen)
    assert fit_labelled(own, dict.fromkeys(own.keys, 7)).gaps == gaps


def test_only_visits_of_one_identity_are_paired() -> None:
    seen = visits("a:0-1 a:2-3 b:5-6 b:7-8")
    labels = {("a", 0): 1, ("a", 1): 2, ("b", 2): 2, ("b", 3): None}
    assert successive_visits(seen, labels).tolist() == [[1, 2]]
    assert len(successive_visits(seen, {})) == 0


def test_frame_rates_make_no_difference_beyond_a_frame() -> None:
    """The same walk at 25 and at 5 frames a second: the last sighting is up to 0.2 s earlier."""
    fine, coarse = (
        fit_links(visits(text), np.array([[0, 1]])) for text in ("a:0-9.96 b:50.04-60", "a:0-9.8 b:50.2-60")
    )
    assert fine.gaps[AB] == pytest.approx((40.08,))
    assert coarse.gaps[AB] == pytest.approx((40.4,))


def test_a_link_given_twice_counts_once_and_one_within_a_camera_not_at_all() -> None:
    seen = visits("a:0-1 a:5-6 b:11-12")
    assert fit_links(seen, np.array([[0, 2], [2, 0], [0, 1]])).gaps == {AB: (10,)}
    assert not fit_links(seen, NO_PAIRS).gaps


def test_an_hour_between_is_no_trouble() -> None:
    seen = walkers(seconds=3600)
    terms = time_terms(seen, TravelStatistics({AB: (3500.0, 3550.0, 3600.0, 3650.0, 3700.0)}))
    assert np.isfinite(terms).all()
    assert terms[0, 30] > 0


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ((True, True), None),
        ((True, False), "b are unknown"),
        ((False, False), "a, b are unknown"),
        ((False,), None),
    ],
)
def test_with_unknown_clocks_travel_times_stay_unused(known: tuple[bool, ...], said: str | None) -> None:
    cameras = CameraSet(
        tuple(
            Camera(name, Recording((Path(name),)), offset_known=k)
            for name, k in zip("ab", known, strict=False)
        )
    )
    why = why_no_travel_times(cameras)
    assert why is None if said is None else said in str(why)


@pytest.mark.parametrize(
    ("gaps", "settings"),
    [
        ({("person", "a", "a"): (1.0,)}, {}),
        ({AB: ()}, {}),
        ({AB: (math.nan,)}, {}),
        ({}, {"knee": 0.0}),
        ({}, {"width": 2.0}),
    ],
)
def test_statistics_that_make_no_sense_are_refused(
    gaps: dict[tuple[str, str, str], tuple[float, ...]], settings: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="expected"):
        TravelStatistics(gaps, **settings)

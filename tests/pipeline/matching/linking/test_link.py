"""Units, links across cameras, rivals and ambiguity, on scores written down by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.groups import partition
from pipeline.matching.linking.link import Link, Linking, link

CONFIG = MatchingConfig(threshold=Chosen(0.6), stitch_threshold=Chosen(0.75), margin=0.05)
FORBIDDEN = -np.inf


def linking(names: str, entries: dict[str, float], same: Sequence[str] = ()) -> Linking:
    """Link tracklets named like "a1 a2 b1", scores by pair as in "a1 b1"; all others score 0."""
    tracklets = names.split()
    scores = np.zeros((len(tracklets), len(tracklets)), np.float32)
    np.fill_diagonal(scores, FORBIDDEN)
    for pair, score in entries.items():
        a, b = (tracklets.index(name) for name in pair.split())
        scores[a, b] = scores[b, a] = score
    known = [(tracklets.index(pair.split()[0]), tracklets.index(pair.split()[1])) for pair in same]
    return link(scores, np.array([name[0] for name in tracklets]), CONFIG, same=known)


def objects(names: str, entries: dict[str, float], same: Sequence[str] = ()) -> list[str]:
    """The groups, each as its tracklets' names."""
    groups, tracklets = linking(names, entries, same).groups, names.split()
    return [
        " ".join(name for name, group in zip(tracklets, groups, strict=True) if group == wanted)
        for wanted in dict.fromkeys(groups.tolist())
    ]


def found(names: str, entries: dict[str, float], pair: str) -> Link:
    tracklets = names.split()
    wanted = {tracklets.index(name) for name in pair.split()}
    return next(one for one in linking(names, entries).links if set(one.pair) == wanted)


@pytest.mark.parametrize(
    ("names", "entries", "expected"),
    [
        pytest.param("a1", {}, ["a1"], id="alone"),
        pytest.param("a1 b1", {"a1 b1": 0.6}, ["a1 b1"], id="alike-enough"),
        pytest.param("a1 b1", {"a1 b1": 0.59}, ["a1", "b1"], id="not-alike-enough"),
        pytest.param("a1 a2", {"a1 a2": 0.75}, ["a1 a2"], id="fragments-of-one-camera"),
        pytest.param("a1 a2", {"a1 a2": 0.74}, ["a1", "a2"], id="one-camera-is-stricter"),
        pytest.param(
            "a1 a2 b1",
            {"a1 a2": 0.9, "a1 b1": 0.8, "a2 b1": 0.8},
            ["a1 a2 b1"],
            id="fragments-of-one-unit-do-not-compete",
        ),
        pytest.param("a1 a2 b1", {"a1 b1": 0.8, "a2 b1": 0.7}, ["a1 b1", "a2"], id="the-clearly-better-wins"),
        pytest.param("a1 a2 b1", {"a1 b1": 0.8, "a2 b1": 0.76}, ["a1", "a2", "b1"], id="too-close-to-call"),
        pytest.param(
            "a1 a2 b1",
            {"a1 b1": 0.62, "a2 b1": 0.58},
            ["a1", "a2", "b1"],
            id="a-rival-just-under-the-threshold-is-still-a-rival",
        ),
        pytest.param(
            "a1 a2 b1",
            {"a1 b1": 0.8, "a2 b1": FORBIDDEN},
            ["a1 b1", "a2"],
            id="who-cannot-be-it-is-no-rival",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.95, "a2 b1": 0.78, "a2 b2": 0.8},
            ["a1 b1", "a2 b2"],
            id="who-is-plainly-anothers-is-no-rival",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.82, "a2 b1": 0.78, "a2 b2": 0.8},
            ["a1 b1", "a2 b2"],
            id="a-rival-with-a-partner-of-its-own-would-lose-it",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.82, "a2 b1": 0.8, "a2 b2": 0.62},
            ["a1", "a2", "b1", "b2"],
            id="a-poor-partner-is-no-loss",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.83, "a2 b1": 0.82, "a1 b2": 0.7, "a2 b2": 0.8},
            ["a1 b1", "a2 b2"],
            id="twins-are-told-apart-by-both-pairs-together",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.9, "a2 b1": 0.85, "a1 b2": 0.73, "a2 b2": 0.7},
            ["a1", "a2", "b1", "b2"],
            id="pairs-that-could-as-well-be-exchanged-are-left-open",
        ),
        pytest.param(
            "a1 b1 c1",
            {"a1 b1": 0.9, "b1 c1": 0.8, "a1 c1": 0.5},
            ["a1 b1 c1"],
            id="three-cameras-hold-by-the-mean",
        ),
        pytest.param(
            "a1 b1 c1",
            {"a1 b1": 0.9, "b1 c1": 0.8, "a1 c1": FORBIDDEN},
            ["a1 b1", "c1"],
            id="three-cameras-forbidden-through-the-middle",
        ),
        pytest.param(
            "a1 b1 b2 c1",
            {"a1 b1": 0.9, "b2 c1": 0.9, "a1 c1": 0.7, "b1 c1": 0.6, "a1 b2": 0.6},
            ["a1 b1", "b2 c1"],
            id="two-units-of-one-camera-stay-apart",
        ),
        pytest.param(
            "a1 a2 b1 c1",
            {"a1 b1": 0.9, "a1 c1": 0.9, "b1 c1": 0.9, "a1 a2": 0.7, "a2 b1": 0.8, "a2 c1": 0.8},
            ["a1 a2 b1 c1"],
            id="a-return-that-the-other-cameras-show",
        ),
        pytest.param(
            "a1 a2 b1",
            {"a1 b1": 0.9, "a2 b1": 0.78, "a1 a2": 0.6},
            ["a1 a2 b1"],
            id="who-is-left-over-needs-half-way-to-whom-another-camera-shows",
        ),
        pytest.param(
            "a1 a2 b1",
            {"a1 b1": 0.9, "a2 b1": 0.74, "a1 a2": 0.6},
            ["a1 b1", "a2"],
            id="less-than-half-way-is-not",
        ),
        pytest.param(
            "a1 a2 b1",
            {"a1 b1": 0.9, "a2 b1": 0.3, "a1 a2": 0.74},
            ["a1 b1", "a2"],
            id="another-camera-may-speak-against-it",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.9, "a2 b2": 0.9, "a1 a2": 0.7, "b1 b2": 0.7, "a1 b2": 0.7, "a2 b1": 0.7},
            ["a1 b1", "a2 b2"],
            id="two-of-whom-nobody-is-left-over-stay-two",
        ),
        pytest.param(
            "a1 a2 a3 b1",
            {"a1 b1": 0.9, "a2 b1": 0.78, "a3 b1": 0.78, "a1 a2": 0.7, "a1 a3": 0.7, "a2 a3": 0.7},
            ["a1 a2 a3 b1"],
            id="two-pieces-left-over-join-the-same",
        ),
        pytest.param(
            "a1 a2 b1",
            {"a1 a2": 0.7, "a2 b1": 0.5},
            ["a1", "a2", "b1"],
            id="half-way-is-not-enough-where-no-other-camera-shows-them",
        ),
        pytest.param(
            "a1 b1 b2 c1",
            {"a1 c1": 0.9, "a1 b1": 0.8, "b1 c1": 0.8, "a1 b2": 0.78, "b2 c1": 0.78},
            ["a1 c1", "b1", "b2"],
            id="an-ambiguous-link-is-cut-and-the-rest-stands",
        ),
        pytest.param(
            "a1 a2 a3",
            {"a1 a2": 0.8, "a1 a3": 0.78, "a2 a3": FORBIDDEN},
            ["a1", "a2", "a3"],
            id="one-fragment-two-continuations",
        ),
        pytest.param(
            "a1 a2 a3",
            {"a1 a2": 0.76, "a1 a3": 0.74, "a2 a3": 0.74},
            ["a1 a2", "a3"],
            id="who-may-be-the-same-object-does-not-compete",
        ),
    ],
)
def test_objects(names: str, entries: dict[str, float], expected: list[str]) -> None:
    assert objects(names, entries) == expected


def test_an_ambiguous_link_names_its_rival_and_by_how_little_it_is_better() -> None:
    ambiguous = found("a1 a2 b1", {"a1 b1": 0.8, "a2 b1": 0.76}, "a1 b1")
    assert not ambiguous.accepted
    assert ambiguous.runner_up == 1
    assert ambiguous.margin == pytest.approx(0.04)


def test_a_clear_link_names_the_next_candidate_too() -> None:
    clear = found("a1 a2 b1 b2", {"a1 b1": 0.9, "a2 b2": 0.9, "a2 b1": 0.5}, "a1 b1")
    assert clear.accepted
    assert clear.runner_up == 1
    assert clear.margin == pytest.approx(0.9 + 0.9 - 0.5 - CONFIG.threshold.value)


def test_a_link_without_rivals_has_no_margin() -> None:
    assert found("a1 b1", {"a1 b1": 0.8}, "a1 b1").margin is None


def random_scores(cameras: NDArray[np.str_], seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    scores = rng.random((len(cameras), len(cameras))).astype(np.float32)
    scores[rng.random(scores.shape) < 0.2] = FORBIDDEN
    scores = np.minimum(scores, scores.T)
    np.fill_diagonal(scores, FORBIDDEN)
    return scores


@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_object_holds_a_forbidden_pair_whatever_the_scores(count: int) -> None:
    cameras = np.sort(np.array(list("abc"[:count]) * 5))
    eager = MatchingConfig(threshold=Chosen(0.3), stitch_threshold=Chosen(0.4), margin=0.0)
    linked = 0
    for seed in range(300):
        scores = random_scores(cameras, seed)
        groups = link(scores, cameras, eager).groups
        together = np.equal.outer(groups, groups) & ~np.eye(len(cameras), dtype=bool)
        assert np.isfinite(scores[together]).all()
        linked += int(together.any())
    assert linked > 200


@pytest.mark.parametrize("seed", range(50))
def test_two_cameras_and_an_empty_third_give_the_same_links(seed: int) -> None:
    """With a third camera that resembles nobody, linkage takes the place of the assignment."""
    rng = np.random.default_rng(seed)
    cameras = np.array(["a"] * 8 + ["b"] * 8)
    person = np.concatenate([rng.permutation(12)[:8], rng.permutation(12)[:8]])
    alike = np.equal.outer(person, person)
    scores = np.where(alike, rng.uniform(0.8, 1, alike.shape), rng.uniform(0, 0.5, alike.shape))
    scores = np.minimum(scores, scores.T).astype(np.float32)
    np.fill_diagonal(scores, FORBIDDEN)
    wider = np.full((17, 17), FORBIDDEN, np.float32)
    wider[:16, :16] = scores
    two = link(scores, cameras, CONFIG).groups
    three = link(wider, np.append(cameras, "c"), CONFIG).groups
    assert np.array_equal(np.equal.outer(two, two), np.equal.outer(three, three)[:16, :16])
    assert np.array_equal(np.equal.outer(two, two), alike)


def random_declarations(n: int, rng: np.random.Generator) -> tuple[list[tuple[int, int]], NDArray[np.bool_]]:
    """Some pairs that are the same, and which of all pairs may differ after that: a mask of those declared to."""
    same = [(int(min(pair)), int(max(pair))) for pair in rng.integers(n, size=(3, 2)) if pair[0] != pair[1]]
    known = partition(n, same)
    different = rng.random((n, n)) < 0.05
    return same, (different | different.T) & ~np.equal.outer(known, known)


def test_in_1000_random_sets_of_declarations_none_is_broken_and_order_does_not_matter() -> None:
    """Five cameras of three tracklets; scores and rules at random, the user's word against many of them."""
    cameras = np.repeat(list("abcde"), 3)
    eager = MatchingConfig(threshold=Chosen(0.3), stitch_threshold=Chosen(0.4), margin=0.0)
    inside = np.equal.outer(cameras, cameras)
    linked = overruled = 0
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        scores = random_scores(cameras, seed)
        same, different = random_declarations(len(cameras), rng)
        scores[different] = FORBIDDEN
        groups = link(scores, cameras, eager, same=same).groups
        known = partition(len(cameras), same)
        said = np.equal.outer(known, known)
        together = np.equal.outer(groups, groups)
        assert (together | ~said).all()
        assert np.isfinite(scores[together & ~said]).all()
        linked += int((together & ~said & ~inside).any())
        overruled += int(np.isneginf(scores[said & ~np.eye(15, dtype=bool)]).any())
        order = np.concatenate([low + rng.permutation(3) for low in range(0, 15, 3)])
        place = np.argsort(order)
        again = [(int(place[a]), int(place[b])) for a, b in reversed(same)]
        there = link(scores[np.ix_(order, order)], cameras, eager, same=again).groups
        assert np.array_equal(np.equal.outer(there, there), together[np.ix_(order, order)])
    assert linked > 900
    assert overruled > 400


@pytest.mark.parametrize(
    ("names", "entries", "same", "expected"),
    [
        pytest.param("a1 b1", {"a1 b1": -0.5}, ["a1 b1"], ["a1 b1"], id="however-unlike"),
        pytest.param("a1 b1", {"a1 b1": FORBIDDEN}, ["a1 b1"], ["a1 b1"], id="even-against-a-rule"),
        pytest.param(
            "a1 a2 b1", {"a2 b1": 0.9}, ["a1 b1"], ["a1 b1", "a2"], id="the-place-is-taken-in-that-camera"
        ),
        pytest.param(
            "a1 b1 c1 c2",
            {"a1 c1": 0.9, "b1 c1": 0.5, "a1 c2": 0.2, "b1 c2": 0.9},
            ["a1 b1"],
            ["a1 b1 c1", "c2"],
            id="both-together-are-compared-with-a-third",
        ),
        pytest.param(
            "a1 b1 c1",
            {"a1 c1": 0.9, "b1 c1": FORBIDDEN},
            ["a1 b1"],
            ["a1 b1", "c1"],
            id="who-cannot-be-the-one-cannot-be-the-other",
        ),
        pytest.param(
            "a1 a2 b1",
            {"a1 a2": 0.9, "a2 b1": 0.0},
            ["a1 b1"],
            ["a1 a2 b1"],
            id="fragments-are-still-joined-by-what-their-own-camera-saw",
        ),
        pytest.param(
            "a1 a2 b1 b2 c1",
            {"a1 a2": 0.9, "b1 b2": 0.85, "a2 b2": FORBIDDEN},
            ["a1 b1"],
            ["a1 a2 b1", "b2", "c1"],
            id="of-two-stitches-that-contradict-each-other-the-better-stands",
        ),
        pytest.param(
            "a1 b1 b2",
            {"a1 b1": 0.9, "a1 b2": 0.88, "b1 b2": FORBIDDEN},
            ["a1 b1"],
            ["a1 b1", "b2"],
            id="what-was-said-is-never-ambiguous",
        ),
        pytest.param(
            "a1 a2 b1 b2",
            {"a1 b1": 0.78, "a1 a2": 0.7, "a1 b2": 0.79},
            ["a2 b2"],
            ["a1 b1", "a2 b2"],
            id="who-has-a-place-in-both-cameras-is-nobodys-rival",
        ),
    ],
)
def test_what_was_said_holds(
    names: str, entries: dict[str, float], same: list[str], expected: list[str]
) -> None:
    assert objects(names, entries, same) == expected

"""Search: proposals follow from the trials so far, and from nothing else."""

from __future__ import annotations

import sys
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from reid.errors import RecipeError
from reid.experiments.search import (
    MIN_COMPLETE,
    RANGES,
    Range,
    Trial,
    check_installed,
    importances,
    propose,
    ranges_of,
    should_prune,
)
from reid.losses.loss_weights import LOSSES, LossWeights
from reid.recipes import Recipe

BETA, RANK = Range("losses.beta", 1e-6, 1.0), Range("losses.rank", 0.01, 3.0)
PAIR = (BETA, RANK)


@pytest.fixture(scope="module", autouse=True)
def quiet() -> None:
    check_installed()


def drawn(number: int) -> list[dict[str, float]]:
    """Settings spread evenly over both ranges."""
    random = np.random.default_rng(0)
    return [{span.name: float(random.uniform(span.low, span.high)) for span in PAIR} for _ in range(number)]


def complete(values: dict[str, float]) -> Trial:
    """A trial that is the better the nearer beta is to 0.8, whatever the rank loss counts."""
    return Trial(values, "complete", 1 - abs(values["losses.beta"] - 0.8))


def test_the_published_settings_lie_within_the_ranges() -> None:
    losses, recipe = LossWeights(), Recipe()
    for span in RANGES:
        home: object = losses if span.name.startswith("losses.") else recipe
        assert span.low <= getattr(home, span.name.removeprefix("losses.")) <= span.high


@pytest.mark.parametrize("seed", range(5))
def test_proposals_lie_within_the_ranges_and_repeat_with_the_seed(seed: int) -> None:
    earlier: list[Trial] = []
    for _ in range(15):  # by chance first, then led by the trials so far
        values = propose(earlier, RANGES, seed=seed)
        assert list(values) == [span.name for span in RANGES]
        assert all(span.low <= values[span.name] <= span.high for span in RANGES)
        assert values == propose(earlier, RANGES, seed=seed)
        earlier.append(Trial(values, "complete", 0.5))
    assert len({trial.values["losses.beta"] for trial in earlier}) == 15  # no trial twice
    assert propose(earlier, RANGES, seed=seed) != propose(earlier, RANGES, seed=seed + 1)


def test_what_did_well_is_tried_more_often_than_by_chance() -> None:
    earlier = [complete(values) for values in drawn(30)]
    proposed = [propose(earlier, PAIR, seed=seed)["losses.beta"] for seed in range(20)]
    assert fmean(abs(beta - 0.8) for beta in proposed) < 0.1  # by chance: 0.34


@pytest.mark.parametrize("outcome", ["pruned", "failed"])
def test_trials_without_an_end_are_no_obstacle(outcome: str) -> None:
    trials = [Trial(values, outcome) for values in drawn(12)]  # type: ignore[arg-type]
    assert set(propose(trials, PAIR, seed=0)) == {"losses.beta", "losses.rank"}


OTHERS = [
    Trial(values, "complete", 0.9, {9: level, 19: 0.9})
    for values, level in zip(drawn(5), (0.1, 0.2, 0.3, 0.4, 0.5), strict=True)
]
"""Their median after epoch 9 is 0.3."""


@pytest.mark.parametrize(
    ("validations", "others", "warm_up", "hopeless"),
    [
        pytest.param({9: 0.29}, OTHERS, 0, True, id="below-the-median"),
        pytest.param({9: 0.31}, OTHERS, 0, False, id="above-it"),
        pytest.param({4: 0.5, 9: 0.2}, OTHERS, 0, False, id="its-best-counts"),
        pytest.param({9: 0.29}, OTHERS, 10, False, id="while-the-rate-rises"),
        pytest.param({9: 0.29}, OTHERS[:4], 0, False, id="too-few-to-compare-with"),
        pytest.param({}, OTHERS, 0, False, id="not-seen-yet"),
        pytest.param({8: 0.0}, OTHERS, 0, False, id="others-not-seen-at-this-epoch"),
    ],
)
def test_a_trial_is_hopeless_below_the_median_of_five_others(
    validations: dict[int, float], others: list[Trial], warm_up: int, hopeless: bool
) -> None:
    trial = Trial(drawn(1)[0], validations=validations)
    assert should_prune(trial, others, PAIR, warm_up=warm_up) is hopeless


def test_what_decides_is_what_mattered() -> None:
    shares = importances([complete(values) for values in drawn(60)], PAIR)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["losses.beta"] > 0.8


def test_nothing_is_said_to_matter_before_enough_is_known() -> None:
    trials = [complete(values) for values in drawn(MIN_COMPLETE)]
    assert importances(trials, PAIR)
    assert importances([*trials[:-1], Trial(drawn(1)[0], "failed")], PAIR) == {}
    assert importances([replace(trial, value=0.5) for trial in trials], PAIR) == {}  # all alike


@pytest.mark.parametrize(
    ("recipe", "left"),
    [
        pytest.param(Recipe(), set(), id="paper"),
        pytest.param(Recipe(epochs=40), {"decay"}, id="it-ends-before-the-rate-falls"),
        pytest.param(Recipe(epochs=41), set(), id="it-falls-for-one-epoch"),
        pytest.param(Recipe(without=("rank",)), {"losses.rank"}, id="one-loss-less"),
        pytest.param(Recipe(without=("center", "identity")), set(), id="losses-whose-weight-is-not-searched"),
        pytest.param(
            Recipe(without=("osm",)),
            {"losses.osm_alpha", "losses.osm_sigma", "losses.osm_balance"},
            id="beta-still-weighs-the-triplet-loss",
        ),
        pytest.param(
            Recipe(without=tuple(loss for loss in LOSSES if loss != "rank")),
            {span.name for span in RANGES} - {"weight_decay", "decay", "losses.rank"},
            id="one-loss-alone",
        ),
    ],
)
def test_what_decides_nothing_is_not_searched_for(recipe: Recipe, left: set[str]) -> None:
    assert {span.name for span in RANGES} - {span.name for span in ranges_of(recipe)} == left


def test_a_missing_optuna_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(RecipeError, match=r"reid-pipeline\[train\]"):
        check_installed()

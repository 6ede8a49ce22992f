"""The scenes that calibration is measured on."""

from __future__ import annotations

import numpy as np

from benchmarks.calibration import GIVEN, RATES, format_row, run_trials, simulate_scene


def test_a_scene_is_its_seed_and_its_known_pairs_are_two_people() -> None:
    one, again, other = (simulate_scene(seed, "medium", 12) for seed in (1, 1, 2))
    assert (one.gallery.means == again.gallery.means).all()
    assert not np.array_equal(one.gallery.means[:5], other.gallery.means[:5])
    a, b = one.known.different.T
    assert (one.identities[a] != one.identities[b]).all()
    assert (one.gallery.cameras[a] == one.gallery.cameras[b]).all()


def test_true_rates_are_counted_at_every_rate_and_at_the_given_threshold() -> None:
    trials = run_trials(simulate_scene(0, "easy", 24))
    assert list(trials) == [*RATES, None]
    assert trials[None].threshold == GIVEN[0].value
    true = [trials[rate].true for rate in RATES]
    assert true == sorted(true, reverse=True)
    assert all(trial.right <= trial.possible for trial in trials.values())
    assert f"{true[0]:.3%}" in format_row(RATES[0], [trials[RATES[0]]])

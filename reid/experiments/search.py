"""Choice of the next trial of a search; the only file that uses Optuna.

Every choice depends on the trials so far and nothing else, so a search that was killed resumes with the same trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Literal

import numpy as np

from reid.errors import RecipeError
from reid.losses.loss_weights import LossWeights
from reid.recipes import VARIANCE, Recipe

if TYPE_CHECKING:
    import optuna

Outcome = Literal["running", "complete", "pruned", "failed"]
MIN_COMPLETE, TOP = 20, 0.25
"""Number of complete trials that importances need, and the share of them that counts as good."""
EQUATION_11 = LossWeights().variance / VARIANCE
"""Factor from the authors' weight of the variance loss to that of equation 11."""


@dataclass(frozen=True)
class Range:
    """The range in which a setting of a recipe is searched."""

    name: str
    """Name in the recipe, with dots."""
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    losses: tuple[str, ...] = ()
    """Losses that use the setting; empty if it is always used."""

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high:
            raise ValueError(f"{self.name}: expected 0 < low < high, got {self.low} and {self.high}")


RANGES = (
    Range("weight_decay", 1e-6, 1.0, "log"),
    Range("decay", 1e-6, 1.0),
    Range("losses.triplet_margin", 1e-6, 1.0, "log", losses=("triplet",)),
    Range("losses.beta", 1e-6, 1.0, losses=("triplet", "osm")),
    Range("losses.osm_alpha", 0.5, 3.0, losses=("osm",)),
    Range("losses.osm_sigma", 0.1, 1.0, losses=("osm",)),
    Range("losses.osm_balance", 0.1, 1.0, losses=("osm",)),
    Range("losses.variance", 1e-6 * EQUATION_11, 1e-2 * EQUATION_11, "log", losses=("variance",)),
    Range("losses.rank", 0.01, 3.0, losses=("rank",)),
    Range("losses.consistency", 0.01, 3.0, losses=("consistency",)),
)
"""The ranges of the authors' code. Their code has a logarithmic scale for the margin only; here all settings for which
only small values make sense have one."""


@dataclass(frozen=True)
class Trial:
    """A training of a search."""

    values: dict[str, float]
    """Settings by the name of their range."""
    outcome: Outcome = "running"
    value: float | None = None
    """Best mAP on the held-out identities, in [0, 1]; None unless the trial is complete."""
    validations: dict[int, float] = field(default_factory=dict)
    """mAP on the held-out identities by epoch, for the epochs reached."""

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.outcome == "complete"):
            raise ValueError(f"a trial has a value when it is complete, not {self.outcome} with {self.value}")

    @property
    def reached(self) -> float:
        """Best mAP so far; nan without a validation."""
        return max(self.validations.values(), default=nan) if self.value is None else self.value


def ranges_of(recipe: Recipe) -> tuple[Range, ...]:
    """Return the ranges of the settings that have an effect under a recipe.

    >>> [span.name for span in ranges_of(Recipe(epochs=10, without=("osm", "rank", "variance")))]
    ['weight_decay', 'losses.triplet_margin', 'losses.beta', 'losses.consistency']
    """
    has_decay = any(milestone < recipe.epochs for milestone in recipe.milestones)
    ranges = []
    for span in RANGES:
        uses_loss = not span.losses or set(span.losses) - set(recipe.without)
        if uses_loss and (has_decay or span.name != "decay"):
            ranges.append(span)
    return tuple(ranges)


def propose(earlier: Sequence[Trial], ranges: Sequence[Range], *, seed: int) -> dict[str, float]:
    """Return the settings of the next trial, chosen by a tree-structured Parzen estimator (Bergstra et al., 2011).

    None of the earlier trials is running. The search's seed gives each trial its own random numbers.
    """
    study = _study(earlier, ranges, seed)
    settings = study.ask(_distributions(ranges)).params
    return {span.name: float(settings[span.name]) for span in ranges}


def should_prune(trial: Trial, earlier: Sequence[Trial], ranges: Sequence[Range], *, warm_up: int) -> bool:
    """Return whether the best mAP of a running trial is below the median of the earlier ones at the same epoch.

    Nothing is pruned until five earlier trials are complete, nor in the first `warm_up` epochs.
    """
    import optuna

    pruner = optuna.pruners.MedianPruner(n_warmup_steps=warm_up)
    return bool(pruner.prune(_study(earlier, ranges, 0), _frozen(trial, ranges)))


def importances(trials: Sequence[Trial], ranges: Sequence[Range]) -> dict[str, float]:
    """Return the importance of each setting for good trials (PED-ANOVA, Watanabe et al., 2023).

    Importances are shares of 1. The result is empty while fewer than `MIN_COMPLETE` trials are complete or
    all have the same mAP.
    """
    import optuna

    complete = [trial for trial in trials if trial.outcome == "complete"]
    if len(complete) < MIN_COMPLETE or len({trial.value for trial in complete}) == 1:
        return {}
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=TOP)
    return optuna.importance.get_param_importances(_study(complete, ranges, 0), evaluator=evaluator)


def check_installed() -> None:
    """Raise RecipeError if Optuna is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise RecipeError("Optuna is not installed; install reid-pipeline[train]") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # the command prints the trials itself


def _study(earlier: Sequence[Trial], ranges: Sequence[Range], seed: int) -> optuna.Study:
    """Return an Optuna study with all earlier trials."""
    import optuna

    trial_seed = int(np.random.SeedSequence([seed, len(earlier)]).generate_state(1)[0])
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=trial_seed))
    study.add_trials([_frozen(trial, ranges) for trial in earlier])
    return study


def _frozen(trial: Trial, ranges: Sequence[Range]) -> optuna.trial.FrozenTrial:
    from optuna.trial import TrialState, create_trial

    states = {
        "running": TrialState.RUNNING,
        "complete": TrialState.COMPLETE,
        "pruned": TrialState.PRUNED,
        "failed": TrialState.FAIL,
    }
    return create_trial(
        state=states[trial.outcome],
        value=trial.value,
        params=trial.values,
        distributions=_distributions(ranges),
        intermediate_values=trial.validations,
    )


def _distributions(ranges: Sequence[Range]) -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna.distributions import FloatDistribution

    return {span.name: FloatDistribution(span.low, span.high, log=span.scale == "log") for span in ranges}

"""Search: which loss weights shall be tried next? The only file that knows Optuna.

All of it is a function of the trials so far, so that a search that was killed goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Literal

import numpy as np

from reid.errors import RecipeError
from reid.losses.weights import LossWeights
from reid.recipes import VARIANCE, Recipe

if TYPE_CHECKING:
    import optuna

Outcome = Literal["running", "complete", "pruned", "failed"]
ENOUGH, TOP = 20, 0.25
"""Complete trials from which on it is said what mattered, and the share of them that counts as good: five."""
EQUATION_11 = LossWeights().variance / VARIANCE
"""What the authors' weight of the variance is worth in equation 11."""


@dataclass(frozen=True)
class Range:
    """Where a setting of a recipe is searched for."""

    name: str
    """In the recipe, with dots."""
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    losses: tuple[str, ...] = ()
    """Losses of which one at least must count for the setting to mean anything; empty: it always does."""

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
"""Those of the authors' code. It says of the margin alone that small values shall be tried as often as large ones; so
are they here where only small ones make sense."""


@dataclass(frozen=True)
class Trial:
    """One training of a search."""

    values: dict[str, float]
    """By the name of their range."""
    outcome: Outcome = "running"
    value: float | None = None
    """Best mAP on the identities held out, in [0, 1]; None unless complete."""
    validations: dict[int, float] = field(default_factory=dict)
    """The same mAP by epoch, as far as the training came."""

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.outcome == "complete"):
            raise ValueError(f"a trial has a value when it is complete, not {self.outcome} with {self.value}")

    @property
    def reached(self) -> float:
        """The best it ever showed; nan if nothing."""
        return max(self.validations.values(), default=nan) if self.value is None else self.value


def ranges_of(recipe: Recipe) -> tuple[Range, ...]:
    """List what is worth searching for: settings that decide anything under a recipe.

    >>> [span.name for span in ranges_of(Recipe(epochs=10, without=("osm", "rank", "variance")))]
    ['weight_decay', 'losses.triplet_margin', 'losses.beta', 'losses.consistency']
    """
    decays = any(start < recipe.epochs for start in recipe.milestones)
    return tuple(
        span
        for span in RANGES
        if (not span.losses or set(span.losses) - set(recipe.without)) and (decays or span.name != "decay")
    )


def propose(earlier: Sequence[Trial], ranges: Sequence[Range], *, seed: int) -> dict[str, float]:
    """Choose the settings of the next trial, by a tree-structured Parzen estimator (Bergstra et al., 2011).

    Args:
        earlier: all trials before it, none of them running.
        ranges: what is searched for.
        seed: of the search; each trial draws on randomness of its own.
    """
    study = _study(earlier, ranges, seed)
    settings = study.ask(_distributions(ranges)).params
    return {span.name: float(settings[span.name]) for span in ranges}


def is_hopeless(trial: Trial, earlier: Sequence[Trial], ranges: Sequence[Range], *, warm_up: int) -> bool:
    """Tell whether the best that a running trial showed is below the median of others at the same epoch.

    Args:
        trial: the one that is running.
        earlier: those before it; nothing is hopeless before five of them are complete.
        ranges: what is searched for.
        warm_up: epochs in which nothing is hopeless yet.
    """
    import optuna

    pruner = optuna.pruners.MedianPruner(n_warmup_steps=warm_up)
    return bool(pruner.prune(_study(earlier, ranges, 0), _frozen(trial, ranges)))


def importances(trials: Sequence[Trial], ranges: Sequence[Range]) -> dict[str, float]:
    """Weigh how much each setting had to do with good trials (PED-ANOVA, Watanabe et al., 2023).

    Returns:
        Shares of 1 by name; empty as long as too few trials are complete to say.
    """
    import optuna

    complete = [trial for trial in trials if trial.outcome == "complete"]
    if len(complete) < ENOUGH or len({trial.value for trial in complete}) == 1:
        return {}
    judge = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=TOP)
    return optuna.importance.get_param_importances(_study(complete, ranges, 0), evaluator=judge)


def check_installed() -> None:
    """Make sure of Optuna before anything is trained.

    Raises:
        RecipeError: it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise RecipeError("Optuna, which searches, is not installed; install reid-pipeline[train]") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # we tell the operator ourselves


def _study(earlier: Sequence[Trial], ranges: Sequence[Range], seed: int) -> optuna.Study:
    """Tell Optuna about all trials so far."""
    import optuna

    own = int(np.random.SeedSequence([seed, len(earlier)]).generate_state(1)[0])
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=own))
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

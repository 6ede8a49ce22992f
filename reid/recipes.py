"""Recipes: every setting that decides the outcome of a training, with the paper's values for each data set."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from reid.errors import RecipeError
from reid.losses.loss_weights import LOSSES, LossWeights, Margins, with_margins

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

VARIANCE = 6.818137374953562e-4
"""Weight of the variance loss in the authors' code."""
Preset = Literal["paper", "repo"]
"""Batches as the paper describes them, or as its code makes them."""
Kind = Literal["video", "image"]
Record = TypeVar("Record")


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; the defaults are those of Pathak, "Fine-Grained Re-Identification" (2020), on MARS."""

    identities: int = 32
    """Identities per batch (P)."""
    clips: int = 5
    """Clips per identity (K)."""
    clip_length: int = 4
    """Frames per clip (t); 1 for single images."""
    size: tuple[int, int] = (256, 150)
    """Height and width of the frames, in pixels."""
    epochs: int = 120
    """Passes over the training identities; each pass uses every identity once."""
    rate: float = 3.5e-4
    """Learning rate of Adam after the warm-up."""
    weight_decay: float = 5e-4
    warm_up: int = 10
    """Epochs in which the learning rate rises from a hundredth of `rate`."""
    milestones: tuple[int, ...] = (40, 70)
    """Epochs from which the learning rate is multiplied by `decay`."""
    decay: float = 0.4972545632405633
    jitter: float = 0.0
    """Strength of the random changes of colour, scale and sharpness per clip, from 0 (none, as in the paper) to 2."""
    parts: float = 0.0
    """Share of the clips cropped to a part of the person, as if partly hidden; 0 as in the paper."""
    neighbours: int = 0
    """Identities of the most similar colours added to the batch with each identity; 0 as in the paper."""
    accumulate: int = 1
    """Parts of a batch computed one after the other; losses compare clips within a part only."""
    validation: float = 0.1
    """Share of the training identities held out to choose the best epoch; 0 keeps the last epoch."""
    validate_every: int = 10
    """Epochs between validations; the last epoch is always validated."""
    seed: int = 1
    without: tuple[str, ...] = ()
    """Losses that are left out."""
    losses: LossWeights = field(default_factory=LossWeights)

    def __post_init__(self) -> None:
        _check_range(self, 1, 10_000, "clips", "clip_length", "accumulate")
        _check_range(self, 1, 1_000_000, "epochs", "validate_every")
        _check_range(self, 0, 1, "rate", "weight_decay", "decay", "parts")
        _check_range(self, 0, 2, "jitter")
        _check_range(self, 0, 63, "neighbours")
        _check_range(self, 0, 2**32 - 1, "warm_up", "seed")
        _check_range(self, 2, 100_000, "identities")
        if len(self.size) != 2 or min(self.size) < 32 or max(self.size) > 4096:
            raise RecipeError(f"size is {list(self.size)}; give height and width, 32 to 4096 pixels each")
        if any(epoch < 0 for epoch in self.milestones):
            raise RecipeError(f"milestones are {list(self.milestones)}; give epochs from 0")
        if not 0 <= self.validation < 1:
            raise RecipeError(f"validation is {self.validation:g}; give a share from 0 to below 1")
        if self.identities % self.accumulate or self.identities // self.accumulate < 2:
            raise RecipeError(
                f"{self.identities} identities per batch cannot be divided into {self.accumulate} equal parts of "
                "at least 2; change identities or accumulate"
            )
        for name in self.without:
            if name not in LOSSES:
                raise RecipeError(f"there is no loss {name!r} to leave out; losses are {', '.join(LOSSES)}")
        if len(set(self.without)) == len(LOSSES):
            raise RecipeError("all losses are left out; keep at least one")

    def rate_at(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0.

        >>> [f"{Recipe().rate_at(epoch):.4e}" for epoch in (0, 5, 10, 40, 70)]
        ['3.5000e-06', '1.7675e-04', '3.5000e-04', '1.7404e-04', '8.6542e-05']
        """
        warmth = 0.01 + 0.99 * epoch / self.warm_up if epoch < self.warm_up else 1.0
        return self.rate * warmth * float(self.decay ** sum(epoch >= start for start in self.milestones))


def recipe_for(dataset: str, kind: Kind, preset: Preset = "paper") -> Recipe:
    """Return the settings for a data set of the catalogue.

    The paper describes batches of P x K = 32 x 5 clips (28 x 5 for iLIDS-VID) and 32 x 4 images. Its code makes batches
    of 32 (28) clips with K = 4.
    """
    if kind == "image":
        size = (150, 250) if dataset == "veri-776" else Recipe.size
        return Recipe(identities=32, clips=4, clip_length=1, size=size)
    is_ilids = dataset == "ilids-vid"
    if preset == "repo":
        p, k, t = 7 if is_ilids else 8, 4, 5
    else:
        p, k, t = (28, 5, 5) if is_ilids else (32, 5, 4)
    # The authors' code divides equation 11 by (t - 1) * P * K // t instead of by K.
    variance = VARIANCE * k / ((t - 1) * p * k // t)
    return Recipe(
        identities=p,
        clips=k,
        clip_length=t,
        size=(220, 150) if is_ilids else Recipe.size,
        losses=LossWeights(variance=variance),
    )


def read_recipe(path: Path, base: Recipe) -> Recipe:
    """Return a recipe changed by a TOML file of its fields; those of the losses are in a table `[losses]`.

    Raises:
        RecipeError: the file cannot be read, or a key or value in it is invalid.
    """
    is_name = str(path) == path.stem
    if is_name and not path.exists():
        near = get_close_matches(path.name, get_args(Preset), n=1, cutoff=0)[0]
        raise RecipeError(
            f"there is no recipe {path.name!r}; did you mean {near!r}? Recipes are {', '.join(get_args(Preset))}, or a "
            "TOML file of settings"
        )
    try:
        changes = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"{path}: cannot read this recipe ({error}); give a TOML file") from error
    return _changed(base, changes, str(path))


def change_setting(base: Recipe, setting: str) -> Recipe:
    """Return a recipe with one field changed by NAME=VALUE.

    The value is TOML, except that a single word needs no quotes.

    >>> change_setting(Recipe(), "losses.beta = 0.5").losses.beta
    0.5
    >>> change_setting(Recipe(), "without=rank").without
    ('rank',)

    Raises:
        RecipeError: the setting is invalid.
    """
    name, _, value = setting.partition("=")
    is_word = value.strip().isidentifier() and value.strip() not in ("true", "false", "inf", "nan")
    try:
        changes = tomllib.loads(f'{name}="{value.strip()}"' if is_word else setting)
        if len(changes) != 1 or "\n" in setting:
            raise ValueError("expected one setting")
    except (ValueError, RecursionError) as error:
        raise RecipeError(
            f"{setting!r} is not NAME=VALUE; write for example epochs=60 or size=[250,150]"
        ) from error
    return _changed(base, changes, setting)


def _changed(record: Record, changes: Mapping[str, object], source: str) -> Record:
    """Return a record with fields replaced; refuse unknown names and values of another type."""
    assert is_dataclass(record) and not isinstance(record, type)
    names = [entry.name for entry in fields(record)]
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0)[0]
            raise RecipeError(f"{source}: there is no setting {name!r}; did you mean {near!r}?")
        values[name] = _converted(getattr(record, name), value, name, source)
    return replace(record, **values)


def _changed_losses(losses: LossWeights, changes: Mapping[str, object], source: str) -> LossWeights:
    """Return loss weights with fields replaced; the key `margins` names published margins, which are set first."""
    margins = changes.get("margins", "")
    if "margins" in changes and margins not in get_args(Margins):
        names = " or ".join(map(repr, get_args(Margins)))
        raise RecipeError(f"{source}: margins is {margins!r}; give {names}")
    base = with_margins(losses, margins) if margins else losses  # type: ignore[arg-type]  # checked above
    return _changed(base, {name: value for name, value in changes.items() if name != "margins"}, source)


def _converted(old: object, value: object, name: str, source: str) -> object:
    """Return a TOML value in the type of the value it replaces."""
    if isinstance(old, LossWeights) and isinstance(value, Mapping):
        return _changed_losses(old, value, source)
    if isinstance(old, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if name == "without" and isinstance(value, str):
        return (value,)
    if isinstance(old, tuple) and isinstance(value, list):
        item_type = str if name == "without" else int
        if all(isinstance(item, item_type) for item in value):
            return tuple(value)
    if type(value) is type(old):
        return value
    example = "a table" if is_dataclass(old) else repr(list(old) if isinstance(old, tuple) else old)
    raise RecipeError(f"{source}: {name} is {value!r}, but it should be like {example}")


def _check_range(recipe: Recipe, low: float, high: float, *names: str) -> None:
    for name in names:
        value = getattr(recipe, name)
        if not low <= value <= high:
            raise RecipeError(f"{name} is {value:g}; give a number from {low:g} to {high:g}")

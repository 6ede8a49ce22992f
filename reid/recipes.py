"""Recipes: everything that decides what a training comes to, with the paper's settings a data set."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from reid.errors import RecipeError
from reid.losses.weights import LOSSES, LossWeights

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

VARIANCE = 6.818137374953562e-4
"""Weight of the variance loss in the authors' code."""
Preset = Literal["paper", "repo"]
"""The batches that the paper describes, or those that its code makes."""
Kind = Literal["video", "image"]
Record = TypeVar("Record")


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; by default as Pathak, "Fine-Grained Re-Identification" (2020), does on MARS."""

    identities: int = 32
    """Identities a batch (P)."""
    clips: int = 5
    """Clips an identity (K)."""
    clip_length: int = 4
    """Frames a clip (t); 1 for single images."""
    size: tuple[int, int] = (256, 150)
    """Height and width of the frames, in pixels."""
    epochs: int = 120
    """Passes in which every identity is seen once."""
    rate: float = 3.5e-4
    """Learning rate of Adam once it is warm."""
    weight_decay: float = 5e-4
    warm_up: int = 10
    """Epochs in which the rate rises from a hundredth."""
    milestones: tuple[int, ...] = (40, 70)
    """Epochs from which on the rate is multiplied by `decay`."""
    decay: float = 0.4972545632405633
    jitter: float = 0.0
    """How strongly colours, size and sharpness vary from clip to clip; 0, as in the paper, not at all; 1 much."""
    parts: float = 0.0
    """Share of the clips of which training sees a part only, as where somebody is half hidden; 0, as in the paper."""
    neighbours: int = 0
    """Identities of the most alike colours that come with each into its batch; 0, as in the paper, none by intent."""
    accumulate: int = 1
    """Parts of a batch computed one after the other; each part's losses see its own identities only."""
    validation: float = 0.1
    """Share of the training identities held out to choose the best epoch by; 0 keeps the last."""
    validate_every: int = 10
    """Epochs between validations; the last epoch is always validated."""
    seed: int = 1
    without: tuple[str, ...] = ()
    """Losses left out."""
    losses: LossWeights = field(default_factory=LossWeights)

    def __post_init__(self) -> None:
        _within(1, 10_000, self, "clips", "clip_length", "accumulate")
        _within(1, 1_000_000, self, "epochs", "validate_every")
        _within(0, 1, self, "rate", "weight_decay", "decay", "parts")
        _within(0, 2, self, "jitter")
        _within(0, 63, self, "neighbours")
        _within(0, 2**32 - 1, self, "warm_up", "seed")
        _within(2, 100_000, self, "identities")
        if len(self.size) != 2 or min(self.size) < 32 or max(self.size) > 4096:
            raise RecipeError(f"size is {list(self.size)}; give height and width, 32 to 4096 pixels each")
        if any(epoch < 0 for epoch in self.milestones):
            raise RecipeError(f"milestones are {list(self.milestones)}; give epochs from 0")
        if not 0 <= self.validation < 1:
            raise RecipeError(f"validation is {self.validation:g}; give a share from 0 to below 1")
        if self.identities % self.accumulate or self.identities // self.accumulate < 2:
            raise RecipeError(
                f"{self.identities} identities a batch cannot be computed in {self.accumulate} equal parts of "
                "at least 2; change identities or accumulate"
            )
        for name in self.without:
            if name not in LOSSES:
                raise RecipeError(f"there is no loss {name!r} to leave out; losses are {', '.join(LOSSES)}")
        if len(set(self.without)) == len(LOSSES):
            raise RecipeError("all losses are left out; keep one")

    def rate_at(self, epoch: int) -> float:
        """Give the learning rate of an epoch, counted from 0.

        >>> [f"{Recipe().rate_at(epoch):.4e}" for epoch in (0, 5, 10, 40, 70)]
        ['3.5000e-06', '1.7675e-04', '3.5000e-04', '1.7404e-04', '8.6542e-05']
        """
        warmth = 0.01 + 0.99 * epoch / self.warm_up if epoch < self.warm_up else 1.0
        return self.rate * warmth * float(self.decay ** sum(epoch >= start for start in self.milestones))


def recipe_for(dataset: str, kind: Kind, preset: Preset = "paper") -> Recipe:
    """Give the settings for a data set of the catalogue.

    The paper writes batches of P x K = 32 x 5 clips (28 x 5 for iLIDS-VID) and 32 x 4 images. Its code takes
    32 (28) clips in all, with K = 4.
    """
    if kind == "image":
        size = (150, 250) if dataset == "veri-776" else Recipe.size
        return Recipe(identities=32, clips=4, clip_length=1, size=size)
    ilids = dataset == "ilids-vid"
    repo = preset == "repo"
    p, k = (7 if ilids else 8, 4) if repo else (28 if ilids else 32, 5)
    t = 5 if repo or ilids else 4
    losses = replace(LossWeights(), variance=_variance(p, k, t))
    return Recipe(p, k, t, (220, 150) if ilids else Recipe.size, losses=losses)


def _variance(p: int, k: int, t: int) -> float:
    """Weigh equation 11 as the authors' code does, which divides by (t - 1) * P * K // t instead of by K."""
    return VARIANCE * k / ((t - 1) * p * k // t)


def read(path: Path, base: Recipe) -> Recipe:
    """Change a recipe by a TOML file of its fields; those of the losses stand in a table `[losses]`.

    Raises:
        RecipeError: the file cannot be read, or a key or value makes no sense.
    """
    if str(path) == path.stem and not path.exists():  # a name rather than a file
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


def change(base: Recipe, setting: str) -> Recipe:
    """Change one field of a recipe by a line of TOML.

    >>> change(Recipe(), "losses.beta = 0.5").losses.beta
    0.5

    Raises:
        RecipeError: it makes no sense.
    """
    try:
        wanted = tomllib.loads(setting)
        if len(wanted) != 1 or "\n" in setting:
            raise ValueError("one setting is wanted")
    except (ValueError, RecursionError) as error:
        raise RecipeError(
            f"{setting!r} is not NAME=VALUE; write for example epochs=60 or size=[250,150]"
        ) from error
    return _changed(base, wanted, setting)


def _changed(record: Record, changes: Mapping[str, object], where: str) -> Record:
    """Replace fields of a record, refusing unknown names and values of another kind."""
    assert is_dataclass(record) and not isinstance(record, type)
    known = [entry.name for entry in fields(record)]
    new: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0)[0]
            raise RecipeError(f"{where}: there is no setting {name!r}; did you mean {near!r}?")
        new[name] = _fitting(getattr(record, name), value, name, where)
    return replace(record, **new)


def _fitting(old: object, value: object, name: str, where: str) -> object:
    """Give a TOML value the type of the one it replaces."""
    if is_dataclass(old) and isinstance(value, Mapping):
        return _changed(old, value, where)
    if isinstance(old, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(old, tuple) and isinstance(value, list):
        kind = str if name == "without" else int
        if all(isinstance(item, kind) for item in value):
            return tuple(value)
    if type(value) is type(old):
        return value
    raise RecipeError(f"{where}: {name} is {value!r}, but it should be like {_example(old)}")


def _example(old: object) -> str:
    return str(list(old)) if isinstance(old, tuple) else "a table" if is_dataclass(old) else repr(old)


def _within(least: float, most: float, recipe: Recipe, *names: str) -> None:
    for name in names:
        value = getattr(recipe, name)
        if not least <= value <= most:
            raise RecipeError(f"{name} is {value:g}; give a number from {least:g} to {most:g}")

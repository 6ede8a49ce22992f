"""Rows of Tables 8 and 10 and Figures 8 and 9 of FGReID; each row is one training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from reid.data.catalogue import CATALOGUE
from reid.errors import RecipeError
from reid.model.design import VARIANTS, with_backbone
from reid.published import TABLE_8, TABLE_10
from reid.training.job import TrainingJob

Study = Literal["table-8", "table-10", "figure-8", "figure-9"]
CLIPS = (2, 3, 4, 5, 6)
"""Figure 8: clips per identity (K), at the recipe's P."""
IDENTITIES, CLIPS_AT_IDENTITIES = (16, 20, 24, 28, 32), 5
"""Figure 8: identities per batch (P), at this K."""
FRAMES = (1, 2, 3, 4, 5, 6)
"""Figure 9: frames per clip (t)."""
SIZES = ((200, 150), (220, 150), (250, 150), (256, 128), (250, 100), (224, 112))
"""Figure 9: heights and widths in pixels."""


@dataclass(frozen=True)
class AblationRow:
    """One training of a table or figure."""

    name: str
    change: Callable[[TrainingJob], TrainingJob]
    """Returns the row's job for the job that all rows start from; raises RecipeError if the change is impossible."""
    paper: float | None = None
    """The paper's R-1 on iLIDS-VID, in percent."""
    sweep: str = ""
    """Setting on the horizontal axis; empty for tables."""
    skip_reason: str = ""
    """Why the row cannot be run; empty if it can."""


def rows_of(study: Study, job: TrainingJob, identities: int) -> tuple[AblationRow, ...]:
    """Return the rows of a table or figure, in the paper's order.

    Args:
        study: the table or figure.
        job: the job that all rows start from.
        identities: number of training identities, without the held-out ones.

    Raises:
        RecipeError: the job already leaves out losses, which Table 10 leaves out one by one.
    """
    if study == "table-8":
        return tuple(_table_8(job))
    if study == "table-10":
        return tuple(_table_10(job))
    return tuple(_figure_8(identities) if study == "figure-8" else _figure_9(job))


def _table_8(job: TrainingJob) -> list[AblationRow]:
    rows = []
    for (variant, weights), paper in TABLE_8.items():
        from_mars = weights == "mars" and _has_one_backbone(variant)
        skip_reason = ""
        if from_mars and job.fine in (None, "imagenet", "none"):
            skip_reason = "it starts from a backbone trained on MARS; name its file with --fine-weights"
        rows.append(
            AblationRow(
                name=f"{variant}-mars" if from_mars else variant,
                change=partial(_with_variant, variant=variant, from_mars=from_mars),
                paper=paper,
                skip_reason=skip_reason,
            )
        )
    return rows


def _with_variant(job: TrainingJob, *, variant: str, from_mars: bool) -> TrainingJob:
    """Return a job with a variant of the network on the same backbones.

    A single backbone starts from the coarse weights, or from the fine weights if `from_mars`.
    """
    design = with_backbone(VARIANTS[variant], job.design.backbone)
    if design == replace(job.design, variant=variant):
        design = job.design  # fgreid-lite is FGReID with another backbone: the same network, trained once
    coarse = job.fine if from_mars else job.coarse
    return replace(job, design=design, coarse=coarse, fine=None if _has_one_backbone(variant) else job.fine)


def _has_one_backbone(variant: str) -> bool:
    return VARIANTS[variant].branches == ("coarse",)


def _with_recipe(job: TrainingJob, *, changes: Mapping[str, Any]) -> TrainingJob:
    """Return a job with some fields of its recipe replaced."""
    return replace(job, recipe=replace(job.recipe, **changes))


def _table_10(job: TrainingJob) -> list[AblationRow]:
    if job.recipe.without:
        raise RecipeError(
            f"Table 10 leaves out losses one at a time, but the recipe leaves out {', '.join(job.recipe.without)}; "
            "use a recipe with all losses"
        )
    rows = []
    for loss, paper in TABLE_10.items():
        change = partial(_with_recipe, changes={"without": (loss,) if loss else ()})
        rows.append(AblationRow(f"without-{loss}" if loss else "all-losses", change, paper))
    return rows


def _figure_8(identities: int) -> list[AblationRow]:
    rows = []
    for k in CLIPS:
        change = partial(_with_recipe, changes={"clips": k})
        rows.append(AblationRow(f"k{k}", change, sweep="clips per identity (K)"))
    for p in IDENTITIES:
        change = partial(_with_recipe, changes={"identities": p, "clips": CLIPS_AT_IDENTITIES})
        skip_reason = f"there are {identities} identities to train on" if p > identities else ""
        rows.append(AblationRow(f"p{p}", change, sweep="identities per batch (P)", skip_reason=skip_reason))
    return rows


def _figure_9(job: TrainingJob) -> list[AblationRow]:
    has_images = CATALOGUE[job.dataset].kind == "image"
    rows = []
    for t in FRAMES:
        change = partial(_with_recipe, changes={"clip_length": t})
        skip_reason = "the data set has single images" if has_images and t > 1 else ""
        rows.append(AblationRow(f"t{t}", change, sweep="frames per clip (t)", skip_reason=skip_reason))
    for height, width in SIZES:
        change = partial(_with_recipe, changes={"size": (height, width)})
        rows.append(AblationRow(f"{height}x{width}", change, sweep="height x width in pixels"))
    return rows

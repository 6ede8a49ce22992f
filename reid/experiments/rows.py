"""Rows: what Tables 8 and 10 and Figures 8 and 9 of FGReID vary, each row a training of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from reid.data.catalogue import CATALOGUE
from reid.errors import RecipeError
from reid.model.design import VARIANTS, with_backbone
from reid.published import TABLE_8, TABLE_10
from reid.training.job import TrainingJob

Study = Literal["table-8", "table-10", "figure-8", "figure-9"]
CLIPS, IDENTITIES, CLIPS_OF_ALL = (2, 3, 4, 5, 6), (16, 20, 24, 28, 32), 5
"""Figure 8: K at the recipe's P, then P at this K."""
FRAMES = (1, 2, 3, 4, 5, 6)
SIZES = ((200, 150), (220, 150), (250, 150), (256, 128), (250, 100), (224, 112))
"""Figure 9: t, then heights and widths in pixels."""


@dataclass(frozen=True)
class AblationRow:
    """One network of a table or figure."""

    name: str
    change: Callable[[TrainingJob], TrainingJob]
    """Makes the row's job of the one all rows start from; raises RecipeError where that cannot be."""
    paper: float | None = None
    """The paper's R-1 on iLIDS-VID, in percent."""
    sweep: str = ""
    """Of figures, what is varied along the axis."""
    lacks: str = ""
    """Why the row cannot be done; empty where it can."""


def rows_of(study: Study, job: TrainingJob, identities: int) -> tuple[AblationRow, ...]:
    """List the rows of a table or figure, in the paper's order.

    Args:
        study: which.
        job: what all rows start from.
        identities: how many are trained on, those held out not counted.

    Raises:
        RecipeError: the job leaves losses out already, which Table 10 does one by one.
    """
    if study == "table-8":
        return _table_8(job)
    if study == "table-10":
        return _table_10(job)
    return _figure_8(identities) if study == "figure-8" else _figure_9(job)


def _table_8(job: TrainingJob) -> tuple[AblationRow, ...]:
    rows = []
    for (variant, weights), paper in TABLE_8.items():
        from_mars = weights == "mars" and _is_single(variant)
        lacks = (
            ""
            if _is_file(job.fine)
            else "starts from a backbone trained on MARS; name its file with --fine-weights"
        )
        rows.append(
            AblationRow(
                f"{variant}-mars" if from_mars else variant,
                partial(_as_variant, variant=variant, from_mars=from_mars),
                paper,
                lacks=lacks if from_mars else "",
            )
        )
    return tuple(rows)


def _as_variant(job: TrainingJob, *, variant: str, from_mars: bool) -> TrainingJob:
    """Make a job train a variant on the same backbones; a single one starts where the coarse or fine one would."""
    design = with_backbone(VARIANTS[variant], job.design.backbone)
    if design == replace(job.design, variant=variant):
        design = job.design  # fgreid-lite is FGReID on another backbone: one network, trained once
    coarse = job.fine if from_mars else job.coarse
    return replace(job, design=design, coarse=coarse, fine=None if _is_single(variant) else job.fine)


def _is_single(variant: str) -> bool:
    return VARIANTS[variant].branches == ("coarse",)


def _is_file(source: str | None) -> bool:
    return source not in (None, "imagenet", "none")


def _table_10(job: TrainingJob) -> tuple[AblationRow, ...]:
    if job.recipe.without:
        raise RecipeError(
            f"Table 10 leaves losses out one at a time, but the recipe leaves out {', '.join(job.recipe.without)}; "
            "give a recipe with all of them"
        )
    return tuple(
        AblationRow(f"without-{loss}" if loss else "all-losses", partial(_without, loss=loss), paper)
        for loss, paper in TABLE_10.items()
    )


def _without(job: TrainingJob, *, loss: str) -> TrainingJob:
    return replace(job, recipe=replace(job.recipe, without=(loss,) if loss else ()))


def _figure_8(identities: int) -> tuple[AblationRow, ...]:
    few = f"there are {identities} identities to train on"
    return (
        *(AblationRow(f"k{k}", partial(_with_clips, clips=k), sweep="clips an identity (K)") for k in CLIPS),
        *(
            AblationRow(
                f"p{p}",
                partial(_with_identities, identities=p),
                sweep="identities a batch (P)",
                lacks=few if p > identities else "",
            )
            for p in IDENTITIES
        ),
    )


def _with_clips(job: TrainingJob, *, clips: int) -> TrainingJob:
    return replace(job, recipe=replace(job.recipe, clips=clips))


def _with_identities(job: TrainingJob, *, identities: int) -> TrainingJob:
    return replace(job, recipe=replace(job.recipe, identities=identities, clips=CLIPS_OF_ALL))


def _figure_9(job: TrainingJob) -> tuple[AblationRow, ...]:
    still = "the data set has single images" if CATALOGUE[job.dataset].kind == "image" else ""
    return (
        *(
            AblationRow(
                f"t{t}",
                partial(_with_frames, frames=t),
                sweep="frames a clip (t)",
                lacks=still if t > 1 else "",
            )
            for t in FRAMES
        ),
        *(
            AblationRow(
                f"{height}x{width}",
                partial(_with_size, height=height, width=width),
                sweep="height x width in pixels",
            )
            for height, width in SIZES
        ),
    )


def _with_frames(job: TrainingJob, *, frames: int) -> TrainingJob:
    return replace(job, recipe=replace(job.recipe, clip_length=frames))


def _with_size(job: TrainingJob, *, height: int, width: int) -> TrainingJob:
    return replace(job, recipe=replace(job.recipe, size=(height, width)))

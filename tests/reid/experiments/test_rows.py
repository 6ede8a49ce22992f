"""Rows: each differs from the job in the one thing that its name says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reid.errors import RecipeError
from reid.experiments.rows import AblationRow, Study, rows_of
from reid.model.design import VARIANTS, with_backbone
from reid.recipes import Recipe
from reid.training.job import TrainingJob

JOB = TrainingJob("mars", Path("data"), VARIANTS["fgreid"], Recipe(), fine="mars.safetensors")


def row(study: Study, name: str, job: TrainingJob = JOB, identities: int = 100) -> AblationRow:
    (found,) = [one for one in rows_of(study, job, identities) if one.name == name]
    return found


def test_table_8_has_the_papers_rows_and_figures() -> None:
    assert [(one.name, one.paper) for one in rows_of("table-8", JOB, 100)] == [
        ("fgreid", 91.5),
        ("no-channel-weights", 91.5),
        ("no-nonlocal", 91.5),
        ("kqv", 91.5),
        ("baseline-1r", 62.4),
        ("global-only", 61.4),
        ("no-global", 87.0),
        ("baseline-1r-mars", 87.9),
        ("global-only-mars", 86.8),
        ("no-attention", 91.2),
    ]


@pytest.mark.parametrize(
    "name", ["fgreid", "no-channel-weights", "no-nonlocal", "kqv", "no-global", "no-attention"]
)
def test_a_variant_of_two_backbones_differs_in_its_design_alone(name: str) -> None:
    assert row("table-8", name).change(JOB) == replace(JOB, design=VARIANTS[name])


@pytest.mark.parametrize("name", ["baseline-1r", "global-only"])
def test_a_single_backbone_starts_where_the_coarse_one_does_or_from_mars(name: str) -> None:
    single = replace(JOB, design=VARIANTS[name], fine=None)
    assert row("table-8", name).change(JOB) == single
    assert row("table-8", f"{name}-mars").change(JOB) == replace(single, coarse="mars.safetensors")


@pytest.mark.parametrize("fine", [None, "imagenet", "none"])
def test_rows_from_mars_are_left_out_where_no_such_weights_are_named(fine: str | None) -> None:
    lacking = [one.name for one in rows_of("table-8", replace(JOB, fine=fine), 100) if one.skip_reason]
    assert lacking == ["baseline-1r-mars", "global-only-mars"]


def test_all_variants_stand_on_the_jobs_backbone() -> None:
    lite = replace(JOB, design=VARIANTS["fgreid-lite"])
    assert row("table-8", "fgreid", lite).change(lite) == lite  # the same network, not trained twice
    assert row("table-8", "kqv", lite).change(lite).design == with_backbone(
        VARIANTS["kqv"], "efficientnet-lite0"
    )


def test_table_10_leaves_out_one_loss_a_row() -> None:
    changed = {one.name: one.change(JOB) for one in rows_of("table-10", JOB, 100)}
    assert changed.pop("all-losses") == JOB
    assert [job.recipe.without for job in changed.values()] == [
        ("identity",), ("triplet",), ("osm",), ("center",), ("variance",), ("rank",), ("consistency",)
    ]  # fmt: skip
    assert {replace(job, recipe=JOB.recipe) for job in changed.values()} == {JOB}


def test_table_10_refuses_a_recipe_that_leaves_losses_out_itself() -> None:
    with pytest.raises(RecipeError, match="leaves out rank"):
        rows_of("table-10", replace(JOB, recipe=Recipe(without=("rank",))), 100)


def test_figure_8_varies_k_at_the_recipes_p_and_p_at_5_clips() -> None:
    job = replace(JOB, recipe=Recipe(identities=28, clips=4))
    batches = [one.change(job).recipe for one in rows_of("figure-8", job, 100)]
    by_clips = [(28, 2), (28, 3), (28, 4), (28, 5), (28, 6)]
    assert [(one.identities, one.clips) for one in batches] == [
        *by_clips, (16, 5), (20, 5), (24, 5), (28, 5), (32, 5)
    ]  # fmt: skip


def test_more_identities_a_batch_than_there_are_to_train_on_are_left_out() -> None:
    assert {one.name: one.skip_reason for one in rows_of("figure-8", JOB, 24) if one.skip_reason} == {
        "p28": "there are 24 identities to train on",
        "p32": "there are 24 identities to train on",
    }


def test_figure_9_varies_frames_then_height_and_width() -> None:
    recipes = [one.change(JOB).recipe for one in rows_of("figure-9", JOB, 100)]
    assert [one.clip_length for one in recipes[:6]] == [1, 2, 3, 4, 5, 6]
    assert [one.size for one in recipes[6:]] == [
        (200, 150), (220, 150), (250, 150), (256, 128), (250, 100), (224, 112)
    ]  # fmt: skip


def test_single_images_have_no_clips_to_lengthen() -> None:
    still = replace(JOB, dataset="market-1501")
    assert [one.name for one in rows_of("figure-9", still, 100) if one.skip_reason] == [
        "t2",
        "t3",
        "t4",
        "t5",
        "t6",
    ]


def test_a_row_that_makes_no_sense_says_so_when_it_is_made() -> None:
    divided = replace(JOB, recipe=Recipe(identities=32, accumulate=8))
    assert row("figure-8", "p24", divided).change(divided).recipe.identities == 24
    with pytest.raises(RecipeError, match="20 identities per batch cannot be divided into 8 equal parts"):
        row("figure-8", "p20", divided).change(divided)

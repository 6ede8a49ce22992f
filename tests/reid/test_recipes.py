"""Recipes: the paper's settings, and what may be changed in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reid.errors import RecipeError
from reid.losses.loss_weights import LossWeights, with_margins
from reid.recipes import Kind, Preset, Recipe, change_setting, read_recipe, recipe_for


@pytest.mark.parametrize(
    ("dataset", "kind", "preset", "p", "k", "t", "size"),
    [
        ("mars", "video", "paper", 32, 5, 4, (256, 150)),
        ("mars", "video", "repo", 8, 4, 5, (256, 150)),
        ("ilids-vid", "video", "paper", 28, 5, 5, (220, 150)),
        ("ilids-vid", "video", "repo", 7, 4, 5, (220, 150)),
        ("market-1501", "image", "paper", 32, 4, 1, (256, 150)),
        ("veri-776", "image", "paper", 32, 4, 1, (150, 250)),
    ],
)
def test_each_data_set_has_the_papers_batches(
    dataset: str, kind: Kind, preset: Preset, p: int, k: int, t: int, size: tuple[int, int]
) -> None:
    recipe = recipe_for(dataset, kind, preset)
    assert (recipe.identities, recipe.clips, recipe.clip_length, recipe.size) == (p, k, t, size)


@pytest.mark.parametrize(
    ("dataset", "kind", "preset", "weight"),
    [
        ("mars", "video", "paper", 2.841e-5),
        ("ilids-vid", "video", "paper", 3.044e-5),
        ("ilids-vid", "video", "repo", 1.240e-4),
        ("market-1501", "image", "paper", 1.136e-4),
    ],
)
def test_the_variance_loss_weighs_what_it_does_in_the_authors_code(
    dataset: str, kind: Kind, preset: Preset, weight: float
) -> None:
    assert recipe_for(dataset, kind, preset).losses.variance == pytest.approx(weight, rel=1e-3)


@pytest.mark.parametrize(
    ("epoch", "rate"),
    [
        (0, 3.5e-6),
        (1, 3.815e-5),
        (9, 3.1535e-4),
        (10, 3.5e-4),
        (39, 3.5e-4),
        (40, 1.7404e-4),
        (70, 8.6542e-5),
    ],
)
def test_the_rate_warms_up_and_falls_twice(epoch: int, rate: float) -> None:
    assert Recipe().rate_at(epoch) == pytest.approx(rate, rel=1e-4)


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('epochs = 3\nsize = [128, 64]\nwithout = ["osm"]\nrate = 1\n[losses]\nbeta = 0.5\n')
    recipe = read_recipe(path, Recipe())
    assert (recipe.epochs, recipe.size, recipe.without, recipe.rate) == (3, (128, 64), ("osm",), 1.0)
    assert recipe.losses.beta == 0.5
    assert recipe.losses.osm_alpha == Recipe().losses.osm_alpha
    assert recipe.milestones == Recipe().milestones


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("epoch=3", "did you mean 'epochs'"),
        ("losses.betta=0.5", "did you mean 'beta'"),
        ("epochs=2.5", "epochs is 2.5, but it should be like 120"),
        ('rate="fast"', "rate is 'fast'"),
        ("size=[64]", "height and width"),
        ("size=[64, 1.5]", "size is"),
        ("identities=1", "identities is 1; give a number from 2"),
        ("accumulate=5", "equal parts"),
        ("validation=1.0", "below 1"),
        ('without=["ocm"]', "'ocm'"),
        ("epochs", "NAME=VALUE"),
        ("losses.margins=lac", "margins is 'lac'; give 'repo' or 'lca'"),
        ("epochs=many", "epochs is 'many', but it should be like 120"),
        ("seed=true", "seed is True"),
        ("rate=inf", "rate is inf"),
        ("", "NAME=VALUE"),
        ("epochs=2\nseed=3", "NAME=VALUE"),
        ("seed=99999999999999999999", "seed is"),
        ("milestones=[-1]", "milestones are [-1]"),
        ("size=[100000, 100000]", "32 to 4096"),
        ("clips=1000000000000", "clips is 1e+12"),
        ("decay=1e308", "decay is 1e+308"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_in_one_sentence(setting: str, complaint: str) -> None:
    with pytest.raises(RecipeError, match=r"^[^\n]+$") as caught:
        change_setting(Recipe(), setting)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(("name", "near"), [("papers", "paper"), ("rep", "repo"), ("xx", "repo")])
def test_an_unknown_name_is_answered_with_the_nearest_and_all_there_are(name: str, near: str) -> None:
    said = f"^there is no recipe '{name}'; did you mean '{near}'[?] Recipes are paper, repo, or a TOML file of settings$"
    with pytest.raises(RecipeError, match=said):
        read_recipe(Path(name), Recipe())


def test_a_file_without_an_ending_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").write_text("epochs = 3\n")
    assert read_recipe(Path("mine"), Recipe()).epochs == 3


def test_a_recipe_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"gone\.toml: cannot read"):
        read_recipe(tmp_path / "gone.toml", Recipe())


def test_the_published_margins_are_set_by_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[losses]\nmargins = "lca"\nrank_margin = 0.1\n')
    by_file, by_setting = read_recipe(path, Recipe()), change_setting(Recipe(), "losses.margins=lca")
    assert by_setting.losses == with_margins(LossWeights(), "lca")
    assert by_file.losses == replace(by_setting.losses, rank_margin=0.1)

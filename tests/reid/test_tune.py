"""Tuning: a search can be stopped anywhere, and never looks at the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reid.data.catalogue import load_benchmark
from reid.errors import DatasetError, RecipeError, ReidError
from reid.experiments.search import Trial
from reid.experiments.trials import as_toml, best_of, with_values
from reid.losses.loss_weights import LossWeights
from reid.model.design import VARIANTS, with_backbone
from reid.recipes import Recipe, read_recipe
from reid.training.compute import Compute
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep
from reid.tune import HELD_OUT, Search

RECIPE = Recipe(
    identities=4, clips=2, clip_length=2, size=(64, 32), epochs=2, warm_up=0, rate=0.003, validation=0.25
)
pytestmark = pytest.mark.usefixtures("no_curves")


class Stopped(Exception):  # noqa: N818 (no error)
    """Stands for whatever ends a search early."""


@pytest.fixture(scope="module")
def job(drawn_ilids: Path) -> TrainingJob:
    """Six identities to train on, in two batches an epoch; four steps a trial."""
    design = with_backbone(VARIANTS["global-only"], "test_resnet")
    return TrainingJob("ilids-vid", drawn_ilids, design, RECIPE, coarse="none")


def tune(
    job: TrainingJob,
    folder: Path,
    trials: int,
    *,
    save_every: float = 1e9,
    report: Callable[[TrainingStep], None] = lambda step: None,  # noqa: ARG005
    warn: Callable[[str], None] = pytest.fail,
) -> list[Trial]:
    """Search to the end, and give all trials."""

    @contextmanager
    def watch(name: str) -> Iterator[Callable[[TrainingStep], None]]:  # noqa: ARG001
        yield report

    here = Compute("cpu", workers=0, save_every=save_every)
    done: tuple[Trial, ...] = ()
    for done in Search.of(job, folder).run(trials, compute=here, command="test", watch=watch, warn=warn):
        assert done
    return list(done)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, job: TrainingJob) -> tuple[Path, list[Trial]]:
    """A search of three trials that was never stopped."""
    folder = tmp_path_factory.mktemp("tune") / "whole"
    return folder, tune(job, folder, 3)


def test_a_search_that_is_stopped_again_and_again_finds_what_one_finds_that_is_not(
    whole: tuple[Path, list[Trial]], job: TrainingJob, tmp_path: Path
) -> None:
    steps: list[TrainingStep] = []

    def stop_every_third_step(step: TrainingStep) -> None:
        steps.append(step)
        if len(steps) % 3 == 0:
            raise Stopped

    stops = 0
    while True:
        try:
            trials = tune(job, tmp_path, 3, save_every=0, report=stop_every_third_step)
        except Stopped:
            stops += 1
        else:
            break
    assert stops == 4
    assert len(steps) == 12  # checkpoints were used: no step was done twice
    assert trials == whole[1]
    for name in ("search.json", "best.toml", "history.csv"):
        assert (tmp_path / name).read_bytes() == (whole[0] / name).read_bytes()
    best = f"trial-{best_of(trials):03d}/best.safetensors"
    assert (tmp_path / best).read_bytes() == (whole[0] / best).read_bytes()


def test_a_finished_search_trains_nothing_more_and_more_trials_go_on(
    whole: tuple[Path, list[Trial]], job: TrainingJob, tmp_path: Path
) -> None:
    assert tune(job, tmp_path, 2) == whole[1][:2]
    assert tune(job, tmp_path, 1, report=pytest.fail) == whole[1][:2]  # type: ignore[arg-type]  # never called
    assert tune(job, tmp_path, 3) == whole[1]


def test_the_first_trial_is_the_recipe_as_it_stands(whole: tuple[Path, list[Trial]]) -> None:
    assert with_values(RECIPE, whole[1][0].values) == RECIPE


def test_the_best_trial_is_kept_with_its_network_and_its_whole_recipe(
    whole: tuple[Path, list[Trial]], job: TrainingJob
) -> None:
    folder, trials = whole
    best = best_of(trials)
    assert best is not None
    assert trials[best - 1].value == max(trial.reached for trial in trials)
    found = replace(with_values(job.recipe, trials[best - 1].values), validate_every=1)  # ten looks a trial
    assert read_recipe(folder / "best.toml", Recipe()) == found
    assert [entry.name for entry in folder.iterdir() if entry.is_dir()] == [f"trial-{best:03d}"]
    kept = {entry.name for entry in (folder / f"trial-{best:03d}").iterdir()}
    assert "best.safetensors" in kept
    assert "last.safetensors" not in kept
    assert (folder / "history.png").read_bytes()[1:4] == b"PNG"


def test_the_search_never_reads_the_tests_pictures(
    whole: tuple[Path, list[Trial]], job: TrainingJob, tmp_path: Path
) -> None:
    root = shutil.copytree(job.root, tmp_path / "data")
    benchmark = load_benchmark("ilids-vid", root)
    pictures = [Path(image) for entry in (*benchmark.query, *benchmark.gallery) for image in entry.images]
    assert pictures
    for picture in pictures:
        picture.write_bytes(b"no picture")
    assert tune(replace(job, root=root), tmp_path / "out", 2) == whole[1][:2]


def test_a_trial_that_falls_behind_is_ended_and_deleted(job: TrainingJob, tmp_path: Path) -> None:
    search = Search.of(job, tmp_path)
    ahead = [
        Trial(_scaled(search, 1 + number / 10), "complete", 1.0, {0: 1.0, 1: 1.0}) for number in range(5)
    ]
    search.folder.write(search.settings, ahead)
    steps: list[TrainingStep] = []
    last = tune(job, tmp_path, 6, report=steps.append)[-1]
    assert last.outcome == "pruned"
    assert [step.epoch for step in steps] == [0, 0]  # the second epoch was spared
    assert not (tmp_path / "trial-006").exists()


def _scaled(search: Search, factor: float) -> dict[str, float]:
    """The recipe's settings, a little larger."""
    return {span.name: min(span.high, factor * (span.low * span.high) ** 0.5) for span in search.ranges}


def test_a_trial_that_runs_off_to_infinity_fails_and_the_search_goes_on(
    job: TrainingJob, tmp_path: Path
) -> None:
    said: list[str] = []
    wild = replace(job, recipe=replace(RECIPE, losses=LossWeights(center=1e38)))
    trials = tune(wild, tmp_path, 2, warn=said.append)
    assert [trial.outcome for trial in trials] == ["failed", "failed"]
    assert "trial 1 failed: step" in said[0]
    assert not (tmp_path / "best.toml").exists()
    assert not list(tmp_path.glob("trial-*"))


def test_what_would_stop_any_trial_stops_the_search_which_goes_on_once_it_is_mended(
    whole: tuple[Path, list[Trial]], job: TrainingJob, tmp_path: Path
) -> None:
    def stop(step: TrainingStep) -> None:  # noqa: ARG001
        raise Stopped

    with pytest.raises(Stopped):
        tune(job, tmp_path, 1, save_every=0, report=stop)
    in_the_way = tmp_path / "trial-001" / "curves.png"
    in_the_way.mkdir()
    with pytest.raises(ReidError, match=r"curves\.png"):
        tune(job, tmp_path, 1)
    in_the_way.rmdir()
    assert tune(job, tmp_path, 1) == whole[1][:1]


def test_somebody_is_held_out_even_where_the_recipe_holds_out_nobody(
    job: TrainingJob, tmp_path: Path
) -> None:
    search = Search.of(replace(job, recipe=replace(RECIPE, validation=0.0)), tmp_path)
    assert search.job.recipe.validation == HELD_OUT


def test_a_search_under_other_settings_is_refused(whole: tuple[Path, list[Trial]], job: TrainingJob) -> None:
    with pytest.raises(RecipeError, match=r"other settings \(recipe\)"):
        tune(replace(job, recipe=replace(RECIPE, epochs=3)), whole[0], 3)


def test_a_missing_data_set_is_no_trials_fault(job: TrainingJob, tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        tune(replace(job, root=tmp_path / "nowhere"), tmp_path / "out", 3)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(size=(64, 32), without=("rank", "osm"), milestones=(), weight_decay=1e-06),
    ],
)
def test_a_recipe_reads_back_as_it_was_written(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(as_toml(recipe))
    assert read_recipe(path, Recipe(epochs=3, clips=9)) == recipe

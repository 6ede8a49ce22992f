"""Ablation: a row that was stopped goes on, and results are believed only under their own settings."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reid.ablate import Ablation, Result
from reid.errors import RecipeError
from reid.experiments.rows import AblationRow, rows_of
from reid.model.design import VARIANTS, with_backbone
from reid.recipes import Recipe
from reid.train import train
from reid.training.compute import Compute
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep

HERE = Compute("cpu", workers=0, save_every=0)
pytestmark = pytest.mark.usefixtures("no_curves")


class Stopped(Exception):  # noqa: N818 (no error)
    """Stands for whatever ends a training early."""


@pytest.fixture
def job(drawn_ilids: Path) -> TrainingJob:
    """Six identities to train on, in two batches."""
    recipe = Recipe(
        identities=4, clips=2, clip_length=2, size=(64, 32), epochs=1, warm_up=0, rate=0.003, validation=0.25
    )
    design = with_backbone(VARIANTS["fgreid"], "test_resnet")
    return TrainingJob("ilids-vid", drawn_ilids, design, recipe, coarse="none", fine="none")


def finish(ablation: Ablation, row: AblationRow, report: Callable[[TrainingStep], None]) -> Result:
    train(
        row.change(ablation.job),
        ablation.folder_of(row),
        compute=HERE,
        command="test",
        overwrite=False,
        report=report,
        warn=pytest.fail,
        notify=lambda _: None,
    )
    return ablation.score(
        row,
        compute=HERE,
        command="test",
        start_progress=lambda name: lambda done, total: None,  # noqa: ARG005
    )


def rows(job: TrainingJob) -> dict[str, AblationRow]:
    return {row.name: row for row in rows_of("table-10", job, 6)}


def test_a_row_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(
    job: TrainingJob, tmp_path: Path
) -> None:
    row = rows(job)["without-osm"]
    whole = Ablation.of(job, tmp_path / "whole")
    expected = finish(whole, row, lambda step: None)  # noqa: ARG005

    def stop(step: TrainingStep) -> None:  # noqa: ARG001
        raise Stopped

    with pytest.raises(Stopped):
        finish(Ablation.of(job, tmp_path / "stopped"), row, stop)
    steps: list[TrainingStep] = []
    stopped = Ablation.of(job, tmp_path / "stopped")
    assert stopped.result(row) is None
    assert finish(stopped, row, steps.append) == stopped.result(row) == expected
    assert [step.step for step in steps] == [2]  # of two
    assert whole.folder_of(row).best.read_bytes() == stopped.folder_of(row).best.read_bytes()
    assert not stopped.folder_of(row).last.exists()


def test_a_kill_just_after_a_row_is_finished_leaves_no_checkpoint_to_go_on_from(
    job: TrainingJob, tmp_path: Path
) -> None:
    row = rows(job)["without-rank"]
    ablation = Ablation.of(job, tmp_path)
    finish(ablation, row, lambda step: None)  # noqa: ARG005
    ablation.folder_of(row).last.touch()  # as if it had not been deleted yet
    Ablation.of(job, tmp_path)
    assert not ablation.folder_of(row).last.exists()
    assert ablation.folder_of(row).best.exists()


def test_a_row_finished_under_other_settings_is_refused_and_is_no_result(
    job: TrainingJob, tmp_path: Path
) -> None:
    row = rows(job)["all-losses"]
    finish(Ablation.of(job, tmp_path), row, lambda step: None)  # noqa: ARG005
    longer = Ablation.of(replace(job, recipe=replace(job.recipe, epochs=2)), tmp_path)
    with pytest.raises(RecipeError, match=r"fgreid contains a finished row with other settings \(recipe\)"):
        longer.result(row)
    assert longer.results([row]) == [None]


def test_rows_that_change_nothing_share_one_training(job: TrainingJob, tmp_path: Path) -> None:
    job = replace(job, recipe=replace(job.recipe, clips=2))
    ablation = Ablation.of(job, tmp_path)
    k2, k3 = (row for row in rows_of("figure-8", job, 6) if row.name in ("k2", "k3"))
    (fgreid,) = (row for row in rows_of("table-8", job, 6) if row.name == "fgreid")
    assert ablation.folder_of(k2) == ablation.folder_of(fgreid) == ablation.folder_of(rows(job)["all-losses"])
    assert ablation.folder_of(k3).path.name == "k3"


def test_the_papers_figures_stand_beside_all_data_but_are_subtracted_on_its_own_only(
    job: TrainingJob, tmp_path: Path
) -> None:
    row, result = rows(job)["without-identity"], Result(7, 50.0, 80.0)
    here = Ablation.of(job, tmp_path)
    elsewhere = replace(here, job=replace(job, dataset="mars"), folder=tmp_path / "mars")
    for ablation, lead in ((here, "0.5"), (elsewhere, "")):  # 80.0 - 79.5
        ablation.write("table-10", [row], [result])
        with (ablation.folder / "table-10.csv").open() as file:
            (line,) = csv.reader(list(file)[1:])
        assert line == ["without-identity", "7", "50.0000", "80.0000", "79.5", lead]


def test_rows_that_are_not_finished_are_gaps_in_the_picture_and_missing_in_the_table(
    job: TrainingJob, tmp_path: Path
) -> None:
    ablation = Ablation.of(job, tmp_path)
    some = rows_of("figure-9", job, 6)
    ablation.write(
        "figure-9", some, [Result(7, 50.0, 80.0 + i) if i != 2 else None for i in range(len(some))]
    )
    names = [line.partition(",")[0] for line in (tmp_path / "figure-9.csv").read_text().splitlines()]
    assert names == ["row", *(row.name for row in some if row.name != "t3")]
    assert {"figure-9a.png", "figure-9b.png"} <= {entry.name for entry in tmp_path.iterdir()}


def test_several_processes_are_told_how_to_share_the_work(
    job: TrainingJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(RecipeError, match="--only"):
        Ablation.of(job, tmp_path)

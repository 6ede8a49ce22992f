"""Training: it can be stopped at any step, and never looks at the test."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reid.checkpoints import load_network
from reid.data.catalogue import load_benchmark
from reid.errors import CheckpointError, DatasetError, RecipeError, ReidError
from reid.evaluation.pairing import trained_on
from reid.losses.loss_weights import LossWeights
from reid.model.design import VARIANTS, with_backbone
from reid.recipes import Recipe
from reid.train import train
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep
from reid.training.state import State
from reid.weights import resolve

RECIPE = Recipe(
    identities=4, clips=2, clip_length=2, size=(64, 32), epochs=2, warm_up=1, validation=0.2, validate_every=1
)
HERE = Compute("cpu", workers=0, save_every=1e9)  # saves after the last step only
SAVING = replace(HERE, save_every=0)  # saves after every step
pytestmark = pytest.mark.usefixtures("no_curves")


class Stopped(Exception):  # noqa: N818 (no error)
    """Stands for whatever ends a training early."""


@pytest.fixture
def job(drawn_mars: Path) -> TrainingJob:
    """Three steps an epoch, two epochs."""
    design = with_backbone(VARIANTS["fgreid"], "test_resnet")
    return TrainingJob("mars", drawn_mars, design, RECIPE, coarse="none", fine="none")


def steps_are_silent(text: str) -> None:
    raise AssertionError(text)


def run(
    job: TrainingJob,
    folder: Path,
    *,
    compute: Compute | None = None,
    stop_after: int | None = None,
    overwrite: bool = False,
    warn: Callable[[str], None] = steps_are_silent,
    say: Callable[[str], None] = lambda _: None,
) -> list[TrainingStep]:
    """Train, or stop right after a step that is saved."""
    steps: list[TrainingStep] = []

    def report(step: TrainingStep) -> None:
        steps.append(step)
        if step.step == stop_after:
            raise Stopped

    try:
        train(
            job,
            TrainingFolder(folder),
            compute=compute or (HERE if stop_after is None else SAVING),
            command="test",
            overwrite=overwrite,
            report=report,
            warn=warn,
            notify=say,
        )
    except Stopped:
        if stop_after is None:
            raise
    return steps


def content(folder: Path) -> dict[str, bytes]:
    """The checkpoints of a training."""
    return {name: (folder / f"{name}.safetensors").read_bytes() for name in ("best", "last")}


def metrics(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, drawn_mars: Path) -> Path:
    """A training that was never stopped."""
    folder = tmp_path_factory.mktemp("whole") / "training"
    design = with_backbone(VARIANTS["fgreid"], "test_resnet")
    run(TrainingJob("mars", drawn_mars, design, RECIPE, coarse="none", fine="none"), folder)
    return folder


@pytest.mark.parametrize("stop_after", [1, 2, 3, 5])
def test_a_training_stopped_after_any_step_ends_with_the_weights_of_one_never_stopped(
    job: TrainingJob, whole: Path, tmp_path: Path, stop_after: int
) -> None:
    before = run(job, tmp_path / "t", stop_after=stop_after)
    after = run(job, tmp_path / "t")
    assert [step.step for step in before] == list(range(1, stop_after + 1))
    assert [step.step for step in after] == list(range(stop_after + 1, 7))
    assert content(tmp_path / "t") == content(whole)
    kept = [{**row, "images_per_second": ""} for row in metrics(tmp_path / "t")]
    assert kept == [{**row, "images_per_second": ""} for row in metrics(whole)]


def test_steps_after_the_last_checkpoint_are_done_again(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    run(job, tmp_path / "t", stop_after=2)
    run(job, tmp_path / "t", stop_after=4, compute=HERE)
    after = run(job, tmp_path / "t")
    assert after[0].step == 3
    assert [row["step"] for row in metrics(tmp_path / "t")] == list("123456")
    assert content(tmp_path / "t") == content(whole)


def test_a_finished_training_is_not_done_again(job: TrainingJob, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "t")
    assert run(job, tmp_path / "t") == []
    assert content(tmp_path / "t") == content(whole)


@pytest.mark.parametrize(
    ("stop_after", "told"),
    [
        (1, ["resumes after step 1 of 6, in epoch 1 of 2"]),
        (3, ["resumes after step 3 of 6, in epoch 2 of 2"]),
        (None, ["all 2 epochs are already finished"]),
    ],
)
def test_a_training_that_goes_on_says_from_where(
    job: TrainingJob, tmp_path: Path, stop_after: int | None, told: list[str]
) -> None:
    said: list[str] = []
    run(job, tmp_path / "t", stop_after=stop_after, say=said.append)
    assert said == []
    run(job, tmp_path / "t", say=said.append)
    assert said == [f"{tmp_path / 't'}: {words}" for words in told]


def test_more_epochs_go_on_where_fewer_ended(job: TrainingJob, tmp_path: Path) -> None:
    longer = replace(job, recipe=replace(RECIPE, epochs=3))
    run(job, tmp_path / "t")
    assert [step.step for step in run(longer, tmp_path / "t")] == [7, 8, 9]
    run(longer, tmp_path / "at-once")
    assert content(tmp_path / "t") == content(tmp_path / "at-once")


def test_activations_computed_again_give_the_same_weights(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    run(job, tmp_path / "t", compute=replace(HERE, recompute=True))
    assert content(tmp_path / "t") == content(whole)


def test_pictures_read_by_other_processes_give_the_same_weights(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    run(job, tmp_path / "t", compute=replace(HERE, workers=2))
    assert content(tmp_path / "t") == content(whole)


def test_another_seed_gives_other_weights(job: TrainingJob, whole: Path, tmp_path: Path) -> None:
    run(replace(job, recipe=replace(RECIPE, seed=2)), tmp_path / "t")
    assert content(tmp_path / "t") != content(whole)


def test_the_test_split_is_never_looked_at(job: TrainingJob, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(job.root, tmp_path / "data")
    for picture in (tmp_path / "data" / "MARS" / "bbox_test").rglob("*.jpg"):
        picture.write_bytes(b"")
    run(replace(job, root=tmp_path / "data"), tmp_path / "t")
    assert content(tmp_path / "t") == content(whole)


def test_identities_held_out_are_not_trained_on(job: TrainingJob, whole: Path) -> None:
    identities = {tracklet.identity for tracklet in load_benchmark("mars", job.root).train}
    assert resolve(whole / "best.safetensors", seed=0).identities == len(identities) - 2


def test_the_best_epoch_by_validation_is_kept(whole: Path) -> None:
    validated = [float(row["validation_map"]) for row in metrics(whole) if row["validation_map"]]
    assert len(validated) == 2
    network = load_network(resolve(whole / "best.safetensors", seed=0)).state_dict()
    last = load_network(resolve(whole / "last.safetensors", seed=0)).state_dict()
    same = all(torch.equal(network[name], last[name]) for name in network)
    assert same == (validated[1] > validated[0])


def test_without_validation_all_identities_are_trained_on_and_the_last_weights_kept(
    job: TrainingJob, tmp_path: Path
) -> None:
    run(replace(job, recipe=replace(RECIPE, validation=0.0)), tmp_path / "t")
    best, last = (
        load_network(resolve(tmp_path / "t" / f"{name}.safetensors", seed=0)) for name in ("best", "last")
    )
    assert best.identities == 12
    assert all(torch.equal(tensor, last.state_dict()[name]) for name, tensor in best.state_dict().items())
    assert not any(row["validation_map"] for row in metrics(tmp_path / "t"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(
            lambda job: replace(job, recipe=replace(RECIPE, rate=1e-3)), "recipe.rate was 0.00035", id="rate"
        ),
        pytest.param(
            lambda job: replace(job, design=VARIANTS["fgreid-lite"]), "network.backbone was", id="network"
        ),
    ],
)
def test_a_folder_is_not_continued_under_other_settings(
    job: TrainingJob,
    whole: Path,
    tmp_path: Path,
    change: Callable[[TrainingJob], TrainingJob],
    complaint: str,
) -> None:
    shutil.copytree(whole, tmp_path / "t")
    with pytest.raises(RecipeError, match=complaint):
        run(change(job), tmp_path / "t")


def test_a_folder_with_other_things_in_it_is_left_alone(job: TrainingJob, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(RecipeError, match="do not belong to a training"):
        run(job, tmp_path)


def test_a_damaged_picture_is_named_and_what_was_done_is_kept(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(job.root, tmp_path / "data")
    own = replace(job, root=tmp_path / "data")
    run(own, tmp_path / "t", stop_after=3)
    saved = {path: path.read_bytes() for path in (tmp_path / "data" / "MARS" / "bbox_train").rglob("*.jpg")}
    for path in saved:
        path.write_bytes(saved[path][:200])
    with pytest.raises(DatasetError, match=r"\.jpg: damaged"):
        run(own, tmp_path / "t")
    for path, picture in saved.items():
        path.write_bytes(picture)
    assert [step.step for step in run(own, tmp_path / "t")] == [4, 5, 6]
    assert content(tmp_path / "t") == content(whole)


def test_a_loss_that_explodes_ends_the_training_in_one_sentence(job: TrainingJob, tmp_path: Path) -> None:
    with pytest.raises(ReidError, match="not a finite number"):
        run(replace(job, recipe=replace(RECIPE, losses=LossWeights(center=1e38), epochs=4)), tmp_path / "t")


def test_parts_of_a_batch_are_weighed_as_one(job: TrainingJob, tmp_path: Path) -> None:
    """Without terms that compare clips, and with statistics of their own, parts give the mean of their losses."""
    steps = run(replace(job, recipe=replace(RECIPE, accumulate=2)), tmp_path / "t", stop_after=1)
    whole = run(job, tmp_path / "u", stop_after=1)
    assert steps[0].losses["identity"] == pytest.approx(whole[0].losses["identity"], rel=0.05)
    assert steps[0].losses["triplet"] != pytest.approx(whole[0].losses["triplet"], rel=0.05)


@pytest.mark.parametrize("network", ["temporal-pooling", "baseline-1r", "no-global"])
def test_networks_with_one_backbone_or_one_head_train(job: TrainingJob, tmp_path: Path, network: str) -> None:
    design = with_backbone(VARIANTS[network], "test_resnet")
    fine = "none" if "fine" in design.branches else None
    steps = run(replace(job, design=design, fine=fine), tmp_path / "t", stop_after=3)
    assert ("rank" in steps[0].losses) == (design.heads == "both")
    assert resolve(tmp_path / "t" / "best.safetensors", seed=0).design == design


def test_what_failed_before_its_first_step_binds_nothing(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"gone\.pth"):
        run(replace(job, coarse="gone.pth"), tmp_path / "t")
    (tmp_path / "no.pth").write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match=r"no\.pth"):
        run(replace(job, fine=str(tmp_path / "no.pth")), tmp_path / "t")
    assert not (tmp_path / "t").exists()
    run(job, tmp_path / "t")
    assert content(tmp_path / "t") == content(whole)


def test_what_failed_in_its_first_step_leaves_nothing_and_touches_nothing_else(
    job: TrainingJob, tmp_path: Path
) -> None:
    shutil.copytree(job.root, tmp_path / "data")
    for picture in (tmp_path / "data" / "MARS" / "bbox_train").rglob("*.jpg"):
        picture.write_bytes(b"no picture")
    broken = replace(job, root=tmp_path / "data")
    (tmp_path / "mine").mkdir()
    for folder in (tmp_path / "deep" / "er", tmp_path / "mine"):
        with pytest.raises(DatasetError, match=r"\.jpg: damaged"):
            run(broken, folder)
    assert not (tmp_path / "deep").exists()
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_network_tells_how_long_it_was_trained(job: TrainingJob, whole: Path, tmp_path: Path) -> None:
    best = whole / "best.safetensors"
    assert resolve(best, seed=0).note == f"{best} was trained for 6 steps, which is hardly at all"
    run(replace(job, whole=best), tmp_path / "t", stop_after=1, warn=lambda _: None)
    assert (
        resolve(tmp_path / "t" / "last.safetensors", seed=0).note == ""
    )  # its start is what it was trained as


def test_overwriting_deletes_a_training_only_when_another_can_begin(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole, tmp_path / "t")
    (tmp_path / "t" / "mine").mkdir()
    (tmp_path / "t" / "mine" / "photo.jpg").write_bytes(b"mine")
    (tmp_path / "no.pth").write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match=r"no\.pth"):
        run(replace(job, fine=str(tmp_path / "no.pth")), tmp_path / "t", overwrite=True)
    assert content(tmp_path / "t") == content(whole)
    other = replace(job, recipe=replace(RECIPE, seed=5), whole=tmp_path / "t" / "best.safetensors")
    said: list[str] = []
    run(other, tmp_path / "t", overwrite=True, warn=said.append)
    assert content(tmp_path / "t") != content(whole)
    assert said == [f"{other.whole}: loaded all weights"]
    assert (tmp_path / "t" / "mine" / "photo.jpg").read_bytes() == b"mine"


def test_fewer_epochs_than_are_done_are_refused(job: TrainingJob, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "t")
    with pytest.raises(RecipeError, match="2 epochs are already finished"):
        run(replace(job, recipe=replace(RECIPE, epochs=1)), tmp_path / "t")
    assert json.loads((tmp_path / "t" / "train.json").read_text()) == json.loads(
        (whole / "train.json").read_text()
    )


@pytest.mark.parametrize(
    ("lost", "complaint"),
    [
        ("last", r"not the checkpoint to resume from \(last\.safetensors"),
        ("best", r"best\.safetensors is missing"),
    ],
)
def test_a_network_whose_other_half_is_gone_is_not_trained_over(
    job: TrainingJob, whole: Path, tmp_path: Path, lost: str, complaint: str
) -> None:
    shutil.copytree(whole, tmp_path / "t")
    (tmp_path / "t" / f"{lost}.safetensors").unlink()
    with pytest.raises(ReidError, match=complaint):
        run(job, tmp_path / "t")


@pytest.mark.parametrize("damage", [b"\xff\x00", b"other,header\n1,2\n"])
def test_a_damaged_journal_is_named(job: TrainingJob, whole: Path, tmp_path: Path, damage: bytes) -> None:
    shutil.copytree(whole, tmp_path / "t")
    (tmp_path / "t" / "metrics.csv").write_bytes(damage)
    with pytest.raises(RecipeError, match=r"metrics\.csv: damaged"):
        run(job, tmp_path / "t")


def test_no_step_is_missing_from_the_journal_wherever_the_training_is_killed(
    job: TrainingJob, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed right after a checkpoint, the row of its step is there; killed before, it is written again."""
    save = State.save

    def save_and_die(state: State, path: Path, *, size: tuple[int, int], about: Mapping[str, str]) -> None:
        save(state, path, size=size, about=about)
        if state.step == 3:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(State, "save", save_and_die)
        with pytest.raises(Stopped):
            run(job, tmp_path / "t", compute=SAVING)
    run(job, tmp_path / "t")
    assert [row["step"] for row in metrics(tmp_path / "t")] == list("123456")
    assert content(tmp_path / "t") == content(whole)


def test_half_precision_without_a_gpu_is_refused(job: TrainingJob, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="needs a GPU"):
        run(job, tmp_path / "t", compute=replace(HERE, precision="bf16"))


def test_a_network_remembers_whom_its_starting_weights_know(
    job: TrainingJob, whole: Path, tmp_path: Path
) -> None:
    started = replace(job, whole=whole / "best.safetensors", split=0)
    run(started, tmp_path / "a", stop_after=1, warn=lambda _: None)
    again = replace(job, fine=str(tmp_path / "a" / "last.safetensors"))
    run(again, tmp_path / "b", stop_after=1)
    about = trained_on(tmp_path / "b" / "last.safetensors")
    assert about is not None
    assert about.starts == ("mars:0",)
    assert about.clip_length == 2


def test_the_record_says_what_was_run(job: TrainingJob, whole: Path) -> None:
    record = json.loads((whole / "train.json").read_text())
    assert record["command"] == "test"
    assert record["settings"]["dataset"] == "mars"
    assert record["settings"]["recipe"]["epochs"] == 2
    assert record["versions"]["torch"] == torch.__version__.partition("+")[0]
    assert str(job.root) not in json.dumps(record["settings"])
    assert (whole / "curves.png").read_bytes().startswith(b"\x89PNG")

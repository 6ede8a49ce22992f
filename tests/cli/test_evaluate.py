"""`reid-pipeline evaluate`, through the real command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

from cli.main import main
from reid.checkpoints import load_network, save_checkpoint
from reid.data import catalogue
from reid.data.frames import read_frames
from reid.data.records import LabelledTracklet
from reid.files import sha256
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, build
from reid.pictures.canvas import GREEN, RED
from reid.ranking.distances import Floats
from reid.ranking.labels import Labels
from reid.weights import resolve
from samples.miniatures.benchmarks import draw
from tests.reid.ranking import plain

SIZE = (64, 32)
WRITTEN = ["attention.png", "ranked.png", "report.json"]


def checkpoint(path: Path, variant: str = "fgreid", **about: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    network = build(with_backbone(VARIANTS[variant], "test_resnet"), 4, seed=1)
    save_checkpoint(network, path, size=SIZE, about=about)
    return path


def evaluate(dataset: str, root: Path, weights: Path, out: Path, *options: str) -> Result:
    places = ["--data-root", str(root), "--weights", str(weights), "--out", str(out)]
    machine = ["--device", "cpu", "--workers", "0"]
    return CliRunner().invoke(main, ["evaluate", dataset, *places, *machine, *options])


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return found


def measure(out: Path, name: str, extra: str = "") -> dict[str, Any]:
    (row,) = [row for row in report(out)["measures"] if (row["measure"], row["extra"]) == (name, extra)]
    return dict(row)


def line(result: Result, name: str) -> list[str]:
    """The cells of the table's row of a measure."""
    (found,) = [row for row in result.stdout.splitlines() if row.startswith(f"│ {name} ")]
    return [cell.strip() for cell in found.strip("│").split("│")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with small data sets of images, of videos, and with ten splits."""
    root = tmp_path_factory.mktemp("data")
    for name in ("market-1501", "mars", "ilids-vid"):
        draw(name, root, identities=12, frames=5, size=SIZE)
    return root


def embedded(network: Network, tracklets: tuple[LabelledTracklet, ...], clips: list[list[int]]) -> Floats:
    """Unit rows, a clip and a tracklet at a time."""
    rows = []
    for tracklet in tracklets:
        pixels = torch.from_numpy(np.stack([read_frames(tracklet, clip, SIZE) for clip in clips]))
        with torch.inference_mode():
            own = torch.cat([network(network.standardise(clip[None])).embedding for clip in pixels]).mean(
                dim=0
            )
        rows.append((own / own.norm()).numpy())
    return np.stack(rows)


def precision_plainly(dataset: str, root: Path, weights: Path, clips: list[list[int]]) -> float:
    """Mean average precision in percent, counted query by query."""
    benchmark, network = catalogue.load_benchmark(dataset, root), load_network(resolve(weights, seed=0))
    query, gallery = (embedded(network, part, clips) for part in (benchmark.query, benchmark.gallery))
    labels = Labels.of(benchmark.gallery)
    right = [
        plain.hits(row, one.identity, one.camera, labels, benchmark.rule)
        for row, one in zip(query @ gallery.T, benchmark.query, strict=True)
    ]
    return 100 * float(np.mean([plain.standard(own) for own in right if any(own)]))


def test_images_are_scored_plainly_and_with_all_that_was_asked_for(root: Path, tmp_path: Path) -> None:
    weights = checkpoint(tmp_path / "a.safetensors", dataset="market-1501", split="0")
    out = tmp_path / "out"
    result = evaluate("market", root, weights, out, "--spacetime", "--rerank")
    assert result.exit_code == 0, result.output
    assert "warning" not in result.stderr
    assert sorted(path.name for path in out.iterdir()) == WRITTEN
    plainly = measure(out, "mAP")
    assert plainly["ours"] == pytest.approx(precision_plainly("market-1501", root, weights, [[0]]), abs=0.01)
    assert plainly["difference"] is None
    assert "no differences: this folder is not the paper's data set" in result.stdout
    assert line(result, "mAP") == ["mAP", f"{plainly['ours']:.1f}", "86.1", ""]
    assert line(result, "R-1, with times")[2] == "98.2"
    assert line(result, "R-1, with times, re-ranked")[2:] == ["", ""]
    assert len({measure(out, "mAP", extra)["ours"] for extra in ("", "rerank", "st", "st+rerank")}) == 4
    (split,) = report(out)["splits"]
    assert split["weights"]["sha256"] == sha256(weights)
    assert (split["weights"]["trained_on"]["dataset"], split["weights"]["trained_on"]["split"]) == (
        "market-1501",
        0,
    )
    assert split["counts"]["query"]["tracklets"] == split["queries"] + split["skipped"]
    assert "single images" in result.stdout


def test_videos_are_scored_by_clips_of_the_papers_length(root: Path, tmp_path: Path) -> None:
    weights, out = checkpoint(tmp_path / "a.safetensors", dataset="mars", split="0"), tmp_path / "out"
    result = evaluate("mars", root, weights, out)
    assert result.exit_code == 0, result.output
    clips = [[0, 1, 2, 3], [4, 4, 4, 4]]
    assert measure(out, "mAP")["ours"] == pytest.approx(
        precision_plainly("mars", root, weights, clips), abs=0.01
    )
    assert (
        "up to 32 clips of 4 frames per tracklet, not mirrored, standard average precision" in result.stdout
    )
    assert "ResNet-50 backbones, this network test_resnet" in result.stdout


def test_pictures_show_right_and_wrong_answers_and_where_the_network_looked(
    root: Path, tmp_path: Path
) -> None:
    weights, out = checkpoint(tmp_path / "a.safetensors", dataset="mars", split="0"), tmp_path / "out"
    assert evaluate("mars", root, weights, out, "--pictures", "3").exit_code == 0
    with Image.open(out / "ranked.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    for colour in (GREEN, RED):
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (pixels == rgb).all(axis=2).sum() > 500
    with Image.open(out / "attention.png") as picture:
        assert picture.format == "PNG"


def test_overwriting_replaces_an_earlier_report_and_touches_nothing_else(root: Path, tmp_path: Path) -> None:
    with_maps = checkpoint(tmp_path / "a.safetensors", dataset="mars", split="0")
    without = checkpoint(tmp_path / "b.safetensors", "global-only", dataset="mars", split="0")
    out = tmp_path / "training"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    assert evaluate("mars", root, with_maps, out, "--pictures", "1").exit_code == 0
    assert evaluate("mars", root, without, out, "--pictures", "1", "--overwrite").exit_code == 0
    assert report(out)["network"]["variant"] == "global-only"
    assert sorted(path.name for path in out.iterdir()) == ["notes.txt", "ranked.png", "report.json"]
    assert evaluate("mars", root, without, out, "--pictures", "0", "--overwrite").exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["notes.txt", "report.json"]


def test_an_earlier_report_is_not_replaced_unasked(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = checkpoint(tmp_path / "a.safetensors", dataset="mars", split="0")
    other = checkpoint(tmp_path / "b.safetensors", "global-only", dataset="mars", split="0")
    out = Path("reid-evaluation") / "mars"  # where it goes by itself
    command = [
        "evaluate",
        "mars",
        "--data-root",
        str(root),
        "--device",
        "cpu",
        "--workers",
        "0",
        "--pictures",
        "1",
    ]
    assert CliRunner().invoke(main, [*command, "--weights", str(first)]).exit_code == 0
    before = {path: path.read_bytes() for path in out.iterdir()}
    refused = CliRunner().invoke(main, [*command, "--weights", str(other)])
    assert refused.exit_code == 2
    assert (
        f"{out} contains the results of an earlier evaluation (report.json); choose another --out, or"
        in refused.stderr
    )
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_each_split_of_ten_is_scored_with_its_own_checkpoint(root: Path, tmp_path: Path) -> None:
    out, trained = tmp_path / "out", tmp_path / "trained"
    for split in ("1", "4"):
        checkpoint(trained / f"split-{split}" / "best.safetensors", dataset="ilids-vid", split=split)
    result = evaluate("ilids", root, trained, out, "--pictures", "1")
    assert result.exit_code == 0, result.output
    assert [split["split"] for split in report(out)["splits"]] == [1, 4]
    assert "2 of 10 splits: 1, 4" in result.stdout
    row = measure(out, "R-1")
    singles = []
    for split in ("1", "4"):
        single = tmp_path / split
        assert evaluate("ilids", root, trained, single, "--split", split, "--pictures", "0").exit_code == 0
        singles.append(measure(single, "R-1")["ours"])
    assert row["splits"] == singles
    assert (row["ours"], row["deviation"]) == pytest.approx((np.mean(singles), np.std(singles, ddof=1)))
    assert line(result, "R-1")[1] == f"{row['ours']:.1f} ± {row['deviation']:.1f}"
    assert line(result, "R-1")[2] == "91.5"


@pytest.mark.parametrize("split", ["3", "all"])
def test_a_checkpoint_is_never_scored_on_its_own_people(root: Path, tmp_path: Path, split: str) -> None:
    weights = checkpoint(tmp_path / "a.safetensors", dataset="ilids-vid", split="1")
    result = evaluate("ilids-vid", root, weights, tmp_path / "out", "--split", split)
    assert result.exit_code == 2
    assert (
        "a.safetensors: was trained on split 1 of ilids-vid, or started from weights that were, with"
        in result.stderr
    )
    assert not (tmp_path / "out").exists()


def test_a_foreign_checkpoint_is_scored_with_a_warning(root: Path, tmp_path: Path) -> None:
    weights, out = checkpoint(tmp_path / "a.safetensors"), tmp_path / "out"
    result = evaluate("ilids-vid", root, weights, out, "--flip", "--pictures", "0")
    assert result.exit_code == 0, result.output
    assert "does not say what it was trained on" in result.stderr
    assert "averaged with mirror images" in result.stdout
    assert "1 of 10 splits: 0" in result.stdout


@pytest.mark.parametrize(
    ("dataset", "options", "status", "complaint"),
    [
        pytest.param("mars", ["--weights", "gone.safetensors"], 2, "gone.safetensors", id="no-weights"),
        pytest.param("mars", ["--spacetime"], 2, "mars has no times", id="no-times"),
        pytest.param("mras", [], 1, "did you mean mars", id="misspelt"),
        pytest.param("prid", [], 1, "prid", id="data-not-there"),
        pytest.param("mars", ["--split", "1"], 1, "mars has no split 1", id="no-such-split"),
        pytest.param("mars", ["--split", "x"], 2, "--split is 'x'", id="no-split-at-all"),
        pytest.param("mars", ["--device", "cuda:77"], 1, "cuda:77", id="no-such-device"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    root: Path, tmp_path: Path, dataset: str, options: list[str], status: int, complaint: str
) -> None:
    weights = checkpoint(tmp_path / "a.safetensors")
    result = evaluate(dataset, root, weights, tmp_path / "out", *options)
    assert result.exit_code == status
    assert complaint in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert not list(tmp_path.glob("out/*"))


def test_a_folder_for_training_alone_has_nothing_to_score(tmp_path: Path) -> None:
    place = tmp_path / "data/train/ann/door_1"
    place.mkdir(parents=True)
    Image.new("RGB", (8, 16)).save(place / "0.png")
    weights = checkpoint(tmp_path / "a.safetensors", dataset="folder", split="0")
    result = evaluate("folder", tmp_path / "data", weights, tmp_path / "out")
    assert result.exit_code == 1
    assert "folder: the query is empty" in result.stderr


def test_a_folder_that_cannot_be_written_is_found_before_the_work(root: Path, tmp_path: Path) -> None:
    weights = checkpoint(tmp_path / "a.safetensors", dataset="mars", split="0")
    (tmp_path / "out").write_text("a file")
    result = evaluate("mars", root, weights, tmp_path / "out" / "deeper")
    assert result.exit_code == 1
    assert str(tmp_path / "out") in result.stderr

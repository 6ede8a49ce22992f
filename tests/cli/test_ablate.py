"""`reid-pipeline ablate`, as people run it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from reid.checkpoints import save_checkpoint
from reid.losses.loss_weights import LOSSES
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build

SETTINGS = (
    "size=[64,32]", "identities=4", "clips=2", "clip_length=2", "epochs=1", "warm_up=0", "rate=0.003",
    "validation=0.25",
)  # fmt: skip
SMALL = (
    *("--backbone", "test_resnet", "--coarse-weights", "none", "--device", "cpu", "--workers", "0"),
    *(word for setting in SETTINGS for word in ("--set", setting)),
)
TABLE_8 = [
    "fgreid", "no-channel-weights", "no-nonlocal", "kqv", "baseline-1r", "global-only", "no-global",
    "baseline-1r-mars", "global-only-mars", "no-attention",
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("no_curves")


def ablate(root: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(
        main, ["ablate", "ilids-vid", "--data-root", str(root), "--out", str(out), *SMALL, *more]
    )


@pytest.fixture(scope="module")
def mars(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A temporal-pooling network that says it was trained on MARS."""
    path = tmp_path_factory.mktemp("mars") / "best.safetensors"
    design = with_backbone(VARIANTS["temporal-pooling"], "test_resnet")
    save_checkpoint(build(design, 5, seed=9), path, size=(64, 32), about={"dataset": "mars", "split": "0"})
    return str(path)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, drawn_ilids: Path, mars: str) -> tuple[Result, Path]:
    """Tables 8 and 10, whole; two of eight identities are held out."""
    out = tmp_path_factory.mktemp("tables") / "out"
    return ablate(drawn_ilids, out, "--fine-weights", mars, "--table", "8", "--table", "10"), out


def lines(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="") as file:
        return {line["row"]: line for line in csv.DictReader(file)}


def row_folders(out: Path) -> Iterator[Path]:
    return (entry for entry in sorted(out.iterdir()) if entry.is_dir())


def test_every_row_of_tables_8_and_10_is_trained_and_scored(tables: tuple[Result, Path]) -> None:
    result, out = tables
    assert result.exit_code == 0, result.output
    eight, ten = lines(out / "table-8.csv"), lines(out / "table-10.csv")
    assert list(eight) == TABLE_8
    assert list(ten) == ["all-losses", *(f"without-{loss}" for loss in LOSSES)]
    for name, line in {**eight, **ten}.items():
        folder = out / ("fgreid" if name == "all-losses" else name)
        report = json.loads((folder / "report.json").read_text())
        scored = {row["measure"]: row["ours"] for row in report["measures"]}
        assert float(line["mAP"]) == pytest.approx(scored["mAP"], abs=1e-4)
        assert float(line["R-1"]) == pytest.approx(scored["R-1"], abs=1e-4)


def test_no_two_rows_end_with_the_same_network(tables: tuple[Result, Path]) -> None:
    _, out = tables
    networks = [(folder / "best.safetensors").read_bytes() for folder in row_folders(out)]
    assert len(networks) == len(set(networks)) == 17  # "all-losses" is "fgreid"


def test_the_parameters_differ_as_the_paper_counts_them(tables: tuple[Result, Path]) -> None:
    _, out = tables
    count = {name: int(line["parameters"]) for name, line in lines(out / "table-8.csv").items()}
    assert count["kqv"] - count["fgreid"] == 1024 * 256
    assert count["fgreid"] - count["no-nonlocal"] == 3 * 1024 * 256
    assert count["no-channel-weights"] == count["no-attention"] == count["fgreid"]
    assert count["fgreid"] - count["no-global"] == 2 * 1024  # the coarse branch's norm


def test_a_loss_left_out_is_not_in_the_journal(tables: tuple[Result, Path]) -> None:
    _, out = tables
    for loss in LOSSES:
        columns = (out / f"without-{loss}" / "metrics.csv").read_text().partition("\n")[0].split(",")
        assert set(LOSSES) - set(columns) == {loss}


def test_rows_are_printed_beside_the_papers(tables: tuple[Result, Path]) -> None:
    result, out = tables
    table = lines(out / "table-8.csv")["baseline-1r-mars"]
    (printed,) = [line.split("│") for line in result.stdout.splitlines() if "baseline-1r-mars" in line]
    ours = float(table["R-1"])
    assert [cell.strip() for cell in printed[2:-1]] == [
        f"{int(table['parameters']):,}",
        f"{float(table['mAP']):.1f}",
        f"{ours:.1f}",
        "87.9",
        f"{ours - 87.9:+.1f}",
    ]
    assert "the paper uses ResNet-50 backbones, this network test_resnet" in result.stdout
    assert "split 0 of 10" in result.stdout


def test_what_is_finished_is_not_done_again(
    tables: tuple[Result, Path], drawn_ilids: Path, mars: str
) -> None:
    first, out = tables
    files = [entry for folder in row_folders(out) for entry in folder.iterdir() if entry.name[0] != "."]
    before = {entry: entry.stat().st_mtime_ns for entry in files}
    assert {entry.name for entry in files} >= {"best.safetensors", "metrics.csv", "report.json"}
    assert "last.safetensors" not in {entry.name for entry in files}
    again = ablate(drawn_ilids, out, "--fine-weights", mars, "--table", "8", "--table", "10")
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert {entry: entry.stat().st_mtime_ns for entry in files} == before


def test_a_row_that_cannot_be_done_is_reported_and_leaves_the_others(
    drawn_ilids: Path, mars: str, tmp_path: Path
) -> None:
    stray = tmp_path / "no-nonlocal" / "holiday.txt"
    stray.parent.mkdir()
    stray.touch()
    asked = ("--fine-weights", mars, "--table", "8", "--only", "no-nonlocal", "--only", "kqv")
    result = ablate(drawn_ilids, tmp_path, *asked)
    assert result.exit_code == 1
    assert f"no-nonlocal: {stray.parent} contains files that do not belong to a training" in result.stderr
    assert "not finished: no-nonlocal" in result.stderr
    assert list(lines(tmp_path / "table-8.csv")) == ["kqv"]
    stray.unlink()
    assert ablate(drawn_ilids, tmp_path, *asked).exit_code == 0
    assert list(lines(tmp_path / "table-8.csv")) == ["no-nonlocal", "kqv"]


def test_a_sweep_is_drawn_and_what_it_cannot_reach_is_said(drawn_ilids: Path, tmp_path: Path) -> None:
    asked = ("--fine-weights", "none", "--figure", "8", "--only", "k3", "--only", "p16")
    result = ablate(drawn_ilids, tmp_path, *asked)
    assert result.exit_code == 0, result.output
    assert "p16 is skipped: there are 6 identities to train on" in result.stderr
    assert list(lines(tmp_path / "figure-8.csv")) == ["k3"]
    assert (tmp_path / "figure-8a.png").read_bytes()[1:4] == b"PNG"
    assert "best in the paper: K = 4" in result.stdout


def test_rows_from_mars_without_its_weights_are_left_out_saying_so(drawn_ilids: Path, tmp_path: Path) -> None:
    result = ablate(drawn_ilids, tmp_path, "--table", "8", "--only", "global-only-mars")
    assert result.exit_code == 0
    assert "global-only-mars is skipped" in result.stderr
    assert "--fine-weights" in result.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param((), "--table 8", id="nothing-asked-for"),
        pytest.param(("--table", "10", "--only", "kqv"), "without-osm", id="a-row-of-another-table"),
        pytest.param(("--table", "8", "--split", "10"), "0 to 9", id="no-such-split"),
        pytest.param(("--table", "10", "--set", 'without=["osm"]'), "leaves out osm", id="recipe-leaves-out"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_trained(
    drawn_ilids: Path, tmp_path: Path, asked: tuple[str, ...], said: str
) -> None:
    result = ablate(drawn_ilids, tmp_path / "out", *asked)
    assert result.exit_code != 0
    assert said in result.stderr
    assert not (tmp_path / "out").exists()

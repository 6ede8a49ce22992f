"""`reid-pipeline evaluate plaza`, through the real command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from reid.checkpoints import save_checkpoint
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build


def checkpoint(path: Path, variant: str, like: str | None = None) -> Path:
    """Write a network, with what it shares with another variant's the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    network, other = (
        build(with_backbone(VARIANTS[name], "test_resnet"), 4, seed=1) for name in (variant, like or variant)
    )
    network.load_state_dict({key: other.state_dict()[key] for key in network.state_dict()})
    save_checkpoint(network, path, size=(64, 32))
    return path


@pytest.fixture
def plaza(drawn_mars: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(drawn_mars / "MARS", tmp_path / "data/MARS")
    (folder / "info/twins.json").write_text('{"groups": [["0002", "0004", "0006"]]}')
    return tmp_path / "data"


def evaluate(root: Path, *options: object) -> Result:
    machine = ["--device", "cpu", "--workers", "0", "--clips", "1", "--clip-length", "2"]
    return CliRunner().invoke(
        main, ["evaluate", "plaza", "--data-root", str(root), *machine, *map(str, options)]
    )


def test_networks_stand_beside_a_histogram_on_people_with_and_without_twins(
    plaza: Path, tmp_path: Path
) -> None:
    first = checkpoint(tmp_path / "first/best.safetensors", "fgreid")
    second = checkpoint(tmp_path / "pooled.safetensors", "temporal-pooling")
    out = tmp_path / "out"
    result = evaluate(plaza, "--weights", first.parent, "--weights", second, "--out", out, "--pictures", 2)
    assert result.exit_code == 0, result.output
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in report["rows"]] == [
        "fgreid (first)",
        "coarse half of fgreid (first)",
        "fine half of fgreid (first)",
        "temporal-pooling (pooled)",
        "colour histogram",
    ]
    for row in report["rows"]:
        counts = {name: own["queries"] for name, own in row["scores"].items()}
        assert counts["twins"] == counts["among twins"]
        assert counts["standard"] == 3 * counts["twins"]  # nine of twelve have no twin
        assert row["scores"]["among twins"]["cmc"][0] >= row["scores"]["twins"]["cmc"][0]
    percent = 100 * report["rows"][-1]["scores"]["among twins"]["mean_ap"]
    assert f"{percent:.1f}" in result.stdout
    assert (out / "ranked.png").is_file()


def test_each_branch_is_scored_alone(plaza: Path, tmp_path: Path) -> None:
    whole = checkpoint(tmp_path / "whole.safetensors", "fgreid")
    coarse = checkpoint(tmp_path / "coarse.safetensors", "global-only", like="fgreid")
    fine = checkpoint(tmp_path / "fine.safetensors", "no-global", like="fgreid")
    weights = [word for path in (whole, coarse, fine) for word in ("--weights", path)]
    result = evaluate(plaza, *weights, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = json.loads((tmp_path / "out/report.json").read_text(encoding="utf-8"))["rows"]
    scores = {row["name"]: row["scores"] for row in rows}
    assert scores["coarse half of fgreid (whole)"] == scores["global-only (coarse)"]
    assert scores["fine half of fgreid (whole)"] == scores["no-global (fine)"]
    assert scores["fgreid (whole)"] != scores["no-global (fine)"]


@pytest.mark.parametrize("option", [("--rerank",), ("--spacetime",), ("--split", "0")])
def test_what_the_plaza_does_not_have_is_wrong_usage(plaza: Path, option: tuple[str, ...]) -> None:
    result = evaluate(plaza, *option)
    assert result.exit_code == 2
    assert "plaza does not support --split, --rerank and --spacetime" in result.stderr


@pytest.mark.parametrize("count", [0, 2])
def test_any_other_data_set_scores_one_checkpoint(drawn_mars: Path, tmp_path: Path, count: int) -> None:
    given = ["--weights", str(checkpoint(tmp_path / "a.safetensors", "fgreid"))] * count
    result = CliRunner().invoke(main, ["evaluate", "mars", "--data-root", str(drawn_mars), *given])
    assert result.exit_code == 2
    assert "name it with --weights" in result.stderr

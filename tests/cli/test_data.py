from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import data as command
from cli.main import main
from reid.data.catalogue import CATALOGUE
from samples.benchmarks import draw


def check(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", "check", *map(str, arguments)])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    draw("mars", tmp_path, identities=4, frames=2, size=(32, 16))
    return tmp_path


def cells(output: str, split: str) -> list[str]:
    (row,) = [line.split() for line in output.splitlines() if line.split()[:1] == [split]]
    return row[1:]


def test_a_data_set_is_counted_beside_table_1(root: Path) -> None:
    result = check("MARS", "--data-root", root)
    assert result.exit_code == 0, result.output
    cameras = {picture.name[5] for picture in (root / "MARS" / "bbox_train").rglob("*.jpg")}
    # identities and tracklets with Table 1's beside them, images, cameras
    assert cells(result.stdout, "train") == ["2", "625", "8", "8298", "16", str(len(cameras))]
    assert cells(result.stdout, "query")[:5] == ["2", "626", "4", "1980", "8"]
    assert cells(result.stdout, "gallery")[:4] == [
        "3",
        "6",
        "9330",
        "12",
    ]  # Table 1's identities are not said
    assert cells(result.stdout, "all")[-1] == "6"  # cameras of Table 1


def test_a_difference_from_table_1_is_a_warning_that_says_where_and_what_it_means(root: Path) -> None:
    result = check("mars", "--data-root", root)
    assert result.exit_code == 0
    assert (
        "another release or an incomplete copy: train: 2 identities, not 625; train: 8 tracklets"
        in result.stderr
    )


def test_a_folder_of_ones_own_is_counted_beside_nothing(tmp_path: Path) -> None:
    draw("folder", tmp_path, identities=4, frames=2, size=(32, 16))
    result = check("folder", "--data-root", tmp_path)
    assert result.exit_code == 0
    assert "Table 1" not in result.output
    assert cells(result.stdout, "train") == ["2", "8", "16", "3"]


def test_a_complete_copy_gives_no_warning(tmp_path: Path) -> None:
    folder = tmp_path / "campus"
    folder.mkdir()
    for identity in range(971):
        for number in range(1, 5):
            (folder / f"{identity:04d}{number:03d}.png").touch()
    for name in ("cuhk01-486", "cuhk01-100"):
        result = check(name, "--data-root", tmp_path, "--split", 9)
        assert (result.exit_code, result.stderr) == (0, "")


def test_a_missing_file_ends_with_its_name_the_source_and_the_tree(root: Path) -> None:
    (root / "MARS" / "info" / "test_name.txt").unlink()
    result = check("mars", "--data-root", root)
    assert result.exit_code == 1
    assert str(root / "MARS" / "info" / "test_name.txt") in result.stderr
    assert CATALOGUE["mars"].source in result.stderr
    assert CATALOGUE["mars"].tree in result.stderr


def test_every_damaged_picture_is_named_where_pictures_are_opened(root: Path) -> None:
    pictures = sorted((root / "MARS" / "bbox_train").rglob("*.jpg"))
    pictures[0].write_bytes(b"")
    pictures[5].write_bytes(pictures[5].read_bytes()[:300])
    assert check("mars", "--data-root", root).exit_code == 0
    result = check("mars", "--data-root", root, "--images")
    assert result.exit_code == 1
    named = [picture for picture in pictures if str(picture) in result.stdout]
    assert named == [pictures[0], pictures[5]]
    assert "2 of 36 pictures" in result.stderr


def test_whole_pictures_pass(root: Path) -> None:
    result = check("mars", "--data-root", root, "--images")
    assert result.exit_code == 0
    assert "all 36 pictures can be read" in result.stdout


def test_the_help_names_every_data_set() -> None:
    result = CliRunner().invoke(command.data, ["check", "--help"])
    assert result.exit_code == 0
    for name in CATALOGUE:
        assert name in result.output

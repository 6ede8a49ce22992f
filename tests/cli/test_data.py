from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import data as command
from cli.main import main
from reid.data.catalogue import CATALOGUE
from samples.miniatures.benchmarks import draw


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
    # identities and tracklets with Table 1's in brackets, images, cameras
    assert cells(result.stdout, "train") == ["2", "(625)", "8", "(8298)", "16", str(len(cameras))]
    assert cells(result.stdout, "query")[:5] == ["2", "(626)", "4", "(1980)", "8"]
    assert cells(result.stdout, "gallery")[:4] == ["3", "6", "(9330)", "12"]  # its identities are not said
    assert cells(result.stdout, "all")[-1] == "(6)"  # cameras


def test_every_heading_is_another_and_the_table_fits_a_terminal(root: Path) -> None:
    lines = check("mars", "--data-root", root).stdout.splitlines()
    (headings,) = [line.split() for line in lines if line.startswith("split")]
    assert len(set(headings)) == len(headings)
    assert "in brackets: the paper's Table 1" in lines[0]
    assert "…" not in "".join(lines)


def test_a_difference_from_table_1_is_a_warning_that_says_where_and_what_it_means(root: Path) -> None:
    result = check("mars", "--data-root", root)
    assert result.exit_code == 0
    assert (
        "another release or an incomplete copy: train: 2 identities, not 625; train: 8 tracklets"
        in result.stderr
    )


def emptied(root: Path, part: str, *, keep: int) -> None:
    """Take identities out of a part of a folder of one's own."""
    for identity in sorted((root / part).iterdir())[keep:]:
        shutil.rmtree(identity)


@pytest.mark.parametrize(
    ("keep", "complaint"),
    [
        pytest.param({"train": 1}, "train has 1 identity, and training needs 2; add", id="one-person"),
        pytest.param({"gallery": 0}, "gallery is empty, and query is not; fill it", id="nobody-to-find"),
        pytest.param({"query": 0}, "query is empty, and gallery is not; fill it", id="nobody-to-search-for"),
        pytest.param({"train": 0, "query": 0, "gallery": 0}, "it holds no images; add some", id="nothing"),
    ],
)
def test_a_data_set_that_cannot_be_used_ends_with_status_1_and_what_to_do(
    tmp_path: Path, keep: dict[str, int], complaint: str
) -> None:
    draw("folder", tmp_path, identities=12, frames=2, size=(32, 16))
    for part, identities in keep.items():
        emptied(tmp_path, part, keep=identities)
    result = check("folder", "--data-root", tmp_path)
    assert result.exit_code == 1
    assert f"folder cannot be used: {complaint}" in result.stderr


def test_people_seen_by_one_camera_alone_cannot_be_searched_for(tmp_path: Path) -> None:
    draw("folder", tmp_path, identities=12, frames=2, size=(32, 16))
    for part in ("query", "gallery"):
        for tracklet in (tmp_path / part).glob("*/*"):
            tracklet.rename(tracklet.with_name(f"door_{tracklet.name.replace('_', '')}"))
    result = check("folder", "--data-root", tmp_path)
    assert result.exit_code == 1
    assert "no identity of query is in gallery from another camera" in result.stderr


@pytest.mark.parametrize("absent", [("train",), ("query", "gallery")])
def test_training_alone_will_do_and_so_will_a_test_alone(tmp_path: Path, absent: tuple[str, ...]) -> None:
    draw("folder", tmp_path, identities=12, frames=2, size=(32, 16))
    for part in absent:
        shutil.rmtree(tmp_path / part)
    result = check("folder", "--data-root", tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")


def test_too_few_people_to_hold_some_out_are_a_warning_that_names_the_setting(tmp_path: Path) -> None:
    draw("folder", tmp_path, identities=4, frames=2, size=(32, 16))
    result = check("folder", "--data-root", tmp_path)
    assert result.exit_code == 0
    assert (
        "too few to hold out 2 and train on 2; train without validation (--set validation=0)" in result.stderr
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
    assert CATALOGUE["mars"].layout.source in result.stderr
    assert CATALOGUE["mars"].layout.tree in result.stderr


def test_every_damaged_picture_is_named_where_pictures_are_opened(root: Path) -> None:
    pictures = sorted((root / "MARS" / "bbox_train").rglob("*.jpg"))
    pictures[0].write_bytes(b"")
    pictures[5].write_bytes(pictures[5].read_bytes()[:300])
    assert check("mars", "--data-root", root).exit_code == 0
    result = check("mars", "--data-root", root, "--images")
    assert result.exit_code == 1
    named = [picture for picture in pictures if str(picture) in result.stdout]
    assert named == [pictures[0], pictures[5]]
    assert "2 of 36 images" in result.stderr


def test_whole_pictures_pass(root: Path) -> None:
    result = check("mars", "--data-root", root, "--images")
    assert result.exit_code == 0
    assert "all 36 images can be read" in result.stdout


def test_the_help_names_every_data_set() -> None:
    result = CliRunner().invoke(command.data_command, ["check", "--help"])
    assert result.exit_code == 0
    for name in CATALOGUE:
        assert name in result.output

"""Curves: which panels a training's measurements give, and which files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from reid.errors import ReidError
from reid.pictures.curves import draw_curves
from tests.reid.pictures.conftest import Look


@pytest.mark.parametrize(
    ("columns", "width", "height"),
    [
        pytest.param("step,epoch,total", 320, 240, id="one-panel"),
        pytest.param("step,rate,total,identity", 960, 240, id="rate-total-and-the-only-loss"),
        pytest.param(
            "step,total,images_per_second,validation_map,validation_rank1", 640, 240, id="not-speed"
        ),
        pytest.param(
            "step,epoch,rate,total,identity,triplet,osm,center,variance,rank,consistency,attention_low,"
            "attention_high,images_per_second,validation_map,validation_rank1",
            *(1280, 720),
            id="everything-in-three-rows",
        ),
    ],
)
def test_each_measured_thing_has_a_panel(
    tmp_path: Path, look: Look, columns: str, width: int, height: int
) -> None:
    metrics, picture = tmp_path / "metrics.csv", tmp_path / "curves.png"
    rows = [",".join(f"{step * (i + 1)}" for i in range(len(columns.split(",")))) for step in range(1, 200)]
    metrics.write_text("\n".join([columns, *rows]) + "\n")
    draw_curves(metrics, picture)
    assert look(picture).shape == (height, width, 3)
    once = picture.read_bytes()
    draw_curves(metrics, picture)
    assert picture.read_bytes() == once


def test_a_validation_not_yet_made_has_no_panel(tmp_path: Path, look: Look) -> None:
    (tmp_path / "metrics.csv").write_text("step,total,validation_map,validation_rank1\n1,5.0,,\n2,4.5,,\n")
    draw_curves(tmp_path / "metrics.csv", tmp_path / "curves.png")
    assert look(tmp_path / "curves.png").shape == (240, 320, 3)


def test_a_training_that_has_not_begun_gives_a_picture_that_says_so(tmp_path: Path, look: Look) -> None:
    (tmp_path / "metrics.csv").write_text("step,total\n")
    draw_curves(tmp_path / "metrics.csv", tmp_path / "curves.png")
    assert look(tmp_path / "curves.png").std() > 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "cannot read", id="missing"),
        pytest.param("", "no column step", id="empty"),
        pytest.param("name,age\nx,3\n", "could not convert string to float: 'x'", id="not-numbers"),
        pytest.param("name,age\n2,3\n", "no column step", id="something-else"),
        pytest.param("step,total\n1,2\n3\n", "line 3 has 1 cells, the first 2", id="cut-short"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "metrics.csv").write_text(content)
    with pytest.raises(ReidError, match=f"metrics.csv: .*{message}"):
        draw_curves(tmp_path / "metrics.csv", tmp_path / "curves.png")
    assert not (tmp_path / "curves.png").exists()


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("step,total\n1,2\n")
    with pytest.raises(ReidError, match=r"curves.png: cannot write this picture"):
        draw_curves(tmp_path / "metrics.csv", tmp_path / "metrics.csv" / "curves.png")

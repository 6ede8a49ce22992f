"""Ranked lists: green where right, red where wrong, ten at most."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reid.pictures.canvas import GREEN, RED
from reid.pictures.ranked import RankedEntry, RankedList, draw_ranked_lists
from tests.reid.pictures.conftest import Look

GREY = np.full((64, 32, 3), 128, np.uint8)


def ranked(*correct: bool) -> RankedList:
    entries = (RankedEntry(GREY, 0.9 - 0.05 * i, right, f"camera {i}") for i, right in enumerate(correct))
    return RankedList(GREY, "0001 camera 1", tuple(entries))


def middle(picture: NDArray[np.uint8], colour: str) -> tuple[float, float]:
    """Where the pixels of a colour lie on average, down and across, as shares of the picture."""
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    places = np.argwhere((picture == rgb).all(axis=2))
    assert len(places) > 100, f"no {colour}"
    down, across = places.mean(axis=0) / picture.shape[:2]
    return float(down), float(across)


def test_frames_are_green_where_right_and_red_where_wrong(tmp_path: Path, look: Look) -> None:
    draw_ranked_lists([ranked(True, False), ranked(True, False), ranked(True)], tmp_path / "a.png")
    picture = look(tmp_path / "a.png")
    (green_down, green), (red_down, red) = middle(picture, GREEN), middle(picture, RED)
    assert 1 / 11 < green < 2.5 / 11 < red < 4 / 11
    assert red_down < 1 / 2 - 0.1 < green_down  # no red in the third row
    assert picture.shape[0] > 2.5 * 64


def test_only_the_ten_best_are_shown(tmp_path: Path) -> None:
    draw_ranked_lists([ranked(*[False] * 10)], tmp_path / "ten.png")
    draw_ranked_lists([ranked(*[False] * 10, True, True)], tmp_path / "twelve.png")
    assert (tmp_path / "ten.png").read_bytes() == (tmp_path / "twelve.png").read_bytes()


def test_no_queries_give_a_picture_that_says_so(tmp_path: Path, look: Look) -> None:
    draw_ranked_lists([], tmp_path / "a.png")
    assert look(tmp_path / "a.png").std() > 1


def test_pictures_of_any_shape_fit(tmp_path: Path, look: Look) -> None:
    """A long label does not widen the picture, and a query that nothing was ranked for still shows."""
    wide = np.zeros((20, 90, 3), np.uint8)
    rows = [
        RankedList(wide, "0001 " * 20, (RankedEntry(GREY, -1.0, True, "x" * 99),)),
        RankedList(GREY, "", ()),
    ]
    draw_ranked_lists(rows, tmp_path / "a.png")
    assert look(tmp_path / "a.png").shape[1] == 1375


@pytest.mark.parametrize("pixels", [GREY[..., 0], GREY.astype(np.float32), GREY[:0]])
def test_what_is_no_picture_is_refused(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="0007: expected"):
        RankedEntry(pixels, 0.5, True, "0007")


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="score is nan"):
        RankedEntry(GREY, float("nan"), True, "0007")

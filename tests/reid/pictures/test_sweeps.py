"""Sweeps and searches: pictures of runs, also of those not made."""

from __future__ import annotations

from math import nan
from pathlib import Path

import numpy as np
import pytest

from reid.pictures.canvas import BLUE
from reid.pictures.sweeps import draw_history, draw_sweep
from tests.reid.pictures.conftest import Look


@pytest.mark.parametrize("ours", [[88.1, 91.5, 90.0], [88.1, nan, 90.0], [nan, nan, nan]])
def test_a_sweep_is_drawn_with_what_was_measured(tmp_path: Path, look: Look, ours: list[float]) -> None:
    draw_sweep("clips an identity (K)", ["2", "4", "8"], ours, tmp_path / "a.png", metric="R-1 (%)")
    picture = look(tmp_path / "a.png")
    assert picture.shape[1] > picture.shape[0] > 100
    assert picture.std() > 1


def test_a_sweep_without_values_says_so(tmp_path: Path, look: Look) -> None:
    draw_sweep("frames a clip (t)", [], [], tmp_path / "a.png", metric="mAP")
    assert look(tmp_path / "a.png").std() > 1


def test_the_best_so_far_never_falls(tmp_path: Path, look: Look) -> None:
    draw_history([0.2, nan, 0.8, 0.3, 0.5], tmp_path / "a.png")
    blue = (look(tmp_path / "a.png") == [int(BLUE[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=2)
    heights = [
        int(np.argmax(column)) for column in blue.T[120:] if column.any()
    ]  # right of the legend's line
    assert len(heights) > 200
    assert heights == sorted(heights, reverse=True)


def test_a_search_without_trials_says_so(tmp_path: Path, look: Look) -> None:
    draw_history([], tmp_path / "a.png")
    assert look(tmp_path / "a.png").std() > 1

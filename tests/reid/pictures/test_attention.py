"""Attention pictures: bright where the maps are high."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reid.pictures.attention import draw_attention
from tests.reid.pictures.conftest import Look


@pytest.mark.parametrize("base", [0.0, 0.995])
def test_it_is_brighter_where_attention_is_higher_however_little(
    tmp_path: Path, look: Look, base: float
) -> None:
    frames, maps = np.full((1, 64, 32, 3), 128, np.uint8), np.full((1, 4, 2), base, np.float32)
    maps[0, :, 1] += 0.001
    draw_attention(frames, maps, tmp_path / "a.png")
    picture = look(tmp_path / "a.png").astype(float).mean(axis=2)
    h, w = picture.shape
    covered = picture[h // 2, w // 2 :]  # the right of the pair
    inside = covered[covered < 250]
    assert inside[-5:].mean() > inside[:5].mean() + 50


def test_a_saturated_map_and_many_frames_are_drawn(tmp_path: Path, look: Look) -> None:
    draw_attention(np.zeros((5, 64, 32, 3), np.uint8), np.ones((5, 4, 2), np.float32), tmp_path / "a.png")
    assert min(look(tmp_path / "a.png").shape[:2]) > 300


def test_no_frames_give_a_picture_that_says_so(tmp_path: Path, look: Look) -> None:
    draw_attention(np.zeros((0, 64, 32, 3), np.uint8), np.ones((0, 4, 2), np.float32), tmp_path / "a.png")
    assert look(tmp_path / "a.png").std() > 1


def test_maps_of_other_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"got \(5, 64, 32, 3\) and \(4, 4, 2\)"):
        draw_attention(np.zeros((5, 64, 32, 3), np.uint8), np.ones((4, 4, 2), np.float32), tmp_path / "a.png")

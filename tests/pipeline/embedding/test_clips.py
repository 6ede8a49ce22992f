from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.embedding.clips import choose_clips, cut_clips
from pipeline.tracking.crops import StoredCrop, encode_crop


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=200), st.integers(1, 5), st.integers(1, 32))
def test_clips_are_in_time_order_and_bounded(quality: list[float], length: int, max_clips: int) -> None:
    chosen = choose_clips(np.array(quality, np.float32), length, max_clips)
    assert chosen.shape == (min(max_clips, -(-len(quality) // length)), length)
    assert (np.diff(chosen.ravel()) >= 0).all()
    assert chosen.max() < len(quality)


def test_clips_reach_from_the_first_to_the_last_part_of_a_track() -> None:
    chosen = choose_clips(np.ones(1000, np.float32), length=4, max_clips=8)
    assert chosen[:, 0].tolist() == list(range(0, 1000, 125))


def test_a_clip_holds_the_stored_crops() -> None:
    shades = [StoredCrop(1, n, 1.0, encode_crop(np.full((80, 40, 3), 60 * n, np.uint8))) for n in range(4)]
    clips = cut_clips(shades, np.array([[0, 1], [3, 3]]), (32, 16))
    assert clips.shape == (2, 2, 32, 16, 3)
    assert clips[..., 0].mean(axis=(2, 3)) == pytest.approx(np.array([[0, 60], [180, 180]]), abs=2)

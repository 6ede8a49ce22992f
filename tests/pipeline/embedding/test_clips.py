from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.embedding.clips import choose_clips, cut_clips
from pipeline.tracking.crops import CropPicker, StoredCrop, bin_width, encode

FRAME = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
BOX = np.array([4, 4, 24, 36], np.float32)


def pick(qualities: list[float], seen: int = 0) -> list[StoredCrop]:
    picker = CropPicker({1: seen})
    for number, quality in enumerate(qualities, start=seen):
        picker.offer(FRAME, number, track=1, box=BOX, quality=quality)
    return [crop for _, crop in sorted(picker.best.items(), key=lambda item: item[0])]


def test_a_short_track_keeps_every_usable_picture() -> None:
    assert [crop.frame for crop in pick([0.5, 0, 0.9])] == [0, 2]


def test_an_old_track_keeps_the_best_of_each_stretch() -> None:
    kept = pick([0.1, 0.3, 0.2, 0.9], seen=256)  # four observations a picture from here on
    assert [(crop.frame, crop.quality) for crop in kept] == [(259, 0.9)]


@given(st.integers(1, 200_000))
def test_pictures_stay_bounded_and_spread_however_long_a_track_lasts(length: int) -> None:
    ages = np.arange(0, length, max(1, length // 500))
    widths = np.array([bin_width(int(age)) for age in ages])
    stored, age = 0, 0
    while age < length:
        stored, age = stored + 1, age + bin_width(age)
    assert stored <= 128 + 64 * max(0, np.log2(length / 128)) + 1
    assert widths.max() <= max(1, length / 64)  # so 64 in the later half, 128 evenly over the whole


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=200), st.integers(1, 5), st.integers(1, 32))
def test_clips_are_in_time_order_and_bounded(quality: list[float], length: int, most: int) -> None:
    chosen = choose_clips(np.array(quality, np.float32), length, most)
    assert chosen.shape == (min(most, -(-len(quality) // length)), length)
    assert (np.diff(chosen.ravel()) >= 0).all()
    assert chosen.max() < len(quality)


def test_clips_reach_from_the_first_to_the_last_part_of_a_track() -> None:
    chosen = choose_clips(np.ones(1000, np.float32), length=4, most=8)
    assert chosen[:, 0].tolist() == list(range(0, 1000, 125))


def test_a_clip_holds_the_pictures_that_were_stored() -> None:
    shades = [StoredCrop(1, n, 1.0, encode(np.full((80, 40, 3), 60 * n, np.uint8))) for n in range(4)]
    clips = cut_clips(shades, np.array([[0, 1], [3, 3]]), (32, 16))
    assert clips.shape == (2, 2, 32, 16, 3)
    assert clips[..., 0].mean(axis=(2, 3)) == pytest.approx(np.array([[0, 60], [180, 180]]), abs=2)


def test_a_tall_crop_is_stored_smaller_and_in_its_own_colours() -> None:
    red = np.zeros((900, 300, 3), np.uint8)
    red[..., 0] = 200
    stored = StoredCrop(1, 0, 1.0, encode(red)).pixels()
    assert stored.shape == (384, 128, 3)
    assert stored.mean(axis=(0, 1)) == pytest.approx([200, 0, 0], abs=3)

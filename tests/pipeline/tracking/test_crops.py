"""Crops: the quality of a box, and which crops of a track are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tracking.crops import (
    CropPicker,
    StoredCrop,
    bin_width,
    box_quality,
    cut_crop,
    encode_crop,
    sharpness,
)

NOISE = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
WHOLE = [100, 60, 164, 188]


def quality(box: Sequence[float], score: float = 1.0, *others: Sequence[float]) -> float:
    boxes = np.array([box, *others], np.float32)
    return float(box_quality(NOISE, boxes, np.full(len(boxes), score, np.float32))[0])


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(quality(WHOLE, 0.5), id="less-sure"),
        pytest.param(quality(WHOLE, 1.0, [120, 60, 184, 188]), id="half-hidden"),
        pytest.param(quality([0, 60, 64, 188]), id="cut-by-the-left-edge"),
        pytest.param(quality([256, 60, 320, 188]), id="cut-by-the-right-edge"),
        pytest.param(quality([100, 60, 132, 124]), id="smaller"),
    ],
)
def test_a_worse_box_has_a_lower_quality(worse: float) -> None:
    assert 0 < worse < 0.8 * quality(WHOLE)


def test_a_box_outside_the_frame_has_no_quality() -> None:
    assert quality([400, 60, 464, 188]) == 0
    assert quality([-90, 60, -10, 188]) == 0


def test_a_blurred_picture_is_less_sharp() -> None:
    flat = np.full((64, 32, 3), 90, np.uint8)
    assert sharpness(flat) == 0 < sharpness(NOISE) < 1


def test_a_crop_is_cut_to_the_frame() -> None:
    assert cut_crop(NOISE, np.array([-5, 230.2, 10.4, 260], np.float32)).shape == (10, 11, 3)


def pick(qualities: list[float], seen: int = 0) -> list[StoredCrop]:
    picker = CropPicker({1: seen})
    box = np.array([4, 4, 24, 36], np.float32)
    for number, value in enumerate(qualities, start=seen):
        picker.offer(NOISE, number, track=1, box=box, quality=value)
    return [crop for _, crop in sorted(picker.best.items(), key=lambda item: item[0])]


def test_a_short_track_keeps_every_usable_crop() -> None:
    assert [crop.frame for crop in pick([0.5, 0, 0.9])] == [0, 2]


def test_an_old_track_keeps_the_best_crop_of_each_bin() -> None:
    kept = pick([0.1, 0.3, 0.2, 0.9], seen=256)  # from here on, a bin holds four observations
    assert [(crop.frame, crop.quality) for crop in kept] == [(259, 0.9)]


@given(st.integers(1, 200_000))
def test_crops_stay_bounded_and_spread_however_long_a_track_lasts(length: int) -> None:
    ages = np.arange(0, length, max(1, length // 500))
    widths = np.array([bin_width(int(age)) for age in ages])
    stored, age = 0, 0
    while age < length:
        stored, age = stored + 1, age + bin_width(age)
    assert stored <= 128 + 64 * max(0, np.log2(length / 128)) + 1
    assert widths.max() <= max(1, length / 64)  # so 64 in the later half, 128 evenly over the whole


def test_a_tall_crop_is_stored_smaller_and_in_its_own_colours() -> None:
    red = np.zeros((900, 300, 3), np.uint8)
    red[..., 0] = 200
    stored = StoredCrop(1, 0, 1.0, encode_crop(red)).pixels()
    assert stored.shape == (384, 128, 3)
    assert stored.mean(axis=(0, 1)) == pytest.approx([200, 0, 0], abs=3)

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.world.sensor import Sensor
from samples.world.tracklets import (
    Cutting,
    Tracklet,
    Watch,
    cut_tracklets,
    jitter,
    motion_blur,
    pixels_inside,
    shrink,
    split_at_gaps,
)
from tests.samples.world.rectangles import Rectangles, Walk

EXACT = Cutting(rate=4.0, min_crops=2)


def watch(*walks: Walk, seconds: float = 4.0, cutting: Cutting = EXACT, seed: int = 0) -> list[Tracklet]:
    return cut_tracklets(Watch(Rectangles(walks, seconds).opening(), (Sensor(), Sensor()), seed, cutting))


def opened(picture: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image[..., ::-1], np.uint8)


def test_each_camera_has_its_own_tracklets_of_each_actor() -> None:
    found = watch(
        Walk(1),
        Walk(2, cameras=(1,)),
        Walk(1, "vehicle"),
        cutting=Cutting(rate=4.0, min_crops=2, min_height=20),
    )
    assert [(one.category, one.identity, one.camera) for one in found] == [
        ("person", 1, 0), ("person", 1, 1), ("person", 2, 1), ("vehicle", 1, 0), ("vehicle", 1, 1)
    ]  # fmt: skip


def test_a_crop_shows_its_actor_and_about_their_size() -> None:
    (tracklet, *_) = watch(Walk(1))
    image = opened(tracklet.pictures[8])
    assert image.shape[:2] == pytest.approx((48, 16), rel=0.5)
    red, green, blue = image[image.shape[0] // 2, image.shape[1] // 2].astype(int)
    assert green > red + 60 > blue  # identity 1 is green


def test_crops_of_one_actor_differ_as_boxes_of_detectors_do() -> None:
    (tracklet, *_) = watch(Walk(1))
    assert len({opened(picture).shape for picture in tracklet.pictures}) > 3


@pytest.mark.parametrize(
    "unfit",
    [
        pytest.param(Walk(1, share=0.3), id="hidden"),
        pytest.param(Walk(1, "vehicle"), id="too-low"),
        pytest.param(Walk(1, enters=4.6), id="too-short"),
        pytest.param(Walk(1, enters=9.0), id="never-there"),
    ],
)
def test_who_is_hardly_seen_has_no_tracklet(unfit: Walk) -> None:
    assert watch(unfit) == []


def test_who_hides_for_long_gets_a_new_tracklet() -> None:
    assert split_at_gaps([0, 1, 2, 3.6, 4], Cutting(min_crops=2)) == [slice(0, 3), slice(3, 5)]


def test_who_stays_all_day_gets_no_more_than_a_few_tracklets() -> None:
    found = split_at_gaps(np.arange(0, 600, 0.3).tolist(), Cutting(max_crops=10, max_tracklets=3))
    assert found == [slice(0, 10), slice(10, 20), slice(20, 30)]


@given(st.lists(st.floats(0.01, 4), max_size=40), st.integers(1, 5), st.integers(5, 8), st.integers(1, 9))
def test_tracklets_neither_overlap_nor_bridge_a_gap(
    gaps: list[float], shortest: int, longest: int, most: int
) -> None:
    seconds = np.cumsum(gaps).tolist()
    found = split_at_gaps(seconds, Cutting(min_crops=shortest, max_crops=longest, max_tracklets=most))
    assert len(found) <= most
    for before, after in pairwise(found):
        assert before.stop <= after.start
    for part in found:
        assert shortest <= part.stop - part.start <= longest
        assert (np.diff(seconds[part]) <= 1.5 + 1e-9).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones() -> None:
    assert watch(Walk(1), Walk(2)) == watch(Walk(1), Walk(2))
    assert watch(Walk(1), seed=1) != watch(Walk(1), seed=2)


def test_company_does_not_change_how_somebody_is_cut_out() -> None:
    alone = watch(Walk(1, cameras=(0,)))
    together = watch(Walk(1, cameras=(0,)), Walk(2, cameras=(1,)))
    assert together[: len(alone)] == alone


@pytest.mark.parametrize(
    ("box", "place"),
    [
        pytest.param((2.0, 3.0, 20.0, 40.0), (slice(3, 40), slice(2, 20)), id="inside"),
        pytest.param((-9.0, -5.0, 20.0, 90.0), (slice(0, 60), slice(0, 20)), id="cut-by-the-edge"),
        pytest.param((-30.0, 0.0, 5.0, 60.0), None, id="too-little-left"),
        pytest.param((200.0, 0.0, 220.0, 60.0), None, id="outside"),
    ],
)
def test_boxes_end_at_the_picture(
    box: tuple[float, float, float, float], place: tuple[slice, slice] | None
) -> None:
    assert pixels_inside(box, np.zeros((60, 80, 3), np.uint8)) == place


@pytest.mark.parametrize(
    ("size", "written"),
    [((100, 40), (100, 40)), ((512, 200), (256, 100)), ((300, 300), (128, 128)), ((8, 900), (1, 128))],
)
def test_crops_keep_their_size_and_shape_up_to_the_largest(
    size: tuple[int, int], written: tuple[int, int]
) -> None:
    assert shrink(np.zeros((*size, 3), np.uint8), (256, 128)).shape[:2] == written


def test_who_moves_while_the_shutter_is_open_is_smeared_that_way_only() -> None:
    dot = np.zeros((21, 21, 3), np.uint8)
    dot[10, 10] = 250
    still, across, down = (motion_blur(dot, step)[..., 0] for step in ((0.5, 0.5), (4.0, 0.0), (0.0, 4.0)))
    assert np.argwhere(still).tolist() == [[10, 10]]
    assert np.argwhere(across).tolist() == [[10, x] for x in range(8, 13)]
    assert np.array_equal(down, across.T)


def test_a_slow_shutter_softens_tracklets() -> None:
    sharp, soft = (
        cut_tracklets(
            Watch(
                Rectangles((Walk(1, speed=30.0, cameras=(0,)),)).opening(), (Sensor(shutter=open_),), 0, EXACT
            )
        )
        for open_ in (0.001, 0.2)
    )
    edges = [np.abs(np.diff(opened(one[0].pictures[2]).astype(int), axis=1)).max() for one in (sharp, soft)]
    assert edges[1] < 0.7 * edges[0]


def test_a_detectors_errors_are_small_and_centred() -> None:
    random = np.random.default_rng(0)
    errors = np.array([jitter((0, 0, 100, 200), 0.03, random) for _ in range(4000)]) - (0, 0, 100, 200)
    assert errors.mean(axis=0) == pytest.approx([0] * 4, abs=0.6)
    assert (np.abs(errors) <= 12 * 0.03 * np.array([100, 200, 100, 200])).all()


def test_a_cutting_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="min_crops"):
        Cutting(min_crops=9, max_crops=4)

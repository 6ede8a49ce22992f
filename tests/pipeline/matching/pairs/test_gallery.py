"""What matching keeps of a tracklet."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.matching.pairs.gallery import Gallery, build_gallery, choose_prototypes, weighted_mean
from pipeline.tracking.tracklets import Tracklet


def seen(camera: str, track: int, kind: str = "person") -> Tracklet:
    ones = np.ones(2, np.float32)
    boxes = np.array([[0, 0, 10, 20], [5, 0, 15, 20]], np.float32)
    return Tracklet(camera, track, kind, np.arange(2), np.array([1.0, 2.0]), boxes, ones, ones)


def rows(*values: list[float]) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_the_order_of_inputs_does_not_matter() -> None:
    tracklets = [seen("b", 1), seen("a", 10), seen("a", 9, "truck")]
    clips, weights = [rows([1, 0]), rows([0, 1]), rows([1, 1])], [np.ones(1, np.float32)] * 3
    there = build_gallery(tracklets, clips, weights=weights, prototypes=2)
    back = build_gallery(tracklets[::-1], clips[::-1], weights=weights, prototypes=2)
    assert there.keys == back.keys == [("a", 9), ("a", 10), ("b", 1)]
    assert np.array_equal(there.means, back.means)
    assert there.groups.tolist() == ["vehicle", "person", "person"]


@pytest.mark.parametrize(
    ("weights", "mean"),
    [
        pytest.param([1, 1], [0.6, 0.8], id="each-clip-counts-by-direction-not-by-length"),
        pytest.param([1, 0], [0, 1], id="a-worthless-clip-does-not-count"),
        pytest.param([0, 0], [0.6, 0.8], id="all-worthless-count-alike"),
    ],
)
def test_the_mean_is_weighted_and_of_length_one(weights: list[float], mean: list[float]) -> None:
    clips = rows([0, 5], [0.96, 0.28])
    gallery = build_gallery([seen("a", 1)], [clips], weights=[np.array(weights, np.float32)], prototypes=1)
    assert gallery.means[0] == pytest.approx(mean, abs=1e-6)


def test_prototypes_are_the_best_of_each_part_of_the_time() -> None:
    weights = np.array([0.1, 0.9, 0.2, 0.3, 0.8, 0.8, 0.5, 0.4], np.float32)
    assert choose_prototypes(weights, 4).tolist() == [1, 3, 4, 6]


def test_opposite_clips_leave_no_mean_and_are_refused() -> None:
    assert not weighted_mean(rows([1, 0], [-1, 0]), np.ones(2, np.float32)).any()
    with pytest.raises(ValueError, match="length 1"):
        build_gallery([seen("a", 1)], [rows([1, 0], [-1, 0])], weights=[np.ones(2, np.float32)], prototypes=1)


def test_no_tracklets_make_an_empty_gallery() -> None:
    assert len(build_gallery([], [], weights=[], prototypes=4)) == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"means": rows([np.nan, 0], [1, 0])}, id="not-a-number"),
        pytest.param({"tracks": np.array([2, 1])}, id="unsorted"),
        pytest.param({"tracks": np.array([1, 1])}, id="twice"),
        pytest.param({"starts": np.zeros(3)}, id="of-another-length"),
    ],
)
def test_a_gallery_that_contradicts_itself_is_refused(change: dict[str, NDArray[np.float32]]) -> None:
    clips, weights = [rows([1, 0]), rows([0, 1])], [np.ones(1, np.float32)] * 2
    sound = build_gallery([seen("a", 1), seen("a", 2)], clips, weights=weights, prototypes=1)
    fields = {field.name: getattr(sound, field.name) for field in dataclasses.fields(Gallery)}
    with pytest.raises(ValueError, match="gallery's"):
        Gallery(**{**fields, **change})

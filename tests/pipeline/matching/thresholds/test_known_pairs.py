"""What a run knows of itself without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.boxes import iou_matrix
from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.thresholds.known_pairs import (
    DUPLICATE,
    SHARED,
    find_known_pairs,
    pairs_seen_together,
    score_halves,
)
from pipeline.tracking.tracklets import Tracklet
from reid.ranking.distances import unit_vectors

CONFIG = MatchingConfig()
RED, GREEN = np.eye(2, dtype=np.float32)


def followed(
    track: int,
    place: float,
    frames: Sequence[int] = range(5),
    *,
    camera: str = "a",
    kind: str = "person",
    clips: Sequence[NDArray[np.float32]] = (RED,),
) -> EmbeddedTracklet:
    """Somebody who stands at a place, 10 pixels wide, for some frames."""
    ones = np.ones(len(frames), np.float32)
    boxes = np.tile(np.array([place, 0, place + 10, 20], np.float32), (len(frames), 1))
    numbers = np.array(frames, np.int64)
    tracklet = Tracklet(camera, track, kind, numbers, numbers / 10, boxes, ones, ones)
    weights = np.ones(len(clips), np.float32)
    return EmbeddedTracklet(tracklet, np.array(clips, np.float32), weights, numbers[: len(clips)])


def gallery_of(records: Sequence[EmbeddedTracklet]) -> Gallery:
    return build_gallery(
        [one.tracklet for one in records],
        [one.vectors for one in records],
        weights=[one.weights for one in records],
        prototypes=CONFIG.prototypes,
    )


def pairs_of(records: Sequence[EmbeddedTracklet]) -> list[list[int]]:
    pairs: list[list[int]] = pairs_seen_together(
        gallery_of(records), [one.tracklet for one in records]
    ).tolist()
    return pairs


@pytest.mark.parametrize(
    ("second", "different"),
    [
        pytest.param(followed(2, 100), True, id="side-by-side"),
        pytest.param(followed(2, 6), True, id="a-quarter-overlapped"),
        pytest.param(followed(2, 5), False, id="a-third-overlapped-may-be-one-found-twice"),
        pytest.param(followed(2, 100, range(2, 9)), True, id="three-frames-together"),
        pytest.param(followed(2, 100, range(3, 9)), False, id="two-frames-tell-too-little"),
        pytest.param(followed(2, 100, range(5, 9)), False, id="one-after-the-other"),
        pytest.param(followed(2, 100, camera="b"), False, id="in-another-camera"),
        pytest.param(followed(2, 100, kind="car"), False, id="of-another-class"),
    ],
)
def test_two_are_known_to_be_two_if_they_are_seen_side_by_side(
    second: EmbeddedTracklet, different: bool
) -> None:
    assert pairs_of([followed(1, 0), second]) == ([[0, 1]] if different else [])


def test_a_lorry_and_a_car_side_by_side_are_two_vehicles() -> None:
    assert pairs_of([followed(1, 0, kind="truck"), followed(2, 100, kind="car")]) == [[0, 1]]


def test_one_frame_of_overlap_is_enough_to_doubt() -> None:
    one, other = followed(1, 0, range(20)), followed(2, 100, range(20))
    other.tracklet.boxes[7] = one.tracklet.boxes[7]
    assert pairs_of([one, other]) == []


def test_pairs_are_those_that_looking_at_every_frame_finds() -> None:
    rng = np.random.default_rng(0)
    records = []
    for camera in "ab":
        for track in range(1, 15):
            frames = np.flatnonzero(rng.random(30) < 0.3).tolist() or [0]
            records.append(followed(track, float(rng.uniform(0, 60)), frames, camera=camera))
    expected = []
    for (i, one), (j, other) in combinations(enumerate(records), 2):
        a, b = one.tracklet, other.tracklet
        shared = sorted(set(a.frames.tolist()) & set(b.frames.tolist()))
        overlaps = [iou_matrix(a.boxes[a.frames == f], b.boxes[b.frames == f])[0, 0] for f in shared]
        if a.camera == b.camera and len(shared) >= SHARED and max(overlaps) <= DUPLICATE:
            expected.append([i, j])
    assert len(expected) > 10
    assert pairs_of(records) == expected


def test_nobody_is_known_in_an_empty_run() -> None:
    found = find_known_pairs(gallery_of([]), [], CONFIG)
    assert found.different.shape == (0, 2)
    assert found.halves.shape == (0,)


def test_halves_of_a_steady_tracklet_are_alike_and_of_a_changing_one_are_not() -> None:
    steady, changing = followed(1, 0, clips=[RED] * 4), followed(2, 50, clips=[RED, RED, GREEN, GREEN])
    short = followed(3, 100, clips=[RED, GREEN, GREEN])
    records = [steady, changing, short]
    assert score_halves(gallery_of(records), records, CONFIG).tolist() == [1, 0]


def walkers(common: float) -> list[EmbeddedTracklet]:
    """Ten people whose clips have nothing but the same look in common, of this length."""
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(10, 6, 64)) + common * np.eye(64)[0]
    clips = unit_vectors(looks.astype(np.float32))
    return [
        followed(place % 5 + 1, 50.0 * place, camera="ab"[place // 5], clips=list(clips[place]))
        for place in range(10)
    ]


def test_halves_are_scored_as_two_tracklets_are() -> None:
    records = walkers(0)
    told = score_halves(gallery_of(records), records, CONFIG)
    for score, one in zip(told.tolist(), records, strict=True):
        parts = [
            replace(one, tracklet=replace(one.tracklet, track=track), vectors=rows, weights=one.weights[:3])
            for track, rows in enumerate(np.split(one.vectors, 2), start=1)
        ]
        assert score == pytest.approx(score_gallery(gallery_of(parts), CONFIG)[0, 1], abs=1e-5)


@pytest.mark.parametrize("statistics", ["network", "run"])
def test_what_all_in_a_camera_share_does_not_make_halves_alike_once_it_is_taken_out(
    statistics: Literal["network", "run"],
) -> None:
    records = walkers(50)
    config = replace(CONFIG, statistics=statistics, centring_minimum=5)
    plain, adapted = (score_halves(gallery_of(records), records, one).mean() for one in (CONFIG, config))
    assert plain > 0.95
    assert adapted < 0.7


def test_the_order_of_records_does_not_matter() -> None:
    records = [followed(track, 40.0 * track, clips=[RED, GREEN] * track) for track in range(1, 5)]
    one, other = (find_known_pairs(gallery_of(records), rows, CONFIG) for rows in (records, records[::-1]))
    assert (one.different == other.different).all()
    assert (one.halves == other.halves).all()

"""IDF1 and HOTA equal those of TrackEval and those counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from trackeval import metrics

from detectors.boxes import iou_matrix
from pipeline.scoring.measures import Comparison, assign_identities
from pipeline.scoring.overlaps import find_overlaps

Frames = list[tuple[NDArray[np.int64], NDArray[np.float32]]]
"""Of each frame: identities and (n, 4) boxes."""


def comparison(truth: Frames, found: Frames) -> Comparison:
    moments = [np.repeat(np.arange(len(side)), [len(who) for who, _ in side]) for side in (truth, found)]
    people, boxes = zip(
        *(map(np.concatenate, zip(*side, strict=True)) for side in (truth, found)), strict=True
    )
    return Comparison(people[0], people[1], find_overlaps(moments[0], boxes[0], moments[1], boxes[1]))


def crowd(rng: np.random.Generator, frames: int, people: int) -> tuple[Frames, Frames]:
    """People who walk through each other, and a tracker that misses, jitters, invents and swaps."""
    truth, found = [], []
    at, pace = rng.uniform(0, 300, (people, 2)), rng.normal(0, 3, (people, 2))
    names = rng.permutation(people) + 50
    for _ in range(frames):
        at = at + pace
        here = rng.random(people) < 0.9
        boxes = np.concatenate([at, at + np.array([40, 80])], axis=1)
        seen = here & (rng.random(people) < 0.85)
        if rng.random() < 0.1 and people > 1:
            one, other = rng.choice(people, 2, replace=False)
            names[[one, other]] = names[[other, one]]
        ghosts = rng.poisson(0.5)
        invented = rng.uniform(0, 300, (ghosts, 2))
        jitter = rng.normal(0, 4, (seen.sum(), 4))
        told = np.concatenate([boxes[seen] + jitter, np.concatenate([invented, invented + 50], axis=1)])
        truth.append((np.flatnonzero(here) * 7, boxes[here].astype(np.float32)))
        found.append((np.concatenate([names[seen], 200 + np.arange(ghosts)]), told.astype(np.float32)))
    return truth, found


def trackeval(truth: Frames, found: Frames) -> tuple[float, ...]:
    names = [np.unique(np.concatenate([who for who, _ in side])) for side in (truth, found)]
    data = {
        "gt_ids": [np.searchsorted(names[0], who) for who, _ in truth],
        "tracker_ids": [np.searchsorted(names[1], who) for who, _ in found],
        "similarity_scores": [
            iou_matrix(a.astype(np.float64), b.astype(np.float64))
            for (_, a), (_, b) in zip(truth, found, strict=True)
        ],
        "num_gt_ids": len(names[0]),
        "num_tracker_ids": len(names[1]),
        "num_gt_dets": sum(len(who) for who, _ in truth),
        "num_tracker_dets": sum(len(who) for who, _ in found),
        "num_timesteps": len(truth),
    }
    identity = metrics.Identity({"PRINT_CONFIG": False}).eval_sequence(data)
    hota = metrics.HOTA().eval_sequence(data)
    return (
        *(float(identity[name]) for name in ("IDF1", "IDP", "IDR")),
        *(float(np.mean(hota[name])) for name in ("HOTA", "DetA", "AssA")),
    )


@pytest.mark.parametrize("people", [1, 3, 12, 30])
@pytest.mark.parametrize("seed", range(3))
def test_metrics_of_a_crowd_equal_those_of_trackeval(people: int, seed: int) -> None:
    truth, found = crowd(np.random.default_rng([people, seed]), 60, people)
    one = comparison(truth, found).metrics()
    ours = (one.idf1, one.idp, one.idr, one.hota, one.deta, one.assa)
    assert ours == pytest.approx(trackeval(truth, found), abs=1e-6)


@pytest.mark.parametrize("lacking", ["truth", "found"])
def test_metrics_are_0_as_in_trackeval_if_one_side_is_empty(lacking: str) -> None:
    nothing: Frames = [(np.empty(0, np.int64), np.empty((0, 4), np.float32))]
    something: Frames = [(np.array([4]), np.array([[0, 0, 9, 9]], np.float32))]
    sides = (nothing, something) if lacking == "truth" else (something, nothing)
    one = comparison(*sides).metrics()
    assert (one.idf1, one.idp, one.idr, one.hota, one.deta, one.assa) == trackeval(*sides)


def test_a_track_that_changes_its_number_halfway_is_half_right() -> None:
    """10 boxes, two identities of 5: IDTP 5, so IDF1 1/2; each match has 5 of 10 in common, so AssA 1/2, HOTA √1/2."""
    box = np.array([[0, 0, 10, 20]], np.float32)
    truth: Frames = [(np.array([1]), box)] * 10
    found: Frames = [(np.array([7 + (frame >= 5)]), box) for frame in range(10)]
    one = comparison(truth, found).metrics()
    assert (one.idf1, one.idp, one.idr, one.right_boxes) == (0.5, 0.5, 0.5, 5)
    assert (one.hota, one.deta, one.assa) == pytest.approx((0.5**0.5, 1, 0.5))


def test_identities_are_assigned_so_that_the_most_boxes_match_in_total() -> None:
    """7 is on 1 for 3 boxes and on 2 for 2, 8 on 1 for 2: 7-2 and 8-1 make 4 right, 7-1 alone 3."""
    box = np.array([[0, 0, 10, 20]], np.float32)
    pairs = [(1, 7)] * 3 + [(2, 7)] * 2 + [(1, 8)] * 2
    truth: Frames = [(np.array([who]), box) for who, _ in pairs]
    found: Frames = [(np.array([told]), box) for _, told in pairs]
    assert assign_identities(comparison(truth, found)) == [(1, 8, 2), (2, 7, 2)]

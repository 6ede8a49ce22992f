"""Which pairs of tracklets can be one object at all, and which rule forbids the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import PERSON
from pipeline.errors import PipelineError
from pipeline.footage.cameras import CameraSet, Transition
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.tracking.tracklets import Pair

ROWS = 512
"""Rows worked on at a time, so that 10,000 tracklets need some 40 MB beside the result."""

Places = slice | NDArray[np.intp]


class Rule(IntEnum):
    """Why two tracklets cannot be one object; the first that applies is named."""

    ADMISSIBLE = 0
    CANNOT_LINK = 1
    CLASS = 2
    SAME_TIME = 3
    TOO_FAST = 4
    UNREACHABLE = 5
    NOT_OVERLAPPING = 6
    TOO_SOON = 7
    TOO_LATE = 8
    IMPLIED = 9

    @property
    def sentence(self) -> str:
        """Say it to people."""
        return SENTENCES[self]


SENTENCES = {
    Rule.ADMISSIBLE: "nothing forbids it",
    Rule.CANNOT_LINK: "you said that they are two objects",
    Rule.CLASS: "different classes",
    Rule.SAME_TIME: "in the same camera at the same time",
    Rule.TOO_FAST: "too far apart in the same camera for the time between",
    Rule.UNREACHABLE: "nobody gets from one camera to the other, as declared",
    Rule.NOT_OVERLAPPING: "seen at the same time in cameras declared not to overlap",
    Rule.TOO_SOON: "less time between than the declared minimum",
    Rule.TOO_LATE: "more time between than the declared maximum",
    Rule.IMPLIED: "you said that one of them is the same as a tracklet that cannot be the other",
}


def forbidden(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    cannot_link: Sequence[Pair] = (),
    implied: Sequence[Pair] = (),
) -> NDArray[np.uint8]:
    """Find for each pair of n tracklets the rule that forbids it.

    A declared travel time holds for any two sightings of an object in the two cameras, not only for
    successive ones: who comes back after longer than the maximum is linked as somebody else.

    Args:
        gallery: n tracklets.
        cameras: what is known of the ways between cameras.
        config: speeds.
        cannot_link: pairs that somebody knows to be two objects.
        implied: pairs that are two because of what is known of tracklets outside the gallery.

    Returns:
        (n, n) symmetric `Rule` values, 0 where the pair is admissible; the diagonal is `SAME_TIME`.

    Raises:
        PipelineError: a pair names a tracklet that is not in the gallery.
    """
    rules = np.zeros((len(gallery), len(gallery)), np.uint8)
    for rows, columns in _blocks(gallery.cameras):
        a, b = str(gallery.cameras[rows.start]), str(gallery.cameras[columns.start])
        gap = gaps(gallery, rows, columns)  # (rows, columns) seconds
        known = cameras.transition(a, b)
        block = _within(gallery, rows, columns, gap, config) if a == b else _across(gap, known)
        block[gallery.groups[rows, None] != gallery.groups[None, columns]] = Rule.CLASS
        rules[rows, columns] = block
        rules[columns, rows] = block.T
    for rule, pairs in ((Rule.IMPLIED, implied), (Rule.CANNOT_LINK, cannot_link)):
        for a_index, b_index in indices(gallery, pairs):
            rules[a_index, b_index] = rules[b_index, a_index] = rule
    return rules


def _blocks(cameras: NDArray[np.str_]) -> Iterator[tuple[slice, slice]]:
    """Cut the upper triangle of pairs into blocks that belong to one pair of cameras each."""
    edges = [0, *(np.flatnonzero(cameras[1:] != cameras[:-1]) + 1).tolist(), len(cameras)]
    spans = [slice(low, high) for low, high in pairwise(edges) if low < high]
    for index, span in enumerate(spans):
        for low in range(span.start, span.stop, ROWS):
            for columns in spans[index:]:
                yield slice(low, min(low + ROWS, span.stop)), columns


def gaps(gallery: Gallery, rows: Places, columns: Places) -> NDArray[np.float64]:
    """Measure the seconds between the end of the one and the start of the other; negative: together."""
    later = np.maximum(gallery.starts[rows][:, None], gallery.starts[columns])
    return later - np.minimum(gallery.ends[rows][:, None], gallery.ends[columns])


def steps(gallery: Gallery, rows: Places, columns: Places) -> NDArray[np.float32]:
    """Measure how far from the end of the one the other starts, in heights of the taller box; of one camera."""
    a_first = gallery.starts[rows][:, None] <= gallery.starts[columns]
    there = _distance(gallery.last_boxes[rows], gallery.first_boxes[columns])
    back = _distance(gallery.first_boxes[rows], gallery.last_boxes[columns])
    return np.where(a_first, there, back)


def _within(
    gallery: Gallery, rows: slice, columns: slice, gap: NDArray[np.float64], config: MatchingConfig
) -> NDArray[np.uint8]:
    """Apply the rules for two tracklets of one camera; a box height of distance is free, boxes being rough."""
    speed = np.where(gallery.groups[rows] == PERSON, config.person_speed, config.vehicle_speed)[:, None]
    fast = (gap <= config.speed_gap) & (steps(gallery, rows, columns) > 1 + speed * gap)
    return np.select([gap <= 0, fast], [Rule.SAME_TIME, Rule.TOO_FAST], Rule.ADMISSIBLE).astype(np.uint8)


def _distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure from the centres of (q, 4) boxes to those of (g, 4), in heights of the taller; (q, g)."""
    centre_a, centre_b = (a[:, :2] + a[:, 2:]) / 2, (b[:, :2] + b[:, 2:]) / 2
    step = np.hypot(*(centre_a[:, None, axis] - centre_b[None, :, axis] for axis in (0, 1)))
    taller = np.maximum((a[:, 3] - a[:, 1])[:, None], (b[:, 3] - b[:, 1])[None, :])
    heights: NDArray[np.float32] = (step / np.maximum(taller, 1)).astype(np.float32)
    return heights


def _across(gap: NDArray[np.float64], known: Transition) -> NDArray[np.uint8]:
    """Apply what is known of the way between two cameras."""
    if not known.reachable:
        return np.full(gap.shape, Rule.UNREACHABLE, np.uint8)
    travel = np.maximum(gap, 0)
    together = (gap <= 0) & (not known.overlapping)
    conditions = [together, travel < known.minimum, travel > known.maximum]
    rules = [Rule.NOT_OVERLAPPING, Rule.TOO_SOON, Rule.TOO_LATE]
    return np.select(conditions, rules, Rule.ADMISSIBLE).astype(np.uint8)


def indices(gallery: Gallery, pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Look up the tracklets that pairs of keys name, the lower index first.

    Raises:
        PipelineError: a tracklet is not in the gallery.
    """
    places = {key: index for index, key in enumerate(gallery.keys)} if pairs else {}
    for camera, track in (key for pair in pairs for key in pair):
        if (camera, track) not in places:
            raise PipelineError(f"{camera}/{track} is no tracklet that takes part in this run's matching")
    return [(min(places[a], places[b]), max(places[a], places[b])) for a, b in pairs]

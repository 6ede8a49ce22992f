"""Rules: which pairs of tracklets cannot be one object, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detectors.class_names import PERSON
from pipeline.errors import PipelineError
from pipeline.footage.cameras import CameraSet, Transition
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.tracking.tracklets import Pair

ROWS = 512
"""Rows worked on at a time, so that 10,000 tracklets need about 40 MB besides the result."""

Places = slice | NDArray[np.intp]
"""Some tracklets of a gallery."""


class Rule(IntEnum):
    """Why a pair is forbidden; `ALLOWED` if it is not. `CANNOT_LINK` and `IMPLIED` come before all other rules."""

    ALLOWED = 0
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
        """Why the pair is forbidden, as part of a sentence."""
        return SENTENCES[self]


SENTENCES = {
    Rule.ALLOWED: "no rule forbids it",
    Rule.CANNOT_LINK: "you marked them as different",
    Rule.CLASS: "their classes differ",
    Rule.SAME_TIME: "they are in the same camera at the same time",
    Rule.TOO_FAST: "they are too far apart in the same camera for the time between them",
    Rule.UNREACHABLE: "their cameras are declared unreachable from each other",
    Rule.NOT_OVERLAPPING: "they are seen at the same time in cameras declared not to overlap",
    Rule.TOO_SOON: "the time between them is below the declared minimum",
    Rule.TOO_LATE: "the time between them is above the declared maximum",
    Rule.IMPLIED: "you marked one of them as the same as a third tracklet, which cannot be the other",
}


def find_rules(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    cannot_link: Sequence[Pair] = (),
    implied: Sequence[Pair] = (),
) -> NDArray[np.uint8]:
    """Find the rule that forbids each pair of n tracklets.

    A declared travel time holds for any two sightings of an object in the two cameras, not only for successive ones:
    an object that comes back after more than the maximum gets a new identity.

    Args:
        gallery: n tracklets.
        cameras: what is declared about the cameras.
        config: speeds.
        cannot_link: pairs that the user marked as different.
        implied: pairs that are different because of tracklets outside the gallery.

    Returns:
        (n, n) symmetric `Rule` values, 0 where the pair is admissible; the diagonal is `SAME_TIME`.

    Raises:
        PipelineError: a pair names a tracklet that is not in the gallery.
    """
    rules = np.zeros((len(gallery), len(gallery)), np.uint8)
    for rows, columns in _blocks(gallery.cameras):
        a, b = str(gallery.cameras[rows.start]), str(gallery.cameras[columns.start])
        gap = gaps(gallery, rows, columns)  # (rows, columns) seconds
        block = (
            _within(gallery, rows, columns, gap, config) if a == b else _across(gap, cameras.transition(a, b))
        )
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
    """Return the seconds from the end of the earlier tracklet to the start of the later; negative: they overlap."""
    later = np.maximum(gallery.starts[rows][:, None], gallery.starts[columns])
    return later - np.minimum(gallery.ends[rows][:, None], gallery.ends[columns])


def steps(gallery: Gallery, rows: Places, columns: Places) -> NDArray[np.float32]:
    """Return the distance from the end of the earlier tracklet to the start of the later, in heights of the taller box.

    It makes sense within one camera only.
    """
    a_first = gallery.starts[rows][:, None] <= gallery.starts[columns]
    a_to_b = _distance(gallery.last_boxes[rows], gallery.first_boxes[columns])
    b_to_a = _distance(gallery.first_boxes[rows], gallery.last_boxes[columns])
    return np.where(a_first, a_to_b, b_to_a)


def _within(
    gallery: Gallery, rows: slice, columns: slice, gap: NDArray[np.float64], config: MatchingConfig
) -> NDArray[np.uint8]:
    """Apply the rules for two tracklets of one camera; a distance of one box height is free, boxes being rough."""
    speed = np.where(gallery.groups[rows] == PERSON, config.person_speed, config.vehicle_speed)[:, None]
    fast = (gap <= config.speed_gap) & (steps(gallery, rows, columns) > 1 + speed * gap)
    return np.select([gap <= 0, fast], [Rule.SAME_TIME, Rule.TOO_FAST], Rule.ALLOWED).astype(np.uint8)


def _distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the distance of the centres of (q, 4) and (g, 4) boxes, in heights of the taller; (q, g)."""
    centre_a, centre_b = (a[:, :2] + a[:, 2:]) / 2, (b[:, :2] + b[:, 2:]) / 2
    across = centre_a[:, None, 0] - centre_b[None, :, 0]
    down = centre_a[:, None, 1] - centre_b[None, :, 1]
    taller = np.maximum((a[:, 3] - a[:, 1])[:, None], (b[:, 3] - b[:, 1])[None, :])
    heights: NDArray[np.float32] = (np.hypot(across, down) / np.maximum(taller, 1)).astype(np.float32)
    return heights


def _across(gap: NDArray[np.float64], transition: Transition) -> NDArray[np.uint8]:
    """Apply what is declared about two cameras to the gaps between their tracklets."""
    if not transition.reachable:
        return np.full(gap.shape, Rule.UNREACHABLE, np.uint8)
    travel = np.maximum(gap, 0)
    together = (gap <= 0) & (not transition.overlapping)
    maximum = math.inf if transition.maximum is None else transition.maximum
    conditions = [together, travel < transition.minimum, travel > maximum]
    rules = [Rule.NOT_OVERLAPPING, Rule.TOO_SOON, Rule.TOO_LATE]
    return np.select(conditions, rules, Rule.ALLOWED).astype(np.uint8)


def indices(gallery: Gallery, pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Return the indices of the tracklets that pairs of keys name, the lower first.

    Raises:
        PipelineError: a tracklet is not in the gallery.
    """
    places = {key: index for index, key in enumerate(gallery.keys)} if pairs else {}
    for camera, track in (key for pair in pairs for key in pair):
        if (camera, track) not in places:
            raise PipelineError(f"{camera}/{track} is not among the tracklets that are matched")
    return [(min(places[a], places[b]), max(places[a], places[b])) for a, b in pairs]

"""Validation split: query and gallery made of some training identities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reid.data.records import Benchmark, LabelledTracklet, Rule
from reid.errors import DatasetError, RecipeError

FEWEST = 2
"""Smallest number of identities that can be trained or validated on."""


def hold_out(benchmark: Benchmark, share: float, seed: int) -> Benchmark:
    """Return a benchmark whose query and gallery are a random share of the training identities.

    The test split is not used: a model that is selected by its test scores looks better than it is.

    Under the cross-camera rule, identities seen by at least two cameras can be held out. The first
    tracklet of each camera is a query, and all tracklets are in the gallery; the rule removes the query
    itself. Under the any-camera rule, identities with at least two tracklets can be held out. The first
    tracklet is in the gallery, and the others are queries.

    Args:
        benchmark: only its training split is used.
        share: share of the suitable identities, in [0, 1); rounded, at least two. 0 holds out none.
        seed: seed of the draw.

    Raises:
        RecipeError: the share is not in [0, 1).
        DatasetError: fewer than two identities can be held out, or fewer than two remain.
    """
    if not 0 <= share < 1:
        raise RecipeError(f"validation share {share}: must be at least 0 and less than 1")
    if share == 0:
        return replace(benchmark, query=(), gallery=())
    by_identity: dict[str, list[LabelledTracklet]] = {}
    for tracklet in benchmark.train:
        by_identity.setdefault(tracklet.identity, []).append(tracklet)
    suitable = sorted(
        identity for identity, tracklets in by_identity.items() if _has_match(tracklets, benchmark.rule)
    )
    wanted = max(FEWEST, round(share * len(suitable)))
    if len(suitable) < FEWEST or len(by_identity) - wanted < FEWEST:
        condition = "seen by two cameras" if benchmark.rule == "cross-camera" else "with two images"
        raise DatasetError(
            f"{benchmark.name}: {len(by_identity)} training identities, {len(suitable)} of them {condition}, "
            f"are too few to hold out {wanted} and train on {FEWEST}; train without validation "
            "(--set validation=0)"
        )
    order = np.random.default_rng(seed).permutation(len(suitable))
    held_out = {suitable[i] for i in order[:wanted]}
    query, gallery = _split([t for t in benchmark.train if t.identity in held_out], benchmark.rule)
    train = tuple(t for t in benchmark.train if t.identity not in held_out)
    return replace(benchmark, train=train, query=query, gallery=gallery)


def _has_match(tracklets: list[LabelledTracklet], rule: Rule) -> bool:
    """Return whether a query among these tracklets of one identity has a match among the others."""
    if rule == "any-camera":
        return len(tracklets) > 1
    return len({tracklet.camera for tracklet in tracklets}) > 1


def _split(
    tracklets: list[LabelledTracklet], rule: Rule
) -> tuple[tuple[LabelledTracklet, ...], tuple[LabelledTracklet, ...]]:
    """Split the tracklets that are held out into query and gallery."""
    is_first = _first_of_each(tracklets, rule)
    first = tuple(tracklet for tracklet, chosen in zip(tracklets, is_first, strict=True) if chosen)
    if rule == "cross-camera":
        return first, tuple(tracklets)
    return tuple(tracklet for tracklet, chosen in zip(tracklets, is_first, strict=True) if not chosen), first


def _first_of_each(tracklets: list[LabelledTracklet], rule: Rule) -> list[bool]:
    """Return which tracklets are the first of their identity, or under cross-camera of identity and camera."""
    seen: set[tuple[str, str]] = set()
    is_first = []
    for tracklet in tracklets:
        key = (tracklet.identity, tracklet.camera if rule == "cross-camera" else "")
        is_first.append(key not in seen)
        seen.add(key)
    return is_first

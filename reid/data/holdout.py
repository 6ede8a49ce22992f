"""Validation split: query and gallery made of some training identities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reid.data.records import Benchmark, LabelledTracklet
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
    is_cross_camera = benchmark.rule == "cross-camera"
    by_identity: dict[str, list[LabelledTracklet]] = {}
    for tracklet in benchmark.train:
        by_identity.setdefault(tracklet.identity, []).append(tracklet)
    suitable = []
    for identity, tracklets in sorted(by_identity.items()):
        cameras = {tracklet.camera for tracklet in tracklets}
        if len(cameras if is_cross_camera else tracklets) > 1:
            suitable.append(identity)
    wanted = max(FEWEST, round(share * len(suitable)))
    if len(suitable) < FEWEST or len(by_identity) - wanted < FEWEST:
        condition = "seen by two cameras" if is_cross_camera else "with two images"
        raise DatasetError(
            f"{benchmark.name}: {len(by_identity)} training identities, {len(suitable)} of them {condition}, "
            f"are too few to hold out {wanted} and train on {FEWEST}; train without validation "
            "(--set validation=0)"
        )
    order = np.random.default_rng(seed).permutation(len(suitable))
    held_out = {suitable[i] for i in order[:wanted]}
    train = tuple(tracklet for tracklet in benchmark.train if tracklet.identity not in held_out)
    test = [tracklet for tracklet in benchmark.train if tracklet.identity in held_out]
    first: list[LabelledTracklet] = []
    others: list[LabelledTracklet] = []
    seen: set[tuple[str, str]] = set()
    for tracklet in test:
        key = (tracklet.identity, tracklet.camera if is_cross_camera else "")
        (others if key in seen else first).append(tracklet)
        seen.add(key)
    query, gallery = (first, test) if is_cross_camera else (others, first)
    return replace(benchmark, train=train, query=tuple(query), gallery=tuple(gallery))

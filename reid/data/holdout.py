"""Holding out: some training identities become a search of their own, to choose a model by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reid.data.records import Benchmark, LabelledTracklet, Rule
from reid.errors import DatasetError, RecipeError

FEWEST = 2
"""A search among fewer identities, or a training on fewer, decides nothing."""


def hold_out(benchmark: Benchmark, share: float, seed: int) -> Benchmark:
    """Turn a seeded share of the training identities into query and gallery.

    The test is not in it: a model chosen by the test's own figures looks better than it is.

    Args:
        benchmark: Only its training part counts.
        share: Of the identities that can be searched for, in [0, 1); rounded, at least two. 0 holds out none.
        seed: Of the draw.

    Returns:
        The remaining identities as training. Under the cross-camera rule, identities seen by two cameras
        or more can be held out: the first tracklet in each camera is asked for, and all are in the gallery,
        from which the rule takes the query itself. Under the any-camera rule, identities with two
        tracklets or more: the first is in the gallery, the others are asked for.

    Raises:
        RecipeError: The share is not in [0, 1).
        DatasetError: Fewer than two identities would be held out, or remain.
    """
    if not 0 <= share < 1:
        raise RecipeError(f"validation share {share}: must be at least 0 and less than 1")
    if share == 0:
        return replace(benchmark, query=(), gallery=())
    own: dict[str, list[LabelledTracklet]] = {}
    for tracklet in benchmark.train:
        own.setdefault(tracklet.identity, []).append(tracklet)
    able = sorted(identity for identity, tracklets in own.items() if _searchable(tracklets, benchmark.rule))
    wanted = max(FEWEST, round(share * len(able)))
    if len(able) < FEWEST or len(own) - wanted < FEWEST:
        seen = "seen by two cameras" if benchmark.rule == "cross-camera" else "with two images"
        raise DatasetError(
            f"{benchmark.name}: {len(own)} training identities, {len(able)} of them {seen}, are too few to hold out "
            f"{wanted} and train on {FEWEST}; train without validation (--set validation=0)"
        )
    held = {able[i] for i in np.random.default_rng(seed).permutation(len(able))[:wanted]}
    query, gallery = _search([t for t in benchmark.train if t.identity in held], benchmark.rule)
    train = tuple(t for t in benchmark.train if t.identity not in held)
    return replace(benchmark, train=train, query=query, gallery=gallery)


def _searchable(tracklets: list[LabelledTracklet], rule: Rule) -> bool:
    """Whether a query among these tracklets of one identity has something right to find."""
    if rule == "any-camera":
        return len(tracklets) > 1
    return len({tracklet.camera for tracklet in tracklets}) > 1


def _search(
    held: list[LabelledTracklet], rule: Rule
) -> tuple[tuple[LabelledTracklet, ...], tuple[LabelledTracklet, ...]]:
    """Part the tracklets into query and gallery."""
    first = _first(held, rule)
    firsts = tuple(tracklet for tracklet, is_first in zip(held, first, strict=True) if is_first)
    if rule == "cross-camera":
        return firsts, tuple(held)
    return tuple(tracklet for tracklet, is_first in zip(held, first, strict=True) if not is_first), firsts


def _first(held: list[LabelledTracklet], rule: Rule) -> list[bool]:
    """Which tracklets are the first of their identity, under the cross-camera rule in their camera."""
    keys = [(tracklet.identity, tracklet.camera if rule == "cross-camera" else "") for tracklet in held]
    earliest = {key: i for i, key in reversed(list(enumerate(keys)))}
    return [earliest[key] == i for i, key in enumerate(keys)]

"""Who in a run looks like the query, best first, by the score that matching decides on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import class_group
from pipeline.errors import RunError
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import adapt
from pipeline.matching.pairs.gallery import Gallery
from pipeline.search.query import Query
from pipeline.search.runs import SearchedRun

ROWS = 4096
"""Tracklets scored at a time: what is computed of them takes 1 MB beside the gallery."""


@dataclass(frozen=True)
class Found:
    """A tracklet, and how much it looks like the query."""

    run: SearchedRun
    camera: str
    track: int
    identity: int
    kind: str
    start: float
    end: float
    """First and last sighting, in seconds."""
    score: float
    threshold: float
    """Smallest score at which its run would link it with the query."""

    @property
    def passes(self) -> bool:
        """Whether the run would have called the two one object, by their looks alone."""
        return self.score >= self.threshold


@dataclass(frozen=True)
class Ranking:
    """What a search found."""

    best: tuple[Found, ...]
    """Best first: all that pass, and as many as were asked for."""
    passing: int
    """How many pass, those not asked for included."""
    compared: int
    """How many were compared."""


def search(query: Query, runs: Sequence[SearchedRun], *, most: int) -> Ranking:
    """Rank the tracklets of the query's kind; people are compared with people alone, vehicles with vehicles.

    Args:
        query: who is looked for; the tracklet that it is itself is left out.
        runs: where; each with its own threshold.
        most: how many to tell of, even if they do not pass.

    Raises:
        RunError: a run was embedded with another network, or its scores cannot be had for a query from outside.
    """
    found: list[Found] = []
    passing = compared = 0
    for run in runs:
        gallery = run.gallery(query.kind).gallery
        if not len(gallery):
            continue
        check_network(query, run)
        config = run.matching(query.kind)
        rows = _candidates(query, run, gallery)
        values = scores(query, run, gallery, config)[rows]
        needed = _needed(query, run, gallery, config)[rows]
        count = int((values >= needed).sum())
        passing, compared = passing + count, compared + len(rows)
        order = np.argsort(-values, kind="stable")[: max(most, count)]
        found += [_found(run, gallery, int(rows[i]), float(values[i]), float(needed[i])) for i in order]
    found.sort(key=lambda one: -one.score)  # stable: equals stay in the order of runs, cameras and tracks
    return Ranking(tuple(found[: max(most, passing)]), passing, compared)


def first_with(kind: str, runs: Sequence[SearchedRun]) -> SearchedRun:
    """Choose the run whose network embeds a query: the first that saw anything to compare it with, else the first."""
    return next((run for run in runs if len(run.gallery(kind).gallery)), runs[0])


def check_network(query: Query, run: SearchedRun) -> None:
    """Refuse a run whose vectors mean something else than the query's.

    Raises:
        RunError: so it is.
    """
    saved = run.gallery(query.kind)
    own, theirs = query.network, saved.network
    if (own.sha256 or own.source) != (theirs.sha256 or theirs.source):
        raise RunError(
            f"{run.folder}: was embedded with other weights (SHA-256 {str(theirs.sha256)[:12]}) than the query's "
            f"({str(own.sha256)[:12]}); search runs of different networks one by one"
        )


def scores(query: Query, run: SearchedRun, gallery: Gallery, config: MatchingConfig) -> NDArray[np.float32]:
    """Score every tracklet of a gallery as matching would score it with the query.

    Where scores depend on what the other tracklets are like, a query from outside counts as a tracklet of one more
    camera.

    Returns:
        (n,) cosines in [-1, 1].
    """
    if config.statistics == "network" and config.centring_minimum is None:
        return appearance(query.mean, query.prototypes, gallery.means, gallery.prototypes, top=config.top)
    own = _place(query, run, gallery)
    if own is None and config.centring_minimum is not None:
        raise RunError(
            f"{run.folder}: was matched with each camera's own look taken out (--centre-cameras), which no picture from "
            f"outside has; look for a tracklet of it, or match again without"
        )
    whole = gallery if own is not None else _with(query, gallery)
    means, prototypes = (adapt(vectors, whole, config) for vectors in (whole.means, whole.prototypes))
    place = own or 0
    values = appearance(means[place], prototypes[place], means, prototypes, top=config.top)
    return values if own is not None else values[1:]


def appearance(
    mean: NDArray[np.float32],
    own: NDArray[np.float32],
    means: NDArray[np.float32],
    prototypes: NDArray[np.float32],
    *,
    top: int,
) -> NDArray[np.float32]:
    """Score one against many, as `pipeline.matching.scores.appearance` scores all pairs.

    Args:
        mean: (d,) of the one.
        own: (p, d) prototypes of the one.
        means: (n, d) of the many.
        prototypes: (n, p, d) of the many.
        top: how many of a pair's p * p prototype cosines are averaged.

    Returns:
        (n,) cosines in [-1, 1], rounded to 1e-6.
    """
    values = np.empty(len(means), np.float32)
    for low in range(0, len(means), ROWS):
        rows = slice(low, low + ROWS)
        cosines = (prototypes[rows] @ own.T).reshape(len(means[rows]), -1)  # (rows, p * p)
        best = np.sort(cosines, axis=1)[:, -top:].mean(axis=1)
        values[rows] = np.maximum(np.einsum("nd,d->n", means[rows], mean), best)
    return values.round(6).clip(-1, 1)


def _needed(query: Query, run: SearchedRun, gallery: Gallery, config: MatchingConfig) -> NDArray[np.float64]:
    """Tell from which score on the run links each tracklet with the query: more is asked within one camera; (n,)."""
    if query.key is None or query.run != run.folder:
        return np.full(len(gallery), config.threshold.value)
    return np.where(gallery.cameras == query.key[0], config.stitch_threshold.value, config.threshold.value)


def _candidates(query: Query, run: SearchedRun, gallery: Gallery) -> NDArray[np.intp]:
    """List the tracklets of the query's class group, but for itself and whoever its camera saw beside it."""
    wanted = gallery.groups == class_group(query.kind)
    own = _place(query, run, gallery)
    if own is not None:
        beside = (gallery.starts <= gallery.ends[own]) & (gallery.ends >= gallery.starts[own])
        wanted &= ~(beside & (gallery.cameras == gallery.cameras[own]))
    return np.flatnonzero(wanted)


def _place(query: Query, run: SearchedRun, gallery: Gallery) -> int | None:
    """Find the query among a gallery's tracklets."""
    if query.key is None or query.run != run.folder:
        return None
    camera, track = query.key
    return int(np.flatnonzero((gallery.cameras == camera) & (gallery.tracks == track))[0])


def _with(query: Query, gallery: Gallery) -> Gallery:
    """Put the query in front of a gallery, as a tracklet of a camera whose name sorts before any other."""
    box = gallery.first_boxes[:1]
    return Gallery(
        cameras=np.concatenate([[""], gallery.cameras]),
        tracks=np.concatenate([[0], gallery.tracks]),
        kinds=np.concatenate([[query.kind], gallery.kinds]),
        groups=np.concatenate([[class_group(query.kind)], gallery.groups]),
        starts=np.concatenate([[0.0], gallery.starts]),
        ends=np.concatenate([[0.0], gallery.ends]),
        first_boxes=np.concatenate([box, gallery.first_boxes]),
        last_boxes=np.concatenate([box, gallery.last_boxes]),
        means=np.concatenate([query.mean[None], gallery.means]),
        prototypes=np.concatenate([query.prototypes[None], gallery.prototypes]),
    )


def _found(run: SearchedRun, gallery: Gallery, row: int, score: float, threshold: float) -> Found:
    saved = next(one for one in run.galleries if one.gallery is gallery)
    return Found(
        run,
        str(gallery.cameras[row]),
        int(gallery.tracks[row]),
        int(saved.identities[row]),
        str(gallery.kinds[row]),
        float(gallery.starts[row]),
        float(gallery.ends[row]),
        score,
        threshold,
    )

"""Ranking: the tracklets of finished runs by their score with a query, the score that matching uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.class_names import class_group
from pipeline.errors import RunError
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import adapt
from pipeline.matching.pairs.gallery import Gallery
from pipeline.results.galleries import SavedGallery
from pipeline.results.networks import gallery_of
from pipeline.results.records import FinishedRun
from pipeline.search.query import Query

ROWS = 4096
"""Number of tracklets scored at a time, so that a search needs about 1 MB besides the gallery."""


@dataclass(frozen=True)
class SearchHit:
    """A tracklet and its score with the query."""

    run: FinishedRun
    camera: str
    track: int
    identity: int
    kind: str
    start: float
    """First sighting, in seconds."""
    end: float
    """Last sighting, in seconds."""
    score: float
    threshold: float
    """Minimum score at which its run would link it with the query."""

    @property
    def passes(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= self.threshold


@dataclass(frozen=True)
class Ranking:
    """The result of a search."""

    best: tuple[SearchHit, ...]
    """Best first: all tracklets that pass, and at least the requested number."""
    passing: int
    """Number of tracklets that pass."""
    compared: int
    """Number of tracklets that were compared."""


def rank_tracklets(runs: Sequence[FinishedRun], query: Query, *, count: int) -> Ranking:
    """Rank the tracklets of the query's class group; people are compared with people, vehicles with vehicles.

    Args:
        runs: runs to search, each with its own threshold.
        query: object to search for; if it is a tracklet of a run, the ranking leaves it out.
        count: number of tracklets to return even if they do not pass.

    Raises:
        RunError: another network embedded a run, or a run's scores are not defined for a picture.
    """
    hits: list[SearchHit] = []
    passing = compared = 0
    for run in runs:
        saved = gallery_of(run, query.kind)
        gallery = saved.gallery
        if not len(gallery):
            continue
        check_network(run, query)
        config = run.record.matching_of(query.kind)
        rows = _candidates(run, gallery, query)
        scores = score_query(run, gallery, query, config)[rows]
        thresholds = _thresholds(run, gallery, query, config)[rows]
        run_passing = int((scores >= thresholds).sum())
        passing, compared = passing + run_passing, compared + len(rows)
        for place in np.argsort(-scores, kind="stable")[: max(count, run_passing)]:
            score, threshold = float(scores[place]), float(thresholds[place])
            hits.append(_hit(run, saved, int(rows[place]), score, threshold))
    hits.sort(key=lambda hit: -hit.score)  # stable: equal scores keep the order of runs, cameras and tracks
    return Ranking(tuple(hits[: max(count, passing)]), passing, compared)


def first_run_with(runs: Sequence[FinishedRun], kind: str) -> FinishedRun:
    """Return the first run with a tracklet to compare a class with; without any, the first run."""
    return next((run for run in runs if len(gallery_of(run, kind).gallery)), runs[0])


def check_network(run: FinishedRun, query: Query) -> None:
    """Refuse a run that another network embedded than the query.

    Raises:
        RunError: the networks differ.
    """
    ours, theirs = query.network, gallery_of(run, query.kind).network
    if (ours.sha256 or ours.source) != (theirs.sha256 or theirs.source):
        raise RunError(
            f"{run.folder}: was embedded with other weights (SHA-256 {str(theirs.sha256)[:12]}) than the query "
            f"({str(ours.sha256)[:12]}); search runs of different networks separately"
        )


def score_query(
    run: FinishedRun, gallery: Gallery, query: Query, config: MatchingConfig
) -> NDArray[np.float32]:
    """Score every tracklet of a gallery with the query, as matching scores pairs.

    If scores depend on the statistics of the gallery, a query from pictures counts as a tracklet of one more camera.

    Returns:
        (n,) cosines in [-1, 1].

    Raises:
        RunError: the run's cameras were centred, and the query is not a tracklet of the run.
    """
    if config.statistics == "network" and config.centring_minimum is None:
        return score_against_gallery(
            query.mean, query.prototypes, gallery.means, gallery.prototypes, top=config.top
        )
    place = _place(run, gallery, query)
    if place is None and config.centring_minimum is not None:
        raise RunError(
            f"{run.folder}: was matched with --centre-cameras, which subtracts the mean of each camera, and a picture "
            "has no camera; search for a tracklet of the run, or match again without the option"
        )
    extended = _with_query(gallery, query) if place is None else gallery
    means = adapt(extended.means, extended, config)
    prototypes = adapt(extended.prototypes, extended, config)
    row = place or 0
    scores = score_against_gallery(means[row], prototypes[row], means, prototypes, top=config.top)
    return scores[1:] if place is None else scores


def score_against_gallery(
    mean: NDArray[np.float32],
    query_prototypes: NDArray[np.float32],
    means: NDArray[np.float32],
    prototypes: NDArray[np.float32],
    *,
    top: int,
) -> NDArray[np.float32]:
    """Score one object against a gallery: a row of `pipeline.matching.pairs.appearance.appearance_scores`.

    Args:
        mean: (d,) mean embedding of the object.
        query_prototypes: (p, d) prototypes of the object.
        means: (n, d) mean embeddings of the gallery.
        prototypes: (n, p, d) prototypes of the gallery.
        top: number of best prototype cosines, of the p * p of a pair, that are averaged.

    Returns:
        (n,) cosines in [-1, 1], rounded to 1e-6.
    """
    scores = np.empty(len(means), np.float32)
    for low in range(0, len(means), ROWS):
        rows = slice(low, low + ROWS)
        cosines = (prototypes[rows] @ query_prototypes.T).reshape(len(means[rows]), -1)  # (rows, p * p)
        best = np.sort(cosines, axis=1)[:, -top:].mean(axis=1)
        scores[rows] = np.maximum(np.einsum("nd,d->n", means[rows], mean), best)
    return scores.round(6).clip(-1, 1)


def _thresholds(
    run: FinishedRun, gallery: Gallery, query: Query, config: MatchingConfig
) -> NDArray[np.float64]:
    """Return the (n,) minimum scores at which the run links each tracklet with the query."""
    if query.key is None or query.run != run.folder:
        return np.full(len(gallery), config.threshold.value)
    return np.where(gallery.cameras == query.key[0], config.stitch_threshold.value, config.threshold.value)


def _candidates(run: FinishedRun, gallery: Gallery, query: Query) -> NDArray[np.intp]:
    """Return the rows of the query's class group, without the query and those that its camera saw at the same time."""
    candidates = gallery.groups == class_group(query.kind)
    place = _place(run, gallery, query)
    if place is not None:
        overlaps = (gallery.starts <= gallery.ends[place]) & (gallery.ends >= gallery.starts[place])
        candidates &= ~(overlaps & (gallery.cameras == gallery.cameras[place]))
    return np.flatnonzero(candidates)


def _place(run: FinishedRun, gallery: Gallery, query: Query) -> int | None:
    """Return the row of the query; None if it is not a tracklet of the run."""
    if query.key is None or query.run != run.folder:
        return None
    camera, track = query.key
    return int(np.flatnonzero((gallery.cameras == camera) & (gallery.tracks == track))[0])


def _with_query(gallery: Gallery, query: Query) -> Gallery:
    """Return a gallery with the query in front, as a tracklet of a camera whose name sorts first."""
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


def _hit(run: FinishedRun, saved: SavedGallery, row: int, score: float, threshold: float) -> SearchHit:
    gallery = saved.gallery
    return SearchHit(
        run=run,
        camera=str(gallery.cameras[row]),
        track=int(gallery.tracks[row]),
        identity=int(saved.identities[row]),
        kind=str(gallery.kinds[row]),
        start=float(gallery.starts[row]),
        end=float(gallery.ends[row]),
        score=score,
        threshold=threshold,
    )

"""Which way of using travel times links best? Two cameras a 40 s walk apart and a stream of people, simulated.

python -m benchmarks.transitions --seeds 5
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.linking.link import link
from pipeline.matching.pairs.appearance import appearance_scores
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import Rule, forbidden
from pipeline.matching.travel.from_own_links import learn_from_own_links
from pipeline.matching.travel.travel_times import fit_labelled, time_terms
from reid.ranking.distances import unit_vectors
from reid.ranking.spacetime import EntryTimes, fit_transition_times, joint
from reid.ranking.spacetime import TransitionTimes as Binned

Scores = NDArray[np.float32]
NAMES = ("gate", "hall")
WALK, SPREAD = 40.0, 0.2
"""Median seconds from one camera to the other, and the deviation of its logarithm."""
DIMENSIONS, WARDROBES = 48, 40
THRESHOLD = 0.58
"""That about 1 % of pairs of two people reach."""
OTHERS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
"""Thresholds of which each way may choose its best, so that none wins or loses by its scale."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Simulated tracklets and who they are."""

    gallery: Gallery
    identities: NDArray[np.int64]
    """(n,)"""

    @property
    def labels(self) -> dict[tuple[str, int], int | None]:
        """Identities by camera and track."""
        return dict(zip(self.gallery.keys, self.identities.tolist(), strict=True))


def stream(rng: np.random.Generator, *, seconds: float = 1200, every: float = 4) -> Stream:
    """Let people pass the gate every few seconds; 7 of 10 come to the hall, and some of these go back."""
    begins = np.cumsum(rng.exponential(every, int(seconds / every)))
    rows = [(i, *visit) for i, begin in enumerate(begins.tolist()) for visit in _visits(rng, begin)]
    rows.sort(key=lambda row: (row[1], row[2]))
    identities = np.array([row[0] for row in rows], np.int64)
    blur = 0.8 * rng.lognormal(0, 0.4, (len(rows), 1))  # some views tell less than others
    looks = _looks(rng, len(begins))[identities] + blur * _noise(rng, len(rows), 1.0)
    cameras = np.array([NAMES[row[1]] for row in rows], np.str_)
    firsts = np.flatnonzero(np.r_[True, cameras[1:] != cameras[:-1]])
    tracks = np.arange(len(rows)) - np.repeat(firsts, np.diff(np.r_[firsts, len(rows)]))
    people, boxes = np.full(len(rows), "person"), np.zeros((len(rows), 4), np.float32)
    boxes[:, 2:] = 50, 100
    starts, ends = (np.array([row[k] for row in rows]) for k in (2, 3))
    means = unit_vectors(looks.astype(np.float32))
    gallery = Gallery(cameras, tracks, people, people, starts, ends, boxes, boxes, means, means[:, None])
    return Stream(gallery, identities)


def _visits(rng: np.random.Generator, begin: float) -> list[tuple[int, float, float]]:
    """List camera, start and end of one person's visits."""
    where = int(rng.random() < 0.3)  # some come the other way
    found, moment = [], begin
    for more in (0.7, 0.2, 0.0):
        end = moment + 10 * float(rng.lognormal(0, 0.3))
        found.append((where, moment, end))
        if rng.random() >= more:
            break
        moment, where = end + WALK * float(rng.lognormal(0, SPREAD)), 1 - where
    return found


def _looks(rng: np.random.Generator, people: int) -> NDArray[np.float64]:
    """Dress people from a few wardrobes, so that many look alike; (people, d)."""
    wardrobes = _noise(rng, WARDROBES, 1.0) + 0.3
    return wardrobes[rng.integers(WARDROBES, size=people)] + _noise(rng, people, 0.55)


def _noise(rng: np.random.Generator, count: int, size: float) -> NDArray[np.float64]:
    return rng.normal(0, size, (count, DIMENSIONS))


def published(scores: Scores, gallery: Gallery, binned: Binned) -> Scores:
    """Join as st-ReID does, then undo the factor of a gap of mean share, so that it changes nothing."""
    middles = EntryTimes(gallery.cameras, (gallery.starts + gallery.ends) / 2)
    joined = joint(scores, binned, query=middles, gallery=middles)
    plausible = joined * (1 + np.exp(-5 * scores))  # 1 / (1 + 2 exp(-5 p))
    across = gallery.cameras[:, None] != gallery.cameras[None, :]
    back = np.clip(joined / plausible[across].mean(), 1e-6, 1 - 1e-6)
    return np.where(across, -np.log(1 / back - 1) / 5, scores).astype(np.float32)


def measure(stream: Stream, scores: Scores, threshold: float) -> tuple[float, float, float, float]:
    """Link, and give precision, recall and F1 of pairs of both cameras, and the area under their ROC curve."""
    gallery, config = stream.gallery, MatchingConfig(threshold=Chosen(threshold))
    cameras = CameraSet(tuple(Camera(name, Path(name)) for name in NAMES))
    free = forbidden(gallery, cameras, config) == Rule.ADMISSIBLE
    groups = link(np.where(free, scores, np.float32(-np.inf)), gallery.cameras, config).groups
    across = np.triu(gallery.cameras[:, None] != gallery.cameras[None, :])
    same = (stream.identities[:, None] == stream.identities[None, :])[across]
    made = (groups[:, None] == groups[None, :])[across]
    right = int((same & made).sum())
    precision, recall = right / max(made.sum(), 1), right / max(same.sum(), 1)
    ranks = np.empty(len(same))
    ranks[scores[across].argsort(kind="stable")] = np.arange(len(same))
    area = (ranks[same].mean() - (same.sum() - 1) / 2) / (~same).sum()
    return precision, recall, 2 * right / max(made.sum() + same.sum(), 1), float(area)


def compare(seed: int, length: float, every: float) -> dict[str, tuple[float, ...]]:
    """Measure every way on one stream, with statistics learnt from another."""
    rng = np.random.default_rng(seed)
    taught, tested = (stream(rng, seconds=length, every=every) for _ in range(2))
    before = taught.gallery
    middles = EntryTimes(before.cameras, (before.starts + before.ends) / 2)
    names = taught.identities.astype(np.str_)
    gallery, config = tested.gallery, MatchingConfig()
    scores = appearance_scores(gallery.means, gallery.prototypes, top=1)
    own = learn_from_own_links(scores, gallery, threshold=THRESHOLD, margin=config.margin)
    bins = {
        "st-ReID, 4 s bins, sigma 50": fit_transition_times(middles, names, width=4, bins=1000),
        "st-ReID, 4 s bins, sigma 1": fit_transition_times(middles, names, width=4, bins=1000, sigma=1),
    }
    ways = {
        "appearance": scores,
        "likelihood ratio": scores + time_terms(gallery, fit_labelled(before, taught.labels)),
        "likelihood ratio, self-taught": scores + own.terms,
        **{name: published(scores, gallery, binned) for name, binned in bins.items()},
    }
    return {name: (*measure(tested, way, THRESHOLD), best(tested, way)) for name, way in ways.items()}


def best(tested: Stream, scores: Scores) -> float:
    """Give the largest F1 of several thresholds."""
    return max(measure(tested, scores, threshold)[2] for threshold in OTHERS)


@click.command()
@click.option("--seeds", default=5, show_default=True)
@click.option("--seconds", default=1200.0, show_default=True, help="Length of a stream.")
@click.option("--every", default=4.0, show_default=True, help="Seconds between people.")
def main(seeds: int, seconds: float, every: float) -> None:
    """Print the mean over seeds for each way of using travel times."""
    found = [compare(seed, seconds, every) for seed in range(seeds)]
    click.echo(f"{'':32} precision  recall      F1 ROC area best F1")
    for name in found[0]:
        mean = np.mean([one[name] for one in found], axis=0)
        click.echo(f"{name:32}" + "".join(f"{value:9.3f}" for value in mean))


if __name__ == "__main__":
    main()

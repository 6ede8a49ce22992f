"""Measure how well several ways of using travel times link people, in a simulation of two cameras 40 s apart.

python -m benchmarks.transitions --seeds 5
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.linking.link import link
from pipeline.matching.pairs.appearance import appearance_scores
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import Rule, find_rules
from pipeline.matching.travel.from_own_links import learn_from_own_links
from pipeline.matching.travel.travel_times import fit_labelled, time_terms
from reid.ranking.distances import unit_vectors
from reid.ranking.spacetime import EntryTimes, TransitionTimes, fit_transition_times, joint

Scores = NDArray[np.float32]
NAMES = ("gate", "hall")
WALK, SPREAD = 40.0, 0.2
"""Median seconds from one camera to the other, and the standard deviation of their logarithm."""
DIMENSIONS, WARDROBES = 48, 40
THRESHOLD = 0.58
"""Score that about 1 % of pairs of different people reach."""
THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
"""Thresholds for the best F1 of each way, which makes ways with different scales of scores comparable."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Simulated tracklets and their true identities."""

    gallery: Gallery
    identities: NDArray[np.int64]
    """(n,)"""

    @property
    def labels(self) -> dict[tuple[str, int], int | None]:
        """True identities by camera and track."""
        return dict(zip(self.gallery.keys, self.identities.tolist(), strict=True))


def simulate_stream(rng: np.random.Generator, *, seconds: float = 1200, every: float = 4) -> Stream:
    """Simulate a person every few seconds; 7 of 10 walk to the other camera, and 2 of 10 of these return."""
    arrivals = np.cumsum(rng.exponential(every, int(seconds / every)))
    rows = [
        (person, *visit)
        for person, arrival in enumerate(arrivals.tolist())
        for visit in _visits(rng, arrival)
    ]
    rows.sort(key=lambda row: (row[1], row[2]))
    identities = np.array([row[0] for row in rows], np.int64)
    blur = 0.8 * rng.lognormal(0, 0.4, (len(rows), 1))  # some views show less than others
    looks = _looks(rng, len(arrivals))[identities] + blur * _noise(rng, len(rows), 1.0)
    cameras = np.array([NAMES[row[1]] for row in rows], np.str_)
    firsts = np.flatnonzero(np.r_[True, cameras[1:] != cameras[:-1]])
    tracks = np.arange(len(rows)) - np.repeat(firsts, np.diff(np.r_[firsts, len(rows)]))
    kinds, boxes = np.full(len(rows), "person"), np.zeros((len(rows), 4), np.float32)
    boxes[:, 2:] = 50, 100
    means = unit_vectors(looks.astype(np.float32))
    gallery = Gallery(
        cameras=cameras,
        tracks=tracks,
        kinds=kinds,
        groups=kinds,
        starts=np.array([row[2] for row in rows]),
        ends=np.array([row[3] for row in rows]),
        first_boxes=boxes,
        last_boxes=boxes,
        means=means,
        prototypes=means[:, None],
    )
    return Stream(gallery, identities)


def _visits(rng: np.random.Generator, arrival: float) -> list[tuple[int, float, float]]:
    """Return camera, start and end of each visit of one person."""
    camera = int(rng.random() < 0.3)
    visits, start = [], arrival
    for next_visit in (0.7, 0.2, 0.0):  # probability of another visit
        end = start + 10 * float(rng.lognormal(0, 0.3))
        visits.append((camera, start, end))
        if rng.random() >= next_visit:
            break
        start, camera = end + WALK * float(rng.lognormal(0, SPREAD)), 1 - camera
    return visits


def _looks(rng: np.random.Generator, people: int) -> NDArray[np.float64]:
    """Return the (people, d) looks of people with few wardrobes, so that many look alike."""
    wardrobes = _noise(rng, WARDROBES, 1.0) + 0.3
    return wardrobes[rng.integers(WARDROBES, size=people)] + _noise(rng, people, 0.55)


def _noise(rng: np.random.Generator, count: int, spread: float) -> NDArray[np.float64]:
    return rng.normal(0, spread, (count, DIMENSIONS))


def st_reid_scores(scores: Scores, gallery: Gallery, times: TransitionTimes) -> Scores:
    """Return joint scores as in st-ReID, scaled so that a gap of mean probability does not change a score."""
    middles = EntryTimes(gallery.cameras, (gallery.starts + gallery.ends) / 2)
    joined = joint(scores, times, query=middles, gallery=middles)
    probability = joined * (1 + np.exp(-5 * scores))  # joint divides by 1 + exp(-5 * score)
    across = gallery.cameras[:, None] != gallery.cameras[None, :]
    scaled = np.clip(joined / probability[across].mean(), 1e-6, 1 - 1e-6)
    return np.where(across, -np.log(1 / scaled - 1) / 5, scores).astype(np.float32)


def measure(stream: Stream, scores: Scores, threshold: float) -> tuple[float, float, float, float]:
    """Return precision, recall and F1 of links between the cameras, and the area under the ROC curve of their pairs."""
    gallery, config = stream.gallery, MatchingConfig(threshold=Chosen(threshold))
    cameras = CameraSet(tuple(Camera(name, Recording((Path(name),))) for name in NAMES))
    admissible = find_rules(gallery, cameras, config) == Rule.ALLOWED
    groups = link(np.where(admissible, scores, np.float32(-np.inf)), gallery.cameras, config).groups
    across = np.triu(gallery.cameras[:, None] != gallery.cameras[None, :])
    same = (stream.identities[:, None] == stream.identities[None, :])[across]
    made = (groups[:, None] == groups[None, :])[across]
    right = int((same & made).sum())
    precision, recall = right / max(made.sum(), 1), right / max(same.sum(), 1)
    ranks = np.empty(len(same))
    ranks[scores[across].argsort(kind="stable")] = np.arange(len(same))
    area = (ranks[same].mean() - (same.sum() - 1) / 2) / (~same).sum()
    return precision, recall, 2 * right / max(made.sum() + same.sum(), 1), float(area)


def best_f1(stream: Stream, scores: Scores) -> float:
    """Return the largest F1 over `THRESHOLDS`."""
    return max(measure(stream, scores, threshold)[2] for threshold in THRESHOLDS)


def compare(seed: int, seconds: float, every: float) -> dict[str, tuple[float, ...]]:
    """Measure every way on one stream, with travel times learnt from another stream."""
    rng = np.random.default_rng(seed)
    training, test = (simulate_stream(rng, seconds=seconds, every=every) for _ in range(2))
    middles = EntryTimes(training.gallery.cameras, (training.gallery.starts + training.gallery.ends) / 2)
    names = training.identities.astype(np.str_)
    gallery, margin = test.gallery, MatchingConfig().margin
    scores = appearance_scores(gallery.means, gallery.prototypes, top=1)
    labelled = fit_labelled(training.gallery, training.labels)
    learnt = learn_from_own_links(scores, gallery, threshold=THRESHOLD, margin=margin)
    bins = {
        "st-ReID, 4 s bins, sigma 50": fit_transition_times(middles, names, width=4, bins=1000),
        "st-ReID, 4 s bins, sigma 1": fit_transition_times(middles, names, width=4, bins=1000, sigma=1),
    }
    ways = {
        "appearance": scores,
        "likelihood ratio": scores + time_terms(gallery, labelled),
        "likelihood ratio, own links": scores + learnt.terms,
        **{name: st_reid_scores(scores, gallery, times) for name, times in bins.items()},
    }
    return {name: (*measure(test, way, THRESHOLD), best_f1(test, way)) for name, way in ways.items()}


@click.command()
@click.option("--seeds", default=5, show_default=True)
@click.option("--seconds", default=1200.0, show_default=True, help="Length of a stream.")
@click.option("--every", default=4.0, show_default=True, help="Mean seconds between people.")
def main(seeds: int, seconds: float, every: float) -> None:
    """Print precision, recall, F1, ROC area and best F1 of each way of using travel times; means over seeds."""
    results = [compare(seed, seconds, every) for seed in range(seeds)]
    click.echo(f"{'':32} precision  recall      F1 ROC area best F1")
    for name in results[0]:
        means = np.mean([result[name] for result in results], axis=0)
        click.echo(f"{name:32}" + "".join(f"{value:9.3f}" for value in means))


if __name__ == "__main__":
    main()

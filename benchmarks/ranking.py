"""What do scoring and re-ranking cost, beside the matrix product alone and beside torchreid?

torchreid is asked where it can be imported, for as many queries and entries as one cares to wait for; both then
get the same and must say the same. Run `python -m benchmarks.ranking scoring` and `... reranking`.
"""

from __future__ import annotations

import importlib
import resource
import time
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

import click
import numpy as np

from reid.ranking.distances import Floats, squared_distances, unit_vectors
from reid.ranking.labels import Labels
from reid.ranking.metrics import evaluate_features, evaluate_scores
from reid.ranking.rerank import reranked
from reid.ranking.spacetime import EntryTimes, fit_transition_times, joint

IDENTITIES, CAMERAS, NOISE = 750, 6, 2.0
T = TypeVar("T")


def timed(name: str, work: Callable[[], T], rounds: int = 1) -> tuple[T, float]:
    """Return the last result and the seconds of the quickest round, and print these."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    click.echo(f"{name:<46}{min(seconds):9.3f} s")
    return result, min(seconds)


def embeddings(n: int, d: int, rng: np.random.Generator, distractors: float = 0) -> tuple[Floats, Labels]:
    """(n, d) embeddings of the same people in every call, about as good as a trained network's.

    A share of them are distractors: they look like somebody and count as nobody.
    """
    centres = np.random.default_rng(0).standard_normal((IDENTITIES, d), dtype=np.float32)
    who = rng.integers(0, IDENTITIES, n)
    features = centres[who] + NOISE * rng.standard_normal((n, d), dtype=np.float32)
    names = np.where(rng.random(n) < distractors, "distractor", who.astype(np.str_))
    return features, Labels(names, rng.integers(0, CAMERAS, n).astype(np.str_))


def sightings(labels: Labels, rng: np.random.Generator) -> EntryTimes:
    return EntryTimes(labels.cameras, rng.integers(0, 400_000, len(labels)).astype(np.float64))


def product(query: Floats, gallery: Floats) -> None:
    for start in range(0, len(query), 256):
        query[start : start + 256] @ gallery.T


def torchreid(part: str) -> ModuleType | None:
    try:
        return importlib.import_module(f"torchreid.reid.{part}")
    except ImportError:
        click.echo("torchreid cannot be imported: ours alone")
        return None


def beside_torchreid(scores: Floats, query: Labels, gallery: Labels) -> None:
    theirs = torchreid("metrics.rank")
    if theirs is None:
        return
    who, names = (query.identities, gallery.identities), (query.cameras, gallery.cameras)
    click.echo(f"\n{len(query)} queries, {len(gallery)} entries, from scores")
    (cmc, mean_ap), slow = timed(
        "torchreid, in Python",
        lambda: theirs.evaluate_rank(-scores, *who, *names, max_rank=20, use_cython=False),
    )
    ours, fast = timed(
        "ours",
        lambda: evaluate_scores(scores, query_labels=query, gallery_labels=gallery, rule="cross-camera"),
        3,
    )
    apart = max(abs(ours.mean_ap - mean_ap), float(np.abs(np.array(ours.cmc) - cmc).max()))
    click.echo(f"{slow / fast:.0f} times as fast; mAP and CMC differ by {apart:.1e}")


def reranking_beside_torchreid(squared: Floats, queries: int) -> None:
    theirs = torchreid("utils.rerank")
    if theirs is None:
        return
    click.echo(f"\nre-ranking {len(squared)} entries, {queries} of them queries, from distances")
    root = np.sqrt(squared)
    parts = root[:queries, queries:], root[:queries, :queries], root[queries:, queries:]
    expected, slow = timed("torchreid", lambda: theirs.re_ranking(*parts))
    ours, fast = timed("ours", lambda: reranked(squared, queries=queries), 3)
    click.echo(f"{slow / fast:.0f} times as fast; distances differ by {np.abs(ours - expected).max():.1e}")


def scoring(queries: int, gallery: int, width: int, rounds: int, peer: int) -> None:
    """Score at Market-1501's size; ratios are taken within rounds, as other work may disturb the machine."""
    rng = np.random.default_rng(1)
    query, asked = embeddings(queries, width, rng)
    entries, kept = embeddings(gallery, width, rng, distractors=0.2)
    click.echo(f"{queries} queries, {gallery} entries, {width} wide")
    ratios = []
    for _ in range(rounds):
        _, bare = timed("matrix product alone", lambda: product(query, entries))
        scores, ours = timed(
            "ours, from features",
            lambda: evaluate_features(
                query, entries, query_labels=asked, gallery_labels=kept, rule="cross-camera"
            ),
        )
        ratios.append(ours / bare)
    click.echo(
        f"{np.median(ratios):.2f} x the product; mAP {scores.mean_ap:.3f}, mINP {scores.mean_inp:.3f}\n"
    )
    matrix = unit_vectors(query) @ unit_vectors(entries).T
    timed(
        "ours, from scores",
        lambda: evaluate_scores(matrix, query_labels=asked, gallery_labels=kept, rule="cross-camera"),
        rounds,
    )
    when, then = sightings(asked, rng), sightings(kept, rng)
    statistics, _ = timed("space-time statistics, learning", lambda: fit_transition_times(then, kept.identities))
    timed("space-time statistics, joint scores", lambda: joint(matrix, statistics, query=when, gallery=then))
    beside_torchreid(matrix[:peer], Labels(asked.identities[:peer], asked.cameras[:peer]), kept)


def reranking(queries: int, gallery: int, width: int, rounds: int, peer: int) -> None:
    """Re-rank at MARS's size."""
    features, _ = embeddings(queries + gallery, width, np.random.default_rng(1))
    click.echo(f"re-ranking {len(features)} entries, {queries} of them queries")
    squared, _ = timed("distances", lambda: squared_distances(features), rounds)
    timed("ours, from distances", lambda: reranked(squared, queries=queries), rounds)
    click.echo(
        f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB, embeddings and all"
    )
    reranking_beside_torchreid(squared[:peer, :peer].copy(), peer // 5)


PARTS = {"scoring": (scoring, 3368, 19732, 100), "reranking": (reranking, 1980, 9330, 3000)}


@click.command()
@click.argument("part", type=click.Choice(list(PARTS)))
@click.option("--queries", type=int, help="By default those of Market-1501, or of MARS for re-ranking.")
@click.option("--gallery", type=int, help="Likewise.")
@click.option("--width", default=2048, show_default=True, help="Of an embedding.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--peer", type=int, help="Queries torchreid scores, 100, or entries it re-ranks, 3000.")
def main(
    part: str, queries: int | None, gallery: int | None, width: int, rounds: int, peer: int | None
) -> None:
    """Time scoring or re-ranking of embeddings drawn by code."""
    job, usual_queries, usual_gallery, usual_peer = PARTS[part]
    job(queries or usual_queries, gallery or usual_gallery, width, rounds, peer or usual_peer)


if __name__ == "__main__":
    main()

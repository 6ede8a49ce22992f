"""Measure the time of scoring and re-ranking, compared with the matrix product alone and with torchreid.

    python -m benchmarks.ranking scoring
    python -m benchmarks.ranking reranking

The comparison with torchreid takes fewer queries or entries, because torchreid is slow, and checks that both give the
same result. It is left out if torchreid cannot be imported.
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

IDENTITIES, CAMERAS, NOISE = 750, 6, 2.0
WIDTH = click.option("--width", default=2048, show_default=True, help="Dimensions of an embedding.")
ROUNDS = click.option("--rounds", default=5, show_default=True)
T = TypeVar("T")


@click.group()
def main() -> None:
    """Time scoring or re-ranking of simulated embeddings."""


@main.command()
@click.option("--queries", default=3368, show_default=True, help="The default is that of Market-1501.")
@click.option("--gallery", default=19732, show_default=True, help="The default is that of Market-1501.")
@WIDTH
@ROUNDS
@click.option("--peer", default=100, show_default=True, help="Queries that torchreid scores.")
def scoring(queries: int, gallery: int, width: int, rounds: int, peer: int) -> None:
    """Score a gallery. Ratios are taken within rounds, so that other work disturbs them least."""
    rng = np.random.default_rng(1)
    query, query_labels = simulate_embeddings(queries, width, rng)
    entries, gallery_labels = simulate_embeddings(gallery, width, rng, distractors=0.2)
    click.echo(f"{queries} queries, {gallery} entries, {width} dimensions")
    ratios = []
    for _ in range(rounds):
        _, product = time_best("matrix product alone", lambda: matrix_product(query, entries))
        result, seconds = time_best(
            "this project, from features",
            lambda: evaluate_features(
                query, entries, query_labels=query_labels, gallery_labels=gallery_labels, rule="cross-camera"
            ),
        )
        ratios.append(seconds / product)
    click.echo(
        f"{np.median(ratios):.2f} x the product; mAP {result.mean_ap:.3f}, mINP {result.mean_inp:.3f}\n"
    )
    scores = unit_vectors(query) @ unit_vectors(entries).T
    time_best(
        "this project, from scores",
        lambda: evaluate_scores(
            scores, query_labels=query_labels, gallery_labels=gallery_labels, rule="cross-camera"
        ),
        rounds,
    )
    some_queries = Labels(query_labels.identities[:peer], query_labels.cameras[:peer])
    compare_scoring(scores[:peer], some_queries, gallery_labels)


@main.command()
@click.option("--queries", default=1980, show_default=True, help="The default is that of MARS.")
@click.option("--gallery", default=9330, show_default=True, help="The default is that of MARS.")
@WIDTH
@ROUNDS
@click.option("--peer", default=3000, show_default=True, help="Entries that torchreid re-ranks.")
def reranking(queries: int, gallery: int, width: int, rounds: int, peer: int) -> None:
    """Re-rank queries and gallery."""
    features, _ = simulate_embeddings(queries + gallery, width, np.random.default_rng(1))
    click.echo(f"re-ranking {len(features)} entries, {queries} of them queries")
    squared, _ = time_best("distances", lambda: squared_distances(features), rounds)
    time_best("this project, from distances", lambda: reranked(squared, queries=queries), rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    click.echo(f"peak memory {peak:.2f} GB, with the embeddings")
    compare_reranking(squared[:peer, :peer].copy(), peer // 5)


def time_best(name: str, work: Callable[[], T], rounds: int = 1) -> tuple[T, float]:
    """Print and return the seconds of the fastest round, with the result of the last one."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
    click.echo(f"{name:<46}{min(seconds):9.3f} s")
    return result, min(seconds)


def simulate_embeddings(
    n: int, d: int, rng: np.random.Generator, distractors: float = 0
) -> tuple[Floats, Labels]:
    """Return (n, d) embeddings, about as good as a trained network's, of the same people in every call.

    `distractors` is the share of embeddings that look like a person of the gallery but have no identity.
    """
    centres = np.random.default_rng(0).standard_normal((IDENTITIES, d), dtype=np.float32)
    people = rng.integers(0, IDENTITIES, n)
    features = centres[people] + NOISE * rng.standard_normal((n, d), dtype=np.float32)
    names = np.where(rng.random(n) < distractors, "distractor", people.astype(np.str_))
    return features, Labels(names, rng.integers(0, CAMERAS, n).astype(np.str_))


def matrix_product(query: Floats, gallery: Floats) -> None:
    """Multiply block by block, as scoring does."""
    for start in range(0, len(query), 256):
        query[start : start + 256] @ gallery.T


def import_torchreid(part: str) -> ModuleType | None:
    """Return a module of torchreid, or None and a message if it cannot be imported."""
    try:
        return importlib.import_module(f"torchreid.reid.{part}")
    except ImportError:
        click.echo("torchreid cannot be imported; comparison left out")
        return None


def compare_scoring(scores: Floats, query: Labels, gallery: Labels) -> None:
    """Score with torchreid, too, and print the ratio of times and the difference of results."""
    torchreid = import_torchreid("metrics.rank")
    if torchreid is None:
        return
    click.echo(f"\n{len(query)} queries, {len(gallery)} entries, from scores")
    (cmc, mean_ap), slow = time_best(
        "torchreid, in Python",
        lambda: torchreid.evaluate_rank(
            -scores,
            query.identities,
            gallery.identities,
            query.cameras,
            gallery.cameras,
            max_rank=20,
            use_cython=False,
        ),
    )
    result, fast = time_best(
        "this project",
        lambda: evaluate_scores(scores, query_labels=query, gallery_labels=gallery, rule="cross-camera"),
        3,
    )
    difference = max(abs(result.mean_ap - mean_ap), float(np.abs(np.array(result.cmc) - cmc).max()))
    click.echo(f"{slow / fast:.0f} times as fast; mAP and CMC differ by {difference:.1e}")


def compare_reranking(squared: Floats, queries: int) -> None:
    """Re-rank with torchreid, too, and print the ratio of times and the difference of results."""
    torchreid = import_torchreid("utils.rerank")
    if torchreid is None:
        return
    click.echo(f"\nre-ranking {len(squared)} entries, {queries} of them queries, from distances")
    root = np.sqrt(squared)
    expected, slow = time_best(
        "torchreid",
        lambda: torchreid.re_ranking(
            root[:queries, queries:], root[:queries, :queries], root[queries:, queries:]
        ),
    )
    result, fast = time_best("this project", lambda: reranked(squared, queries=queries), 3)
    difference = np.abs(result - expected).max()
    click.echo(f"{slow / fast:.0f} times as fast; distances differ by {difference:.1e}")


if __name__ == "__main__":
    main()

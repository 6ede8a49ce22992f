"""Pictures of an evaluation: ranked lists and attention maps of some queries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from reid.attention_maps import compute_attention
from reid.checkpoints import load_network
from reid.data.frames import read_frames
from reid.data.records import LabelledTracklet
from reid.embedder import choose_device
from reid.evaluate import Evaluation
from reid.pictures.attention import PAIRS, draw_attention
from reid.pictures.ranked import BEST, RankedEntry, RankedList, draw_ranked_lists
from reid.ranking.labels import Labels, relevance
from reid.ranking.metrics import ranked_list
from reid.tracklet_embedding import spread_clips

RANKED, ATTENTION = "ranked.png", "attention.png"


def illustrate(evaluation: Evaluation, folder: Path, *, queries: int, device: str | None) -> None:
    """Draw ranked lists (Figure 6 of FGReID) and, for networks with attention maps, these maps (Figure 7).

    Pictures of an earlier evaluation are replaced or removed.

    Args:
        evaluation: the evaluation to illustrate.
        folder: where `ranked.png` and `attention.png` are written, both of the same queries.
        queries: number of queries, from the worst to the best; 0 for no pictures.
        device: where attention is computed.

    Raises:
        ReidError: a picture cannot be read or written.
    """
    chosen = from_worst_to_best(evaluation.precisions, queries)
    for name in (RANKED, ATTENTION):
        (folder / name).unlink(missing_ok=True)
    if not len(chosen):
        return
    draw_ranked_lists([_ranked_list(evaluation, int(query)) for query in chosen], folder / RANKED)
    if evaluation.weights.design.draws_maps:
        tracklets = [evaluation.benchmark.query[query] for query in chosen]
        frames, maps = _attention(evaluation, tracklets, choose_device(device))
        draw_attention(frames, maps, folder / ATTENTION)


def from_worst_to_best(precisions: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Choose at most `most` queries whose average precisions spread evenly from the worst to the best.

    The (q,) average precisions are nan for queries without a match, which are not chosen. The result is (m,)
    indices, worst first; with equal precision in the order of the queries.

    >>> from_worst_to_best(np.array([0.9, 0.1, np.nan, 0.5, 1.0, 0.2]), 3)
    array([1, 3, 4])
    """
    order = np.argsort(precisions, kind="stable")[: np.count_nonzero(~np.isnan(precisions))]
    steps = np.linspace(0, len(order) - 1, min(most, len(order)))
    return order[steps.round().astype(np.intp)]


def _ranked_list(evaluation: Evaluation, index: int) -> RankedList:
    """Return a query with its most similar gallery entries."""
    benchmark, size = evaluation.benchmark, evaluation.weights.size
    query = benchmark.query[index]
    similarity = evaluation.gallery @ evaluation.query[index]  # (g,)
    (candidates,) = relevance(Labels.of([query]), Labels.of(benchmark.gallery), benchmark.rule)
    entries = []
    for place in ranked_list(similarity, candidates, best=BEST):
        tracklet = benchmark.gallery[place]
        entries.append(
            RankedEntry(
                pixels=_middle_frame(tracklet, size),
                score=float(similarity[place]),
                correct=tracklet.identity == query.identity,
                label=_label(tracklet),
            )
        )
    query_label = f"{_label(query)}\nAP {100 * evaluation.precisions[index]:.0f} %"
    return RankedList(_middle_frame(query, size), query_label, tuple(entries))


def _label(tracklet: LabelledTracklet) -> str:
    return f"{tracklet.identity} {tracklet.camera}".strip()


def _middle_frame(tracklet: LabelledTracklet, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Read the frame in the middle of a tracklet; (h, w, 3)."""
    frame: NDArray[np.uint8] = read_frames(tracklet, [len(tracklet.images) // 2], size)[0]
    return frame


def _attention(
    evaluation: Evaluation, tracklets: list[LabelledTracklet], device: torch.device
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return (n, h, w, 3) frames of the tracklets' middle clips and their (n, gh, gw) attention maps."""
    network = load_network(evaluation.weights).to(device)
    viewing = evaluation.settings.viewing
    frames, maps = [], []
    for tracklet in tracklets:
        choices = spread_clips(len(tracklet.images), viewing.clip_length, viewing.clips)
        middle = choices[(len(choices) - 1) // 2].tolist()
        clip = read_frames(tracklet, middle, evaluation.weights.size)  # (t, h, w, 3)
        frames.append(clip[:PAIRS])  # a row of the picture has space for PAIRS frames
        maps.append(compute_attention(network, clip, device)[:PAIRS])
    return np.concatenate(frames), np.concatenate(maps)

"""Illustration: which queries are shown to the reader, with what was found for them and where the network looked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from reid.checkpoints import load
from reid.data.frames import read_frames
from reid.data.records import LabelledTracklet
from reid.embedder import choose_device
from reid.evaluate import Evaluation
from reid.evaluation.embedding import Viewing, spread_clips
from reid.looking import look
from reid.pictures.attention import PAIRS, draw_attention
from reid.pictures.ranked import BEST, RankedEntry, RankedList, draw_ranked_lists
from reid.ranking.labels import Labels, relevance
from reid.ranking.metrics import ranked_list

RANKED, ATTENTION = "ranked.png", "attention.png"


def illustrate(evaluation: Evaluation, folder: Path, *, queries: int, device: str | None) -> None:
    """Draw ranked lists (Figure 6 of FGReID) and, of networks that have it, attention (Figure 7).

    Pictures of an earlier evaluation are replaced, or removed where this one draws none.

    Args:
        evaluation: what was found.
        folder: gets `ranked.png` and `attention.png`, both of the same queries.
        queries: how many are shown, from the worst to the best; 0 for no pictures.
        device: where attention is computed.

    Raises:
        ReidError: a picture cannot be read or written.
    """
    places = from_worst_to_best(evaluation.precisions, queries)
    for name in (RANKED, ATTENTION):
        (folder / name).unlink(missing_ok=True)
    if not len(places):
        return
    draw_ranked_lists([_ranked(evaluation, int(place)) for place in places], folder / RANKED)
    if evaluation.weights.design.draws_maps:
        shown = [evaluation.benchmark.query[place] for place in places]
        draw_attention(*_attention(evaluation, shown, choose_device(device)), folder / ATTENTION)


def from_worst_to_best(precisions: NDArray[np.float64], wanted: int) -> NDArray[np.intp]:
    """Choose queries that spread evenly from the worst to the best average precision.

    Args:
        precisions: (q,) average precisions; nan for queries without a match, which are not chosen.
        wanted: most of them.

    Returns:
        (m,) places, worst first; of equals the first comes first.

    >>> from_worst_to_best(np.array([0.9, 0.1, np.nan, 0.5, 1.0, 0.2]), 3)
    array([1, 3, 4])
    """
    order = np.argsort(precisions, kind="stable")[: np.count_nonzero(~np.isnan(precisions))]
    steps = np.linspace(0, len(order) - 1, min(wanted, len(order)))
    return order[steps.round().astype(np.intp)]


def _ranked(evaluation: Evaluation, place: int) -> RankedList:
    """Put one query beside its best answers."""
    benchmark, size = evaluation.benchmark, evaluation.weights.size
    query = benchmark.query[place]
    row = evaluation.gallery @ evaluation.query[place]  # (g,)
    (entries,) = relevance(Labels.of([query]), Labels.of(benchmark.gallery), benchmark.rule)
    best = ranked_list(row, entries, best=BEST)
    return RankedList(
        _middle(query, size),
        f"{_label(query)}\nAP {100 * evaluation.precisions[place]:.0f} %",
        tuple(
            RankedEntry(_middle(found, size), float(score), found.identity == query.identity, _label(found))
            for found, score in zip((benchmark.gallery[i] for i in best), row[best], strict=True)
        ),
    )


def _label(tracklet: LabelledTracklet) -> str:
    return f"{tracklet.identity} {tracklet.camera}".strip()


def _middle(tracklet: LabelledTracklet, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Read the frame in the middle of a tracklet; (h, w, 3)."""
    frame: NDArray[np.uint8] = read_frames(tracklet, [len(tracklet.images) // 2], size)[0]
    return frame


def _attention(
    evaluation: Evaluation, tracklets: list[LabelledTracklet], device: torch.device
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Look at the middle clip of each tracklet; (n, h, w, 3) frames and their (n, gh, gw) maps."""
    network = load(evaluation.weights).to(device)
    clips = [_middle_clip(one, evaluation.settings.viewing, evaluation.weights.size) for one in tracklets]
    maps = [look(network, clip, device) for clip in clips]
    return (  # a row of the picture holds no more frames of a clip
        np.concatenate([clip[:PAIRS] for clip in clips]),
        np.concatenate([own[:PAIRS] for own in maps]),
    )


def _middle_clip(tracklet: LabelledTracklet, viewing: Viewing, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Read the clip in the middle of those that were embedded; (t, h, w, 3)."""
    clips = spread_clips(len(tracklet.images), viewing.clip_length, viewing.clips)
    return read_frames(tracklet, clips[(len(clips) - 1) // 2].tolist(), size)

"""Every term again, slow and plain: numbers and loops, as the formulas are written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import exp, log, sqrt
from typing import NamedTuple

import torch
from torch import Tensor

from reid.losses.center import center_loss
from reid.losses.consistency import consistency
from reid.losses.identity import smooth_cross_entropy
from reid.losses.osm import online_soft_mining
from reid.losses.rank import satisfied_rank
from reid.losses.triplet import batch_hard_triplet
from reid.losses.variance import class_variance

Rows = list[list[float]]

IDENTITIES, WIDTH = 4, 8
CENTERS = torch.randn(IDENTITIES, WIDTH, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


class Term(NamedTuple):
    """A loss of (b, WIDTH) numbers and (b,) labels, as we have it and as it is written."""

    ours: Callable[[Tensor, Tensor], Tensor]
    plain: Callable[[Rows, list[int]], float]


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def unit(row: list[float]) -> list[float]:
    return [value / sqrt(dot(row, row)) for value in row]


def apart(one: list[float], other: list[float]) -> float:
    """Squared distance."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def softmax(row: list[float]) -> list[float]:
    return [exp(value) / sum(exp(other) for other in row) for value in row]


def identity(rows: Rows, labels: list[int]) -> float:
    total = 0.0
    for row, label in zip(rows, labels, strict=True):
        for place, probability in enumerate(softmax(row)):
            total -= (0.9 * (place == label) + 0.1 / len(row)) * log(probability)
    return total / len(rows)


def triplet(rows: Rows, labels: list[int]) -> float:
    total, clips = 0.0, [unit(row) for row in rows]
    for clip, label in zip(clips, labels, strict=True):
        likeness = [(dot(clip, other), name) for other, name in zip(clips, labels, strict=True)]
        positive = min(value for value, name in likeness if name == label)
        negative = max(value for value, name in likeness if name != label)
        total += max(0.0, negative - positive + 0.1)
    return total / len(rows)


def mining(rows: Rows, labels: list[int], *, alpha: float, sigma: float) -> float:
    clips, centers = [unit(row) for row in rows], [unit(row) for row in CENTERS.tolist()]
    fit = [softmax([dot(clip, c) for c in centers])[y] for clip, y in zip(clips, labels, strict=True)]
    sums = {"pull": [0.0, 0.0], "push": [0.0, 0.0]}
    for i in range(len(rows)):
        for j in range(len(rows)):
            if i == j:
                continue
            squared = apart(clips[i], clips[j])
            if labels[i] == labels[j]:
                part, score, value = "pull", exp(-squared / sigma**2), squared
            else:
                score = max(alpha - sqrt(squared), 1e-12)
                part, value = "push", score**2
            weight = score * min(fit[i], fit[j])
            sums[part][0] += weight * value
            sums[part][1] += weight
    return 0.6 * sums["pull"][0] / sums["pull"][1] / 2 + 0.4 * sums["push"][0] / sums["push"][1] / 2


def center(rows: Rows, labels: list[int]) -> float:
    centers = CENTERS.tolist()
    return sum(apart(row, centers[label]) for row, label in zip(rows, labels, strict=True)) / len(rows)


def variance(rows: Rows, labels: list[int]) -> float:
    total = 0.0
    for label in set(labels):
        own = [row for row, name in zip(rows, labels, strict=True) if name == label]
        mean = [sum(column) / len(own) for column in zip(*own, strict=True)]
        total += sum(apart(row, mean) for row in own) / len(own)
    return total


def divergence(rows: Rows, labels: list[int]) -> float:  # noqa: ARG001
    total = 0.0
    for row in rows:
        coarse, fine = softmax(row[: WIDTH // 2]), softmax(row[WIDTH // 2 :])
        total += sum(p * log(p / q) for p, q in zip(coarse, fine, strict=True))
    return max(0.0, total / len(rows) - 0.15)


def rank(rows: Rows, labels: list[int], *, margin: float, satisfaction: float) -> float:
    total = 0.0
    for row, label in zip(rows, labels, strict=True):
        p1, p2 = softmax(row[: WIDTH // 2])[label], softmax(row[WIDTH // 2 :])[label]
        total += min(max(0.0, p1 - p2 + margin), max(0.0, 2 * satisfaction - p1 - p2))
    return total / len(rows)


def our_mining(x: Tensor, y: Tensor, *, alpha: float, sigma: float) -> Tensor:
    return online_soft_mining(x, y, CENTERS, alpha=alpha, sigma=sigma, balance=0.4)


def our_rank(x: Tensor, y: Tensor, *, margin: float, satisfaction: float) -> Tensor:
    coarse, fine = x.chunk(2, dim=1)
    return satisfied_rank(coarse, fine, y, margin=margin, satisfaction=satisfaction)


def our_center(x: Tensor, y: Tensor) -> Tensor:
    return center_loss(x, y, CENTERS.to(torch.promote_types(x.dtype, torch.float32)))


def _mining(alpha: float, sigma: float) -> Term:
    return Term(partial(our_mining, alpha=alpha, sigma=sigma), partial(mining, alpha=alpha, sigma=sigma))


def _rank(margin: float, satisfaction: float) -> Term:
    ours = partial(our_rank, margin=margin, satisfaction=satisfaction)
    return Term(ours, partial(rank, margin=margin, satisfaction=satisfaction))


TERMS = {
    "identity": Term(lambda x, y: smooth_cross_entropy(x, y, smoothing=0.1), identity),
    "triplet": Term(lambda x, y: batch_hard_triplet(x, y, margin=0.1), triplet),
    "osm-as-published": _mining(2.07, 0.2),
    "osm-some-negatives-far-enough": _mining(1.3, 0.9),
    "center": Term(our_center, center),
    "variance": Term(class_variance, variance),
    "consistency": Term(lambda x, _: consistency(*x.chunk(2, dim=1), slack=0.15), divergence),
    "rank-repo": _rank(2, 1),
    "rank-lca": _rank(0.05, 0.7),
}

"""IDF1 and HOTA: how well do found identities follow true ones?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.scoring.overlaps import Overlaps, best_pairs

SAME = 0.5
"""IoU from which a box shows whom the truth names."""
ALPHAS = np.arange(0.05, 0.99, 0.05)
"""The overlaps over which HOTA is the mean."""
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Figures:
    """Shares in [0, 1]; 0 where there is nothing to share."""

    idf1: float
    idp: float
    idr: float
    hota: float
    deta: float
    assa: float
    truth_boxes: int
    found_boxes: int
    right_boxes: int
    """Found boxes on the one whom their identity follows (IDTP)."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """True and found boxes of any number of cameras side by side."""

    truth: NDArray[np.int64]
    """(n,) true identity of each true box."""
    found: NDArray[np.int64]
    """(m,) identity given to each found box."""
    overlaps: Overlaps
    """The k pairs of true (row) and found (column) boxes that overlap."""

    def of(self, truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> Comparison:
        """Keep some of the (n,) true and (m,) found boxes."""
        return Comparison(self.truth[truth], self.found[found], self.overlaps.within(truth, found))

    def figures(self) -> Figures:
        """Measure everything."""
        n, m = len(self.truth), len(self.found)
        right = sum(count for _, _, count in assignment(self))
        hota, deta, assa = higher_order(self)
        idf1, idp, idr = 2 * right / max(n + m, 1), right / max(m, 1), right / max(n, 1)
        return Figures(idf1, idp, idr, hota, deta, assa, n, m, right)


def assignment(comparison: Comparison) -> list[tuple[int, int, int]]:
    """Pair true with found identities, one to one, so that the most boxes are right.

    The identity measures of Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera
    Tracking" (2016): IDTP is the sum of the counts.

    Returns:
        True identity, found identity and the number of found boxes that lie on the true ones, by the first.
    """
    near = comparison.overlaps.select(comparison.overlaps.iou >= SAME)
    pairs = np.stack([comparison.truth[near.rows], comparison.found[near.columns]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)  # (p, 2), (p,)
    _, truth = np.unique(pairs[:, 0], return_inverse=True)
    _, found = np.unique(pairs[:, 1], return_inverse=True)
    chosen = best_pairs(truth, found, counts.astype(np.float64))
    return [(int(a), int(b), int(c)) for (a, b), c in zip(pairs[chosen], counts[chosen], strict=True)]


def higher_order(comparison: Comparison) -> tuple[float, float, float]:
    """Measure HOTA, DetA and AssA of Luiten et al., "HOTA: A Higher Order Metric" (2021), section 5.

    Only pairs of identities that meet are looked at; for all others every term is 0.
    """
    near, n, m = comparison.overlaps, len(comparison.truth), len(comparison.found)
    if not len(near.iou):
        return 0.0, 0.0, 0.0
    pair, size = _identity_pairs(comparison)
    share = _shared(near, n, m)
    potential = np.bincount(pair, share)  # (p,) how much of their lives two identities could share
    alignment = potential / (size - potential)
    chosen = best_pairs(near.rows, near.columns, alignment[pair] * near.iou)
    matched, iou = pair[chosen], near.iou[chosen]
    terms = []
    for alpha in ALPHAS:
        counts = np.bincount(matched[iou >= alpha - EPSILON], minlength=len(size))  # (p,)
        hits = int(counts.sum())
        association = float((counts * counts / (size - counts)).sum()) / max(hits, 1)
        terms.append((hits / (n + m - hits), association))
    detection, associated = np.array(terms).T
    return float(np.sqrt(detection * associated).mean()), float(detection.mean()), float(associated.mean())


def _identity_pairs(comparison: Comparison) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the p pairs of identities that meet: (k,) number of each overlap, (p,) boxes of both together."""
    near = comparison.overlaps
    _, truth, lived = np.unique(comparison.truth, return_inverse=True, return_counts=True)
    _, found, told = np.unique(comparison.found, return_inverse=True, return_counts=True)
    codes, pair = np.unique(truth[near.rows] * len(told) + found[near.columns], return_inverse=True)
    return pair, lived[codes // len(told)] + told[codes % len(told)]


def _shared(near: Overlaps, n: int, m: int) -> NDArray[np.float64]:
    """Weigh (k,) overlaps by what else both boxes overlap."""
    rows, columns = np.bincount(near.rows, near.iou, n), np.bincount(near.columns, near.iou, m)
    share: NDArray[np.float64] = near.iou / (rows[near.rows] + columns[near.columns] - near.iou)
    return share

"""IDF1 and HOTA: how well the identities of a run follow the true identities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.scoring.overlaps import Overlaps, best_pairs

MIN_IOU = 0.5
"""Smallest IoU at which a box matches a true box."""
ALPHAS = np.arange(0.05, 0.99, 0.05)
"""IoU thresholds over which HOTA is averaged."""
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class TrackingMetrics:
    """IDF1 and HOTA with their parts, in [0, 1]; 0 without boxes."""

    idf1: float
    idp: float
    idr: float
    hota: float
    deta: float
    assa: float
    truth_boxes: int
    found_boxes: int
    """Number of the run's boxes."""
    right_boxes: int
    """Number of the run's boxes on the true identity to which their identity is assigned (IDTP)."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """True boxes and boxes of a run, of any number of cameras."""

    truth: NDArray[np.int64]
    """(n,) true identity of each true box."""
    found: NDArray[np.int64]
    """(m,) identity of each box of the run."""
    overlaps: Overlaps
    """The k overlapping pairs of a true box (row) and a box of the run (column)."""

    def select(self, truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> Comparison:
        """Return the comparison of some of the (n,) true boxes and some of the (m,) boxes of the run, given as masks."""
        return Comparison(self.truth[truth], self.found[found], self.overlaps.within(truth, found))

    def metrics(self) -> TrackingMetrics:
        """Compute IDF1 and HOTA with their parts."""
        n, m = len(self.truth), len(self.found)
        right = sum(count for _, _, count in assign_identities(self))
        hota, deta, assa = compute_hota(self)
        return TrackingMetrics(
            idf1=2 * right / max(n + m, 1),
            idp=right / max(m, 1),
            idr=right / max(n, 1),
            hota=hota,
            deta=deta,
            assa=assa,
            truth_boxes=n,
            found_boxes=m,
            right_boxes=right,
        )


def assign_identities(comparison: Comparison) -> list[tuple[int, int, int]]:
    """Assign the run's identities to true identities, one to one, so that the most boxes match.

    The identity measures of Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera
    Tracking" (2016): IDTP is the sum of the counts.

    Returns:
        True identity, identity of the run and number of their matching boxes, by true identity.
    """
    overlaps = comparison.overlaps.select(comparison.overlaps.iou >= MIN_IOU)
    pairs = np.stack([comparison.truth[overlaps.rows], comparison.found[overlaps.columns]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)  # (p, 2), (p,)
    _, truth = np.unique(pairs[:, 0], return_inverse=True)
    _, found = np.unique(pairs[:, 1], return_inverse=True)
    chosen = best_pairs(truth, found, counts.astype(np.float64))
    return [(int(a), int(b), int(c)) for (a, b), c in zip(pairs[chosen], counts[chosen], strict=True)]


def compute_hota(comparison: Comparison) -> tuple[float, float, float]:
    """Compute HOTA, DetA and AssA of Luiten et al., "HOTA: A Higher Order Metric" (2021), section 5.

    Only pairs of identities with overlapping boxes are computed; all terms of the other pairs are 0.
    """
    overlaps, n, m = comparison.overlaps, len(comparison.truth), len(comparison.found)
    if not len(overlaps.iou):
        return 0.0, 0.0, 0.0
    pair, size = _identity_pairs(comparison)
    potential = np.bincount(
        pair, _overlap_shares(overlaps, n, m)
    )  # (p,) boxes that two identities could share
    alignment = potential / (size - potential)
    chosen = best_pairs(overlaps.rows, overlaps.columns, alignment[pair] * overlaps.iou)
    matched, iou = pair[chosen], overlaps.iou[chosen]
    terms = []
    for alpha in ALPHAS:
        counts = np.bincount(matched[iou >= alpha - EPSILON], minlength=len(size))  # (p,)
        hits = int(counts.sum())
        association = float((counts * counts / (size - counts)).sum()) / max(hits, 1)
        terms.append((hits / (n + m - hits), association))
    detection, association_scores = np.array(terms).T
    return (
        float(np.sqrt(detection * association_scores).mean()),
        float(detection.mean()),
        float(association_scores.mean()),
    )


def _identity_pairs(comparison: Comparison) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the p pairs of a true identity and an identity of the run whose boxes overlap.

    Returns:
        (k,) index of the pair of each overlap, and (p,) total number of boxes of the two identities of each pair.
    """
    overlaps = comparison.overlaps
    _, truth, truth_sizes = np.unique(comparison.truth, return_inverse=True, return_counts=True)
    _, found, found_sizes = np.unique(comparison.found, return_inverse=True, return_counts=True)
    codes = truth[overlaps.rows] * len(found_sizes) + found[overlaps.columns]
    codes, pair = np.unique(codes, return_inverse=True)
    return pair, truth_sizes[codes // len(found_sizes)] + found_sizes[codes % len(found_sizes)]


def _overlap_shares(overlaps: Overlaps, n: int, m: int) -> NDArray[np.float64]:
    """Return the (k,) IoU of each overlap as a share of all IoU of its two boxes."""
    row_sums = np.bincount(overlaps.rows, overlaps.iou, n)
    column_sums = np.bincount(overlaps.columns, overlaps.iou, m)
    total = row_sums[overlaps.rows] + column_sums[overlaps.columns] - overlaps.iou
    shares: NDArray[np.float64] = overlaps.iou / total
    return shares

"""Where, and how much later, is somebody seen again? Spatial-temporal statistics of camera pairs.

Wang et al., Spatial-Temporal Person Re-identification, AAAI 2019 (st-ReID), as FGReID uses them on Market-1501 and
VeRi-776. They use the gallery's cameras and times beside its pictures: report their scores apart from the others'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reid.ranking.distances import Floats

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sightings:
    """Where and when n entries were seen, on one clock."""

    cameras: NDArray[np.str_]
    """(n,) names."""
    moments: Numbers
    """(n,) frame numbers; any unit serves that `Statistics.width` is in as well."""

    def __post_init__(self) -> None:
        if self.cameras.ndim != 1 or self.cameras.shape != self.moments.shape:
            raise ValueError(f"expected (n,) sightings, got {self.cameras.shape=}, {self.moments.shape=}")


@dataclass(frozen=True, eq=False)
class Statistics:
    """How often those seen in one camera are seen in another so much later."""

    cameras: tuple[str, ...]
    """c names, sorted."""
    shares: Numbers
    """(c, c, bins) by later camera, earlier camera and gap; each pair sums to 1, or is zero if never seen."""
    width: float
    """Of a bin, in the unit of moments; longer gaps fall into the last bin."""

    def __post_init__(self) -> None:
        c = len(self.cameras)
        if self.shares.ndim != 3 or self.shares.shape[:2] != (c, c) or self.width <= 0:
            raise ValueError(
                f"expected ({c}, {c}, bins) shares and a width, got {self.shares.shape}, {self.width}"
            )


def learn(
    seen: Sightings, identities: NDArray[np.str_], *, width: float = 100, bins: int = 5000, sigma: float = 50
) -> Statistics:
    """Learn smoothed statistics from a training split.

    Each identity counts once for every two cameras it was seen in, with the gap between its mean moments.

    Args:
        seen: sightings of the n training images.
        identities: (n,) names.
        width: of a bin, in the unit of moments.
        bins: gaps told apart.
        sigma: of the smoothing, in bins.
    """
    cameras, places = np.unique(seen.cameras, return_inverse=True)  # (c,), (n,)
    counts = np.zeros((len(cameras), len(cameras), bins))
    for own in _groups(identities):
        times = np.bincount(places[own])
        here = np.flatnonzero(times)  # cameras this identity was seen in
        mean = np.bincount(places[own], seen.moments[own])[here] / times[here]
        _count(counts, here, mean, width)
    return smoothed(Statistics(tuple(cameras.tolist()), normalised(counts), width), sigma)


def _groups(identities: NDArray[np.str_]) -> list[NDArray[np.intp]]:
    """List the places of each identity in (n,) names."""
    _, codes, times = np.unique(identities, return_inverse=True, return_counts=True)
    return np.split(np.argsort(codes, kind="stable"), np.cumsum(times)[:-1])


def _count(counts: Numbers, places: NDArray[np.intp], moments: Numbers, width: float) -> None:
    """Add one identity's gaps between each two of its cameras, (m,) places with (m,) mean moments, to the counts."""
    first, second = np.triu_indices(len(places), 1)
    earlier, later, gap = ordered(places[first], places[second], moments[first], moments[second])
    counts[later, earlier, binned(gap, width, counts.shape[2])] += 1


def ordered(
    a: NDArray[np.intp], b: NDArray[np.intp], moment_a: Numbers, moment_b: Numbers
) -> tuple[NDArray[np.intp], NDArray[np.intp], Numbers]:
    """Tell the earlier place, the later place and the gap; at the same moment the lower place is the earlier."""
    gap = moment_b - moment_a
    swap = (gap < 0) | ((gap == 0) & (b < a))
    return np.where(swap, b, a), np.where(swap, a, b), np.abs(gap)


def binned(gap: Numbers, width: float, bins: int) -> NDArray[np.intp]:
    """Number the bins of gaps >= 0; what is beyond the last falls into the last."""
    return np.minimum(gap / width, bins - 1).astype(np.intp)


def normalised(counts: Numbers) -> Numbers:
    """Scale (..., bins) counts to a sum of 1; what was never seen stays zero."""
    sums = counts.sum(axis=-1, keepdims=True)
    shares: Numbers = counts / (sums + 1e-7)  # st-ReID's guard against dividing by zero
    return shares


def smoothed(statistics: Statistics, sigma: float) -> Statistics:
    """Blur along the gap with a normal density of `sigma` bins, cut beyond three of them and at the ends."""
    reach = int(3 * sigma)
    kernel = np.exp(
        -np.square(np.arange(-reach, reach + 1)) / (2 * sigma**2)
    )  # scale is lost in `normalised`
    shares = statistics.shares.copy()
    for pair in shares.reshape(-1, shares.shape[2]):
        if pair.any():
            pair[:] = np.convolve(pair, kernel)[reach : reach + len(pair)]
    return replace(statistics, shares=normalised(shares))


def joint(cosines: Floats, statistics: Statistics, *, query: Sightings, gallery: Sightings) -> Floats:
    """Score pairs by likeness and by how plausible their gap is.

    Pairs of one camera, or of a camera the statistics do not know, get the factor of an impossible gap.

    Args:
        cosines: (q, g) of the embeddings.
        statistics: learnt on the training split.
        query: q sightings.
        gallery: g sightings.

    Returns:
        (q, g) scores in (0, 1).
    """
    factors = logistic(padded(statistics.shares), smoothing=2).astype(np.float32)  # (c + 1, c + 1, bins)
    place_q, place_g = (_places(seen.cameras, statistics.cameras) for seen in (query, gallery))
    scores = np.empty(cosines.shape, np.float32)
    for row, (place, moment) in enumerate(zip(place_q, query.moments, strict=True)):
        earlier, later, gap = ordered(
            np.full_like(place_g, place), place_g, np.asarray(moment), gallery.moments
        )
        plausible = factors[later, earlier, binned(gap, statistics.width, factors.shape[2])]  # (g,)
        scores[row] = logistic(cosines[row], smoothing=1) * plausible
    return scores


def logistic(value: NDArray[np.floating], *, smoothing: float, steepness: float = 5) -> NDArray[np.floating]:
    """Squash a cosine or a share: 1 / (1 + smoothing * exp(-steepness * value)), st-ReID's logistic smoothing."""
    squashed: NDArray[np.floating] = 1 / (1 + smoothing * np.exp(-steepness * value))
    return squashed


def padded(shares: Numbers) -> Numbers:
    """Append a camera that nobody was seen in: (c, c, bins) to (c + 1, c + 1, bins)."""
    return np.pad(shares, ((0, 1), (0, 1), (0, 0)))


def _places(names: NDArray[np.str_], cameras: Sequence[str]) -> NDArray[np.intp]:
    """Find (n,) names among c sorted cameras; c where there is none."""
    known = np.asarray(cameras, np.str_)
    places = np.searchsorted(known, names)
    found = np.append(known, "")[places] == names
    return np.where(found, places, len(known))

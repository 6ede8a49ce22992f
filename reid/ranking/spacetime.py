"""Transition times between cameras: how plausible it is to be seen again in a camera after a time gap.

Wang et al., Spatial-Temporal Person Re-identification, AAAI 2019 (st-ReID), as FGReID uses it on Market-1501 and
VeRi-776. It uses cameras and times of the gallery in addition to images, so its scores must be reported separately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reid.ranking.distances import Floats

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EntryTimes:
    """Camera and time of n entries, on one clock."""

    cameras: NDArray[np.str_]
    """(n,) names."""
    moments: Numbers
    """(n,) frame numbers, or times in the unit of `TransitionTimes.width`."""

    def __post_init__(self) -> None:
        if self.cameras.ndim != 1 or self.cameras.shape != self.moments.shape:
            raise ValueError(f"expected (n,) entries, got {self.cameras.shape=}, {self.moments.shape=}")


@dataclass(frozen=True, eq=False)
class TransitionTimes:
    """Distribution of the time gap between two cameras, for each pair of cameras."""

    cameras: tuple[str, ...]
    """c names, sorted."""
    shares: Numbers
    """(c, c, bins) by later camera, earlier camera and gap; a pair sums to 1, or to 0 if it never occurred."""
    width: float
    """Width of a bin in the unit of the moments; longer gaps fall into the last bin."""

    def __post_init__(self) -> None:
        c = len(self.cameras)
        if self.shares.ndim != 3 or self.shares.shape[:2] != (c, c) or self.width <= 0:
            raise ValueError(
                f"expected ({c}, {c}, bins) shares and a width, got {self.shares.shape}, {self.width}"
            )


def fit_transition_times(
    entries: EntryTimes,
    identities: NDArray[np.str_],
    *,
    width: float = 100,
    bins: int = 5000,
    sigma: float = 50,
) -> TransitionTimes:
    """Return smoothed transition times of a training split.

    Each identity counts once per pair of cameras that saw it, with the gap between its mean moments.

    Args:
        entries: cameras and times of the n training images.
        identities: (n,) names.
        width: width of a bin in the unit of the moments.
        bins: number of bins.
        sigma: standard deviation of the smoothing, in bins.
    """
    cameras, places = np.unique(entries.cameras, return_inverse=True)  # (c,), (n,)
    counts = np.zeros((len(cameras), len(cameras), bins))
    _, sizes = np.unique(identities, return_counts=True)
    for group in np.split(np.argsort(identities, kind="stable"), np.cumsum(sizes)[:-1]):
        images = np.bincount(places[group])  # number of images by camera
        seen = np.flatnonzero(images)  # cameras that saw this identity
        mean = np.bincount(places[group], entries.moments[group])[seen] / images[seen]
        first, second = np.triu_indices(len(seen), 1)
        earlier, later, gap = ordered(seen[first], seen[second], mean[first], mean[second])
        counts[later, earlier, binned(gap, width, bins)] += 1
    return smoothed(TransitionTimes(tuple(cameras.tolist()), normalised(counts), width), sigma)


def ordered(
    a: NDArray[np.intp], b: NDArray[np.intp], moment_a: Numbers, moment_b: Numbers
) -> tuple[NDArray[np.intp], NDArray[np.intp], Numbers]:
    """Return the earlier place, the later place and the gap; at equal moments the lower place is the earlier."""
    gap = moment_b - moment_a
    swap = (gap < 0) | ((gap == 0) & (b < a))
    return np.where(swap, b, a), np.where(swap, a, b), np.abs(gap)


def binned(gap: Numbers, width: float, bins: int) -> NDArray[np.intp]:
    """Return the bin of each gap >= 0; gaps beyond the last bin fall into it."""
    return np.minimum(gap / width, bins - 1).astype(np.intp)


def normalised(counts: Numbers) -> Numbers:
    """Scale (..., bins) counts to a sum of 1; counts that are all 0 stay 0."""
    sums = counts.sum(axis=-1, keepdims=True)
    shares: Numbers = counts / (sums + 1e-7)  # st-ReID's guard against division by zero
    return shares


def smoothed(times: TransitionTimes, sigma: float) -> TransitionTimes:
    """Smooth along the gap with a normal density of `sigma` bins, truncated at 3 sigma and at the ends."""
    reach = int(3 * sigma)
    kernel = np.exp(-np.square(np.arange(-reach, reach + 1)) / (2 * sigma**2))  # `normalised` scales it
    shares = times.shares.copy()
    for pair in shares.reshape(-1, shares.shape[2]):
        if pair.any():
            pair[:] = np.convolve(pair, kernel)[reach : reach + len(pair)]
    return replace(times, shares=normalised(shares))


def joint(cosines: Floats, times: TransitionTimes, *, query: EntryTimes, gallery: EntryTimes) -> Floats:
    """Return scores of pairs that combine their cosine and the plausibility of their gap.

    Pairs in one camera, or with a camera that is not in `times`, get the factor of an impossible gap. Cosines
    and scores are (q, g); scores lie in (0, 1).
    """
    with_unknown = np.pad(times.shares, ((0, 1), (0, 1), (0, 0)))  # a last camera without transitions
    factors = logistic(with_unknown, smoothing=2).astype(np.float32)  # (c + 1, c + 1, bins)
    query_places = _places(query.cameras, times.cameras)
    gallery_places = _places(gallery.cameras, times.cameras)
    scores = np.empty(cosines.shape, np.float32)
    for row, (place, moment) in enumerate(zip(query_places, query.moments, strict=True)):
        same_place = np.full_like(gallery_places, place)
        earlier, later, gap = ordered(same_place, gallery_places, np.asarray(moment), gallery.moments)
        plausible = factors[later, earlier, binned(gap, times.width, factors.shape[2])]  # (g,)
        scores[row] = logistic(cosines[row], smoothing=1) * plausible
    return scores


def logistic(value: NDArray[np.floating], *, smoothing: float) -> NDArray[np.floating]:
    """Return 1 / (1 + smoothing * exp(-5 * value)), st-ReID's logistic smoothing."""
    squashed: NDArray[np.floating] = 1 / (1 + smoothing * np.exp(-5 * value))
    return squashed


def _places(names: NDArray[np.str_], cameras: Sequence[str]) -> NDArray[np.intp]:
    """Return the index of (n,) names among c sorted cameras; c for names that are not among them."""
    cameras_array = np.asarray(cameras, np.str_)
    places = np.searchsorted(cameras_array, names)
    found = np.append(cameras_array, "")[places] == names
    return np.where(found, places, len(cameras_array))

"""Travel times: how long objects take from one camera to another, and what that adds to the score of two tracklets.

After Wang et al., Spatial-Temporal Person Re-identification, AAAI 2019, but in seconds, without a choice of bins, and
added to a cosine so that its threshold keeps its meaning.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import LONGEST, CameraSet

ROWS = 512
"""Rows worked on at a time, so that 10,000 tracklets need about 50 MB besides the result."""
FEWEST = 5
"""Smallest number of gaps between two cameras from which anything is learnt."""
DOUBT = 5.0
"""Number of gaps that the assumption "time tells nothing" weighs as much as."""
WORTH = 0.045
"""Cosine that "e times as likely" is worth: for normal cosines of equal spread, the square of the spread (0.16) divided
by the difference between the means for one object and for two (0.6)."""
MOST = 0.15
"""Largest term either way: 28 times as likely, or as unlikely."""
FINENESS = 4
"""Number of cells in the width of the smoothing."""
KERNEL = np.exp(-np.square(np.arange(-3 * FINENESS, 3 * FINENESS + 1) / FINENESS) / 2)
KERNEL /= KERNEL.sum()
"""Normal density, cut beyond three of its widths."""

Route = tuple[str, str, str]
"""Class group, the camera that saw the object first, and the other camera."""
Pairs = NDArray[np.intp]
"""(m, 2) indices of tracklets."""
NO_PAIRS: Pairs = np.empty((0, 2), np.intp)


class Visits(Protocol):
    """Times of n tracklets, without their appearance; a `Gallery` is an implementation."""

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Camera and track of each tracklet, sorted."""

    @property
    def cameras(self) -> NDArray[np.str_]:
        """(n,) camera names."""

    @property
    def groups(self) -> NDArray[np.str_]:
        """(n,) class groups."""

    @property
    def starts(self) -> NDArray[np.float64]:
        """(n,) first sighting, in seconds on the shared timeline."""

    @property
    def ends(self) -> NDArray[np.float64]:
        """(n,) last sighting, in seconds."""


@dataclass(frozen=True)
class TravelStatistics:
    """Gaps after which objects were seen again, and their smoothing."""

    gaps: Mapping[Route, tuple[float, ...]] = field(default_factory=dict)
    """Seconds from leaving the first camera to entering the other, by route; negative if both saw the object at once."""
    knee: float = 10.0
    """Gap in seconds below which gaps are compared by their difference, and above which by their ratio."""
    width: float = 0.12
    """Width of the smoothing, in units of asinh(gap / knee): 1.2 s around a gap of 0 s, 5 s around a gap of 40 s,
    7 minutes around a gap of an hour."""

    def __post_init__(self) -> None:
        if not (0.1 <= self.knee <= 3600 and 0.01 <= self.width <= 1):
            raise ValueError(
                f"expected a knee of 0.1 to 3600 s and a width of 0.01 to 1, got {self.knee:g}, {self.width:g}"
            )
        for (_, first, other), gaps in self.gaps.items():
            if first == other:
                raise ValueError(f"expected two cameras, got {first!r} twice")
            if not gaps or not (np.abs(gaps) <= LONGEST).all():
                raise ValueError(f"expected gaps of at most {LONGEST:g} s from {first!r} to {other!r}")

    def __len__(self) -> int:
        """Return the number of all gaps."""
        return sum(map(len, self.gaps.values()))

    @property
    def reach(self) -> int:
        """Number of cells from gap 0 to the longest gap."""
        return math.ceil(math.asinh(LONGEST / self.knee) / self.width * FINENESS)

    def cells(self, gaps: NDArray[np.float64], back: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the cell of each gap; cells of the way back come after all cells of the way there."""
        steps = np.rint(np.arcsinh(gaps / self.knee) * (FINENESS / self.width))
        near: NDArray[np.intp] = np.clip(steps, -self.reach, self.reach).astype(np.intp)
        return near + np.where(back, 3 * self.reach + 1, self.reach)

    def smoothed(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the sum of kernels of weight 1 around cells; (2 * (2 * reach + 1),), there and back."""
        counts = np.bincount(cells.ravel(), minlength=4 * self.reach + 2).reshape(2, -1)
        return np.concatenate([np.convolve(direction, KERNEL, mode="same") for direction in counts])

    def density(self, gaps: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the smoothed density of the gaps of one route, for a plot.

        Returns:
            (p,) seconds from before the first gap to after the last, and (p,) densities per second.
        """
        cells = self.cells(gaps, np.zeros(gaps.shape, np.bool_))
        near = np.arange(
            max(cells.min() - 3 * FINENESS, 0), min(cells.max() + 3 * FINENESS, 2 * self.reach) + 1
        )
        scaled = (near - self.reach) * (self.width / FINENESS)
        seconds = self.knee * np.sinh(scaled)
        step = self.knee * np.cosh(scaled) * (self.width / FINENESS)  # seconds in a cell
        return seconds, self.smoothed(cells)[near] / len(gaps) / step


def why_no_travel_times(cameras: CameraSet) -> str | None:
    """Return why travel times cannot be used: some clock is unknown. None if all are known, or for one camera."""
    unknown = [camera.name for camera in cameras.cameras if not camera.offset_known]
    if len(cameras.cameras) < 2 or not unknown:
        return None
    return (
        f"travel times are not used: the clocks of {', '.join(unknown)} are unknown. "
        "Give each camera its offset in the cameras file (0 if its clock is right)."
    )


def fit_labelled(visits: Visits, labels: Mapping[tuple[str, int], int | None]) -> TravelStatistics:
    """Learn from tracklets of known identity; `labels` are by camera and track, None or missing if unknown."""
    return fit_links(visits, successive_visits(visits, labels))


def successive_visits(visits: Visits, labels: Mapping[tuple[str, int], int | None]) -> Pairs:
    """Pair each visit of an identity with its next, for each two cameras as if there were no other cameras.

    An object that goes back and forth counts each time. Two visits to one camera in a row are not a pair.

    Returns:
        (m, 2) indices, sorted by identity.
    """
    members: dict[int, list[int]] = defaultdict(list)
    keys = visits.keys
    for index in np.lexsort((np.arange(len(keys)), visits.starts)).tolist():
        identity = labels.get(keys[index])
        if identity is not None:
            members[identity].append(index)
    pairs = [pair for identity in sorted(members) for pair in _successive(members[identity], visits.cameras)]
    return np.array(pairs, np.intp).reshape(-1, 2)


def _successive(indices: Sequence[int], cameras: NDArray[np.str_]) -> Iterator[tuple[int, int]]:
    """Yield successive visits of one identity, given in time order, once for each two of its cameras."""
    for two_cameras in combinations(sorted({str(cameras[index]) for index in indices}), 2):
        visits = [index for index in indices if cameras[index] in two_cameras]
        yield from (pair for pair in pairwise(visits) if cameras[pair[0]] != cameras[pair[1]])


def fit_links(visits: Visits, pairs: Pairs) -> TravelStatistics:
    """Learn from linked tracklets, each link once; links within a camera or across classes are ignored."""
    gaps: dict[Route, list[float]] = defaultdict(list)
    for a, b in unique_pairs(pairs).tolist():
        first, other = (a, b) if visits.starts[a] <= visits.starts[b] else (b, a)
        if visits.cameras[a] != visits.cameras[b] and visits.groups[a] == visits.groups[b]:
            route = (str(visits.groups[a]), str(visits.cameras[first]), str(visits.cameras[other]))
            gaps[route].append(float(visits.starts[other] - visits.ends[first]))
    return TravelStatistics({route: tuple(sorted(gaps[route])) for route in sorted(gaps)})


def unique_pairs(pairs: Pairs) -> Pairs:
    """Return each pair once, the lower index first."""
    return np.unique(np.sort(pairs, axis=1), axis=0)


def time_terms(
    visits: Visits, statistics: TravelStatistics, *, fitted_on: Pairs = NO_PAIRS
) -> NDArray[np.float32]:
    """Return what the time between two tracklets adds to their score.

    The term is `WORTH` times the logarithm, cut at `MOST`, of how much more common such a gap and direction are for
    one object than for any two tracklets of these cameras:

        ratio(gap) = (sum of kernels(gap) / share of any two(gap) + DOUBT) / (gaps learnt from + DOUBT)

    Both directions between two cameras are weighed together, so a direction that no object takes counts against a
    pair. If little is learnt, or objects move like any two tracklets, the ratio is near 1 and the term near 0.

    Args:
        visits: n tracklets, sorted by camera.
        statistics: the travel times.
        fitted_on: (m, 2) links between these tracklets that the statistics were fitted on. Each of them is scored as
            if the statistics had been fitted without it.

    Returns:
        (n, n) symmetric terms; 0 within a camera, across classes, and for cameras without statistics.
    """
    terms = np.zeros((len(visits.starts),) * 2, np.float32)
    links = unique_pairs(fitted_on)
    for group, a, b in sorted({(route[0], min(route[1:]), max(route[1:])) for route in statistics.gaps}):
        in_a = (visits.cameras == a) & (visits.groups == group)
        in_b = (visits.cameras == b) & (visits.groups == group)
        kernels, count = _learnt(statistics, group, a, b)  # (2 * cells,)
        shares = _any_two(visits, statistics, in_a, in_b)  # (2 * cells,)
        table = _terms(kernels, shares, count)
        for i, j in _blocks(in_a, in_b):
            block = table[_cells(visits, statistics, i, j)]  # (rows, columns)
            terms[i, j] = block
            terms[j.T, i.T] = block.T
        i, j = links[in_a[links[:, 0]] & in_b[links[:, 1]]].T
        cells = _cells(visits, statistics, i, j)
        terms[i, j] = terms[j, i] = _terms(kernels[cells] - KERNEL.max(), shares[cells], count - 1)
    return terms


def _learnt(statistics: TravelStatistics, group: str, a: str, b: str) -> tuple[NDArray[np.float64], int]:
    """Return the sum of the kernels of all gaps between two cameras, and the number of gaps."""
    there, back = statistics.gaps.get((group, a, b), ()), statistics.gaps.get((group, b, a), ())
    cells = statistics.cells(np.array([*there, *back]), np.arange(len(there) + len(back)) >= len(there))
    return statistics.smoothed(cells), len(cells)


def _any_two(
    visits: Visits, statistics: TravelStatistics, in_a: NDArray[np.bool_], in_b: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the share of each cell among all pairs of two cameras, smoothed like the learnt gaps."""
    total = np.zeros(4 * statistics.reach + 2)
    for i, j in _blocks(in_a, in_b):
        total += statistics.smoothed(_cells(visits, statistics, i, j))
    shares: NDArray[np.float64] = total / max(in_a.sum() * in_b.sum(), 1)
    return shares


def _blocks(
    in_a: NDArray[np.bool_], in_b: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Cut the pairs of two cameras into (rows, 1) and (1, columns) indices."""
    rows, columns = np.flatnonzero(in_a), np.flatnonzero(in_b)
    for low in range(0, len(rows), ROWS):
        yield rows[low : low + ROWS, None], columns[None, :]


def _cells(
    visits: Visits, statistics: TravelStatistics, i: NDArray[np.intp], j: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the cell of each pair i < j by direction and gap, in the shape of i and j broadcast together."""
    back = visits.starts[j] < visits.starts[i]
    there_gap, back_gap = visits.starts[j] - visits.ends[i], visits.starts[i] - visits.ends[j]
    return statistics.cells(np.where(back, back_gap, there_gap), back)


def _terms(kernels: NDArray[np.float64], shares: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    """Return the terms of cells, from the kernels of `count` learnt gaps and the shares of any two tracklets."""
    if count < FEWEST:
        return np.zeros(kernels.shape, np.float32)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        common = np.where(shares > 0, kernels / shares, count)  # a cell without pairs is never looked up
    log_ratio = np.log((common + DOUBT) / (count + DOUBT))
    return (WORTH * log_ratio).clip(-MOST, MOST).astype(np.float32)

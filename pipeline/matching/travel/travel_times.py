"""How long do objects take from one camera to another, and what does that say of two tracklets?

After Wang et al., Spatial-Temporal Person Re-identification, AAAI 2019, but in seconds, without bins to choose, and
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
"""Rows worked on at a time, so that 10,000 tracklets need some 50 MB beside the result."""
FEWEST = 5
"""Gaps below which nothing is said of two cameras."""
DOUBT = 5.0
"""Gaps that the belief in "time says nothing" weighs as much as."""
WORTH = 0.045
"""Cosine that e times as likely is worth: with normal cosines of equal spread, its square over the distance between
the means of one object's and of two objects' (0.16 and 0.6)."""
MOST = 0.15
"""Largest term either way: 28 times as likely, or as unlikely."""
FINENESS = 4
"""Cells of gaps in the width of the smoothing."""
KERNEL = np.exp(-np.square(np.arange(-3 * FINENESS, 3 * FINENESS + 1) / FINENESS) / 2)
KERNEL /= KERNEL.sum()
"""Normal density, cut beyond three of its widths."""

Way = tuple[str, str, str]
"""Class group, the camera that saw the object first, and the other."""
Pairs = NDArray[np.intp]
"""(m, 2) indices of tracklets."""
Index = NDArray[np.intp]
NO_PAIRS: Pairs = np.empty((0, 2), np.intp)


class Visits(Protocol):
    """What is known of n tracklets without their looks; a `Gallery` is one."""

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Camera and track of each, sorted."""

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
    """The gaps at which objects were seen again, and how far they speak for gaps nearby."""

    gaps: Mapping[Way, tuple[float, ...]] = field(default_factory=dict)
    """Seconds from leaving the first camera to entering the other, negative where seen by both at once."""
    knee: float = 10.0
    """Seconds up to which gaps are told apart by their difference, and from which on by their ratio."""
    width: float = 0.12
    """Of the smoothing, in units of asinh(gap / knee): a gap of 0 s speaks for 1.2 s around, of 40 s for 5 s, of an
    hour for 7 minutes."""

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
        """Count all gaps."""
        return sum(map(len, self.gaps.values()))

    @property
    def reach(self) -> int:
        """Cells from gap 0 to the longest."""
        return math.ceil(math.asinh(LONGEST / self.knee) / self.width * FINENESS)

    def cells(self, gaps: NDArray[np.float64], back: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Find the cell of each gap; those of the way back lie behind those of the way there."""
        steps = np.rint(np.arcsinh(gaps / self.knee) * (FINENESS / self.width))
        near: NDArray[np.intp] = np.clip(steps, -self.reach, self.reach).astype(np.intp)
        return near + np.where(back, 3 * self.reach + 1, self.reach)

    def smoothed(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Sum a kernel of weight 1 around each cell; (2 * (2 * reach + 1),), there and back."""
        counts = np.bincount(cells.ravel(), minlength=4 * self.reach + 2).reshape(2, -1)
        return np.concatenate([np.convolve(direction, KERNEL, mode="same") for direction in counts])

    def density(self, gaps: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Smooth the gaps of one way, for people to look at.

        Returns:
            (p,) seconds from before the first gap to after the last, and the density there, per second.
        """
        cells = self.cells(gaps, np.zeros(gaps.shape, np.bool_))
        near = np.arange(
            max(cells.min() - 3 * FINENESS, 0), min(cells.max() + 3 * FINENESS, 2 * self.reach) + 1
        )
        scaled = (near - self.reach) * (self.width / FINENESS)
        seconds = self.knee * np.sinh(scaled)
        step = self.knee * np.cosh(scaled) * (self.width / FINENESS)  # seconds a cell
        return seconds, self.smoothed(cells)[near] / len(gaps) / step


def why_untimed(cameras: CameraSet) -> str | None:
    """Say why travel times cannot be used: a clock is unknown; None if all are known or there is one camera."""
    unknown = [camera.name for camera in cameras.cameras if not camera.offset_known]
    if len(cameras.cameras) < 2 or not unknown:
        return None
    return (
        f"travel times stay unused, for the clocks of {', '.join(unknown)} are unknown; "
        "give each camera its offset in the cameras file (0 where a clock is right)"
    )


def fit_labelled(visits: Visits, labels: Mapping[tuple[str, int], int | None]) -> TravelStatistics:
    """Learn from tracklets of known identity; `labels` are by camera and track, None or missing: unknown."""
    return fit_links(visits, successive(visits, labels))


def successive(visits: Visits, labels: Mapping[tuple[str, int], int | None]) -> Pairs:
    """Pair each visit of an identity with its next, for each two cameras as if there were no others.

    Who goes to and fro counts each time; two tracklets of one camera in a row are no way between cameras.

    Returns:
        (m, 2) indices, by identity.
    """
    members: dict[int, list[int]] = defaultdict(list)
    keys = visits.keys
    for index in np.lexsort((np.arange(len(keys)), visits.starts)).tolist():
        identity = labels.get(keys[index])
        if identity is not None:
            members[identity].append(index)
    found = [pair for identity in sorted(members) for pair in _steps(members[identity], visits.cameras)]
    return np.array(found, np.intp).reshape(-1, 2)


def _steps(own: Sequence[int], cameras: NDArray[np.str_]) -> Iterator[tuple[int, int]]:
    """Walk through one identity's visits, in time order, once for each two of its cameras."""
    for both in combinations(sorted({str(cameras[index]) for index in own}), 2):
        there = [index for index in own if cameras[index] in both]
        yield from (pair for pair in pairwise(there) if cameras[pair[0]] != cameras[pair[1]])


def fit_links(visits: Visits, pairs: Pairs) -> TravelStatistics:
    """Learn from linked tracklets, each link once; those within a camera or across classes tell nothing."""
    gaps: dict[Way, list[float]] = defaultdict(list)
    for a, b in distinct(pairs).tolist():
        first, other = (a, b) if visits.starts[a] <= visits.starts[b] else (b, a)
        if visits.cameras[a] != visits.cameras[b] and visits.groups[a] == visits.groups[b]:
            way = (str(visits.groups[a]), str(visits.cameras[first]), str(visits.cameras[other]))
            gaps[way].append(float(visits.starts[other] - visits.ends[first]))
    return TravelStatistics({way: tuple(sorted(gaps[way])) for way in sorted(gaps)})


def distinct(pairs: Pairs) -> Pairs:
    """List each pair once, the lower index first."""
    return np.unique(np.sort(pairs, axis=1), axis=0)


def time_terms(
    visits: Visits, statistics: TravelStatistics, *, fitted_on: Pairs = NO_PAIRS
) -> NDArray[np.float32]:
    """Say by how much the time between two tracklets raises or lowers their score.

    The term is `WORTH` times the logarithm, cut at `MOST`, of how much more common such a gap and direction are for
    one object than for any two tracklets of these cameras:

        ratio(gap) = (sum of kernels(gap) / share of any two(gap) + DOUBT) / (gaps learnt from + DOUBT)

    Both directions of two cameras are weighed together, so that a way nobody goes speaks against a pair. Where
    little is learnt, or objects move like any two tracklets, the ratio is near 1 and the term near 0.

    Args:
        visits: n tracklets, sorted by camera.
        statistics: what was learnt.
        fitted_on: (m, 2) links between these tracklets that the statistics were fitted on: each is scored as if
            it had not been among them.

    Returns:
        (n, n) symmetric terms; 0 where nothing is said, as within a camera and across classes.
    """
    terms = np.zeros((len(visits.starts),) * 2, np.float32)
    links = distinct(fitted_on)
    for group, a, b in sorted({(way[0], min(way[1:]), max(way[1:])) for way in statistics.gaps}):
        in_a, in_b = ((visits.cameras == name) & (visits.groups == group) for name in (a, b))
        kernels, count = _learnt(statistics, group, a, b)  # (2 * cells,)
        shares = _any_two(visits, statistics, in_a, in_b)  # (2 * cells,)
        table = _terms(kernels, shares, count)
        for i, j in _blocks(in_a, in_b):
            block = table[_cells(visits, statistics, i, j)]  # (rows, columns)
            terms[i, j] = block
            terms[j.T, i.T] = block.T
        i, j = links[in_a[links[:, 0]] & in_b[links[:, 1]]].T
        own = _cells(visits, statistics, i, j)
        terms[i, j] = terms[j, i] = _terms(kernels[own] - KERNEL.max(), shares[own], count - 1)
    return terms


def _learnt(statistics: TravelStatistics, group: str, a: str, b: str) -> tuple[NDArray[np.float64], int]:
    """Sum the kernels of all gaps between two cameras; and count the gaps."""
    there, back = (statistics.gaps.get(way, ()) for way in ((group, a, b), (group, b, a)))
    cells = statistics.cells(np.array([*there, *back]), np.arange(len(there) + len(back)) >= len(there))
    return statistics.smoothed(cells), len(cells)


def _any_two(
    visits: Visits, statistics: TravelStatistics, in_a: NDArray[np.bool_], in_b: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Find the share of each cell among all pairs of two cameras, smoothed as what was learnt is."""
    total = np.zeros(4 * statistics.reach + 2)
    for i, j in _blocks(in_a, in_b):
        total += statistics.smoothed(_cells(visits, statistics, i, j))
    shares: NDArray[np.float64] = total / max(in_a.sum() * in_b.sum(), 1)
    return shares


def _blocks(in_a: NDArray[np.bool_], in_b: NDArray[np.bool_]) -> Iterator[tuple[Index, Index]]:
    """Cut the pairs of two cameras into (rows, 1) and (1, columns) indices."""
    rows, columns = np.flatnonzero(in_a), np.flatnonzero(in_b)
    for low in range(0, len(rows), ROWS):
        yield rows[low : low + ROWS, None], columns[None, :]


def _cells(visits: Visits, statistics: TravelStatistics, i: Index, j: Index) -> NDArray[np.intp]:
    """Find the cell of direction and gap of each pair, i < j; the shape is that of i and j together."""
    back = visits.starts[j] < visits.starts[i]
    there = visits.starts[j] - visits.ends[i]
    return statistics.cells(np.where(back, visits.starts[i] - visits.ends[j], there), back)


def _terms(kernels: NDArray[np.float64], shares: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    """Weigh what was learnt from `count` gaps against what any two would show."""
    if count < FEWEST:
        return np.zeros(kernels.shape, np.float32)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        common = np.where(shares > 0, kernels / shares, count)  # where no two are, nothing is asked
    said = WORTH * np.log((common + DOUBT) / (count + DOUBT))
    return said.clip(-MOST, MOST).astype(np.float32)

"""By how much do the cameras' clocks differ? Estimated from who is plainly the same, where that can be known at all.

A link's lag, the middle of its visit to b less that of its visit to a, is the way from a to b plus an error of the
clocks, and one cannot be told from the other. But who walks the same way back has the way's opposite and the same
error. So links are parted by the direction people move in both pictures: half the sum of both directions' lags is the
error, half their difference the way. Views of one place are the case where the way is 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.travel.travel_times import Pairs, distinct

if TYPE_CHECKING:  # it costs the import of matplotlib
    pass

FEWEST = 5
"""Links that each direction needs."""
TRIALS = 200
"""Random pairings that agreement is compared with; at most 1 in 100 of them may agree as well."""
REACH = 5
"""Spreads from the centre beyond which a lag is that of a wrong link."""
STANDING = 0.5
"""Heights of its box that an object must move for its direction to count."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flow:
    """The links of two cameras whose objects move one way."""

    lags: Floats
    """(m,) seconds from the middle of the visit to the one camera to that of the other, sorted."""
    centre: float = math.nan
    """Median of those not far from the half of them that lies closest together."""
    spread: float = math.nan
    """Half the length of that half."""
    chance: float = math.nan
    """The same when the same visits are paired at random; median."""
    sure: bool = False
    """At most 1 in 100 random pairings agrees as well."""
    error: float = math.nan
    """Standard error of the centre, as of a median of normal values."""


@dataclass(frozen=True, eq=False)
class Vote:
    """What the links of two cameras say of their clocks."""

    cameras: tuple[str, str]
    forth: Flow
    back: Flow
    others: int
    """Links whose direction is unclear."""

    @property
    def offset(self) -> float | None:
        """Seconds to add to the second camera's times; None: cannot be known."""
        return -(self.forth.centre + self.back.centre) / 2 if self.forth.sure and self.back.sure else None

    @property
    def error(self) -> float:
        """Standard error of the offset."""
        return math.hypot(self.forth.error, self.back.error) / 2

    @property
    def sentence(self) -> str:
        """Say what is proposed and why, or why nothing is."""
        a, b = self.cameras
        flows = (self.forth, self.back)
        counts = f"{a} and {b}: {sum(len(flow.lags) for flow in flows) + self.others} links"
        if self.offset is not None:
            way = abs(self.forth.centre - self.back.centre) / 2
            spreads, chances = (
                " and ".join(f"{getattr(flow, name):.1f}" for flow in flows) for name in ("spread", "chance")
            )
            return (
                f"{counts}, {len(self.forth.lags)} one way and {len(self.back.lags)} the other, half of which agree "
                f"within {spreads} s (by chance {chances} s): add {self.offset:.2f} s to {b}, give or take "
                f"{3 * self.error:.2f} s, if the {way:.1f} s that people take are the same both ways"
            )
        return f"{counts}; the clocks' difference cannot be known: {self._why()}"

    def _why(self) -> str:
        """Say what is missing."""
        sure = [flow for flow in (self.forth, self.back) if flow.sure]
        if sure:
            return (
                "too few go the other way, and the time that people take cannot be told from the clocks "
                f"(did both show exactly the same place, add {-sure[0].centre:.1f} s to {self.cameras[1]})"
            )
        if max(len(self.forth.lags), len(self.back.lags)) < FEWEST:
            return f"too few whose direction is clear, {FEWEST} are needed each way"
        return "their times agree no better than those of random pairs"


@dataclass(frozen=True, eq=False)
class Proposal:
    """Clock offsets for cameras whose clocks are unknown, and the evidence."""

    cameras: CameraSet
    offsets: Mapping[str, float]
    """Seconds to add to a file's own timestamps, by camera; those that cannot be known are missing."""
    votes: tuple[Vote, ...]
    reference: str | None = None
    """The camera whose clock the others are set by, where none was known."""

    @property
    def sentences(self) -> list[str]:
        """State the evidence, and where it contradicts itself."""
        found = [vote.sentence for vote in self.votes]
        for vote in self.votes:
            a, b = vote.cameras
            if vote.offset is not None and a in self.offsets and b in self.offsets:
                rest = self._shift(b) - self._shift(a) - vote.offset
                if abs(rest) > max(1, 4 * vote.error):
                    found.append(f"{a} and {b}: contradicted by the other cameras, by {abs(rest):.1f} s")
        return found

    def _shift(self, name: str) -> float:
        return self.offsets[name] - self.cameras[name].offset

    @property
    def fragment(self) -> str:
        """Write the proposal as a cameras file."""
        return "\n".join(self._table(camera) for camera in self.cameras.cameras)

    def _table(self, camera: Camera) -> str:
        name, file = (json.dumps(text, ensure_ascii=False) for text in (camera.name, str(camera.path)))
        known = camera.name in self.offsets
        note = "  # the others are set by this" if camera.name == self.reference else "  # estimated"
        offset = f"offset = {self.offsets[camera.name]:.3f}" if known else "# its offset cannot be known"
        offset += note if known and not camera.offset_known else ""
        return f"[[camera]]\nname = {name}\nfile = {file}\n{offset}\n"

    def applied(self) -> CameraSet:
        """Put the offsets to use; they count as known from then on."""
        changed = [
            replace(camera, offset=self.offsets[camera.name], offset_known=True)
            if camera.name in self.offsets
            else camera
            for camera in self.cameras.cameras
        ]
        return replace(self.cameras, cameras=tuple(changed))


def estimate_offsets(gallery: Gallery, links: Pairs, cameras: CameraSet) -> Proposal:
    """Propose offsets for the cameras whose clocks are unknown.

    Cameras of known offset stay as they are; if there is none, the first of the best pair does.

    Args:
        gallery: n tracklets, timed with the offsets that the cameras have now.
        links: (m, 2) indices of tracklets that are plainly the same, told without looking at times.
        cameras: those of the gallery.
    """
    pairs = distinct(links)
    votes = [
        _vote(gallery, pairs, a.name, b.name)
        for a, b in combinations(cameras.cameras, 2)
        if not (a.offset_known and b.offset_known)
    ]
    useful = sorted((vote for vote in votes if vote.offset is not None), key=lambda vote: vote.error)
    offsets = {camera.name: camera.offset for camera in cameras.cameras if camera.offset_known}
    reference = useful[0].cameras[0] if useful and not offsets else None
    if reference is not None:
        offsets[reference] = cameras[reference].offset
    _spread(offsets, useful, cameras)
    return Proposal(cameras, offsets, tuple(votes), reference)


def _spread(offsets: dict[str, float], votes: list[Vote], cameras: CameraSet) -> None:
    """Reach camera after camera from those whose offsets are there, by the surest vote each time; in place."""
    while crossing := [vote for vote in votes if sum(name in offsets for name in vote.cameras) == 1]:
        (a, b), offset = crossing[0].cameras, crossing[0].offset
        assert offset is not None
        if a not in offsets:
            a, b, offset = b, a, -offset
        offsets[b] = cameras[b].offset + offset + offsets[a] - cameras[a].offset


def _vote(gallery: Gallery, pairs: Pairs, a: str, b: str) -> Vote:
    """Part the links of two cameras by direction, and find where each part's lags agree."""
    i, j = pairs[(gallery.cameras[pairs[:, 0]] == a) & (gallery.cameras[pairs[:, 1]] == b)].T
    heading_a, heading_b = _headings(gallery, i), _headings(gallery, j)  # (m,) -1, 0 or 1
    turned = heading_a * heading_b  # 1: to the same side in both pictures
    alike = 1 if (turned == 1).sum() >= (turned == -1).sum() else -1
    clear = turned == alike
    middles = (gallery.starts + gallery.ends) / 2
    forth, back = (
        _flow(middles[i[own]], middles[j[own]]) for own in (clear & (heading_a == s) for s in (1, -1))
    )
    return Vote((a, b), forth, back, int((~clear).sum()))


def _headings(gallery: Gallery, own: NDArray[np.intp]) -> NDArray[np.int64]:
    """Tell to which side of one camera's picture each of m tracklets moves, along its main line; 0: it stands."""
    first, last = gallery.first_boxes[own], gallery.last_boxes[own]
    steps = ((last[:, :2] + last[:, 2:]) - (first[:, :2] + first[:, 2:])).astype(np.float64) / 2  # (m, 2)
    heights = np.maximum(first[:, 3] - first[:, 1], 1)
    line = np.linalg.svd(steps, full_matrices=False)[2][0] if len(own) else np.zeros(2)
    along = steps @ line / heights
    return np.where(np.abs(along) < STANDING, 0, np.sign(along)).astype(np.int64)


def _flow(middles_a: Floats, middles_b: Floats) -> Flow:
    """Find where the lags of (m,) links agree, and whether random pairs would as well."""
    lags = np.sort(middles_b - middles_a)
    if len(lags) < FEWEST:
        return Flow(lags)
    centre, spread = closest_half(lags)
    rng = np.random.default_rng(0)
    trials = [closest_half(np.sort(rng.permutation(middles_b) - middles_a))[1] for _ in range(TRIALS)]
    sure = sum(trial <= spread for trial in trials) <= TRIALS // 100
    near = lags[np.abs(lags - centre) <= REACH * spread]
    error = 1.25 * float(near.std(ddof=1)) / math.sqrt(len(near))
    return Flow(lags, float(np.median(near)), spread, float(np.median(trials)), sure, error)


def closest_half(values: Floats) -> tuple[float, float]:
    """Find the shortest stretch that holds more than half of (m,) sorted values: its median, and half its length.

    >>> closest_half(np.array([0.0, 5.0, 6.0, 8.0, 90.0]))
    (6.0, 1.5)
    """
    count = len(values) // 2 + 1
    lengths = values[count - 1 :] - values[: len(values) - count + 1]
    low = int(lengths.argmin())
    return float(np.median(values[low : low + count])), float(lengths[low]) / 2

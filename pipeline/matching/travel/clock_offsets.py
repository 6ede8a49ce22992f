"""Clock offsets: by how much the cameras' clocks differ, estimated from confident links.

The lag of a link, from the middle of its visit to a to the middle of its visit to b, is the travel time from a to b
plus the difference of the clocks, and the two cannot be told apart. But for objects that go back, the travel time has
the opposite sign and the difference of the clocks is the same. So links are separated by the direction in which
objects move in both pictures: half the sum of both directions' lags is the difference of the clocks, half their
difference is the travel time. Two views of one place are the case of a travel time of 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.travel.travel_times import Pairs, unique_pairs

FEWEST = 5
"""Smallest number of links that each direction needs."""
TRIALS = 200
"""Number of random pairings that the agreement is compared with; at most 1 in 100 of them may agree as well."""
REACH = 5
"""Number of spreads from the centre beyond which a lag is that of a wrong link."""
STANDING = 0.5
"""Heights of its box that an object must move for its direction to count."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flow:
    """The links of two cameras whose objects move in one direction."""

    lags: Floats
    """(m,) seconds from the middle of the visit to the first camera to that of the visit to the second, sorted."""
    centre: float = math.nan
    """Median of the lags that are not far from the half that lies closest together."""
    spread: float = math.nan
    """Half the length of that half, in seconds."""
    chance: float = math.nan
    """Median spread if the same visits are paired at random."""
    sure: bool = False
    """Whether at most 1 in 100 random pairings agrees as well."""
    error: float = math.nan
    """Standard error of the centre, as of a median of normal values."""


@dataclass(frozen=True, eq=False)
class Vote:
    """What the links of two cameras tell about their clocks."""

    cameras: tuple[str, str]
    forth: Flow
    back: Flow
    others: int
    """Number of links of unclear direction."""

    @property
    def offset(self) -> float | None:
        """Seconds to add to the times of the second camera; None: unknown."""
        return -(self.forth.centre + self.back.centre) / 2 if self.forth.sure and self.back.sure else None

    @property
    def error(self) -> float:
        """Standard error of the offset."""
        return math.hypot(self.forth.error, self.back.error) / 2

    @property
    def sentence(self) -> str:
        """The proposed offset and its evidence, or why no offset is proposed."""
        a, b = self.cameras
        forth, back = self.forth, self.back
        links = len(forth.lags) + len(back.lags) + self.others
        if self.offset is None:
            return (
                f"{a} and {b}: the difference of the clocks cannot be known from {links} links. {self._why()}"
            )
        travel = abs(forth.centre - back.centre) / 2
        return (
            f"{a} and {b}: add {self.offset:.2f} s to {b}, give or take {3 * self.error:.2f} s. "
            f"Of {links} links, {len(forth.lags)} go one way and {len(back.lags)} the other. Half of them agree within "
            f"{forth.spread:.1f} and {back.spread:.1f} s (random pairs: {forth.chance:.1f} and {back.chance:.1f} s). "
            f"The travel time of {travel:.1f} s is assumed to be the same both ways."
        )

    def _why(self) -> str:
        """Return why no offset is proposed."""
        sure = [flow for flow in (self.forth, self.back) if flow.sure]
        if sure:
            return (
                "Too few objects go the other way, so travel time and clocks cannot be told apart. "
                f"If both cameras show the same place, add {-sure[0].centre:.1f} s to {self.cameras[1]}."
            )
        if max(len(self.forth.lags), len(self.back.lags)) < FEWEST:
            return f"Too few links have a clear direction; {FEWEST} are needed each way."
        return "Their times agree no better than those of random pairs."


@dataclass(frozen=True, eq=False)
class Proposal:
    """Clock offsets for cameras whose clocks are unknown, and their evidence."""

    cameras: CameraSet
    offsets: Mapping[str, float]
    """Seconds to add to a file's own timestamps, by camera; cameras of unknown offset are missing."""
    votes: tuple[Vote, ...]
    reference: str | None = None
    """The camera whose clock the other clocks are set to, if no clock was known."""

    @property
    def sentences(self) -> list[str]:
        """The evidence, and contradictions in it."""
        sentences = [vote.sentence for vote in self.votes]
        for vote in self.votes:
            a, b = vote.cameras
            if vote.offset is not None and a in self.offsets and b in self.offsets:
                difference = self._shift(b) - self._shift(a) - vote.offset
                if abs(difference) > max(1, 4 * vote.error):
                    sentences.append(
                        f"{a} and {b}: the links of other cameras contradict this by {abs(difference):.1f} s."
                    )
        return sentences

    def _shift(self, name: str) -> float:
        return self.offsets[name] - self.cameras[name].offset

    @property
    def fragment(self) -> str:
        """The proposal as the text of a cameras file."""
        return "\n".join(self._table(camera) for camera in self.cameras.cameras)

    def _table(self, camera: Camera) -> str:
        name = json.dumps(camera.name, ensure_ascii=False)
        files = [str(path) for path in camera.recording.files]
        file = json.dumps(files if len(files) > 1 else files[0], ensure_ascii=False)
        if camera.name not in self.offsets:
            offset = "# its offset cannot be known"
        else:
            offset = f"offset = {self.offsets[camera.name]:.3f}"
            if camera.name == self.reference:
                offset += "  # the other clocks are set to this one"
            elif not camera.offset_known:
                offset += "  # estimated"
        timing = camera.recording.timing
        rate = f"rate = {timing.rate:g}\n" if timing.rate != 1 else ""
        fps = f"fps = {timing.fps:g}\n" if timing.fps else ""
        return f"[[camera]]\nname = {name}\nfile = {file}\n{fps}{rate}{offset}\n"

    def applied(self) -> CameraSet:
        """Return the cameras with these offsets, which then count as known."""
        changed = [
            replace(camera, offset=self.offsets[camera.name], offset_known=True)
            if camera.name in self.offsets
            else camera
            for camera in self.cameras.cameras
        ]
        return replace(self.cameras, cameras=tuple(changed))


def estimate_offsets(gallery: Gallery, links: Pairs, cameras: CameraSet) -> Proposal:
    """Propose offsets for the cameras whose clocks are unknown.

    Known offsets do not change. If no offset is known, that of one camera of the best pair does not change.

    Args:
        gallery: n tracklets, timed with the offsets that the cameras have now.
        links: (m, 2) indices of tracklets that are confidently the same, without regard to times.
        cameras: the cameras of the gallery.
    """
    pairs = unique_pairs(links)
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
    _add_offsets(offsets, useful, cameras)
    return Proposal(cameras, offsets, tuple(votes), reference)


def _add_offsets(offsets: dict[str, float], votes: list[Vote], cameras: CameraSet) -> None:
    """Add the offsets of further cameras, by the most certain vote with a camera of known offset; in place."""
    while crossing := [vote for vote in votes if sum(name in offsets for name in vote.cameras) == 1]:
        (a, b), offset = crossing[0].cameras, crossing[0].offset
        assert offset is not None
        if a not in offsets:
            a, b, offset = b, a, -offset
        offsets[b] = cameras[b].offset + offset + offsets[a] - cameras[a].offset


def _vote(gallery: Gallery, pairs: Pairs, a: str, b: str) -> Vote:
    """Separate the links of two cameras by direction, and find where the lags of each direction agree."""
    i, j = pairs[(gallery.cameras[pairs[:, 0]] == a) & (gallery.cameras[pairs[:, 1]] == b)].T
    heading_a, heading_b = _headings(gallery, i), _headings(gallery, j)  # (m,) -1, 0 or 1
    agreement = heading_a * heading_b  # 1: to the same side in both pictures
    usual = 1 if (agreement == 1).sum() >= (agreement == -1).sum() else -1
    clear = agreement == usual
    middles = (gallery.starts + gallery.ends) / 2
    forth, back = clear & (heading_a == 1), clear & (heading_a == -1)
    return Vote(
        (a, b),
        forth=_flow(middles[i[forth]], middles[j[forth]]),
        back=_flow(middles[i[back]], middles[j[back]]),
        others=int((~clear).sum()),
    )


def _headings(gallery: Gallery, indices: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the side to which m tracklets of a camera move, along the main line of their movement; 0: they stand."""
    first, last = gallery.first_boxes[indices], gallery.last_boxes[indices]
    steps = ((last[:, :2] + last[:, 2:]) - (first[:, :2] + first[:, 2:])).astype(np.float64) / 2  # (m, 2)
    heights = np.maximum(first[:, 3] - first[:, 1], 1)
    line = np.linalg.svd(steps, full_matrices=False)[2][0] if len(indices) else np.zeros(2)
    along = steps @ line / heights
    return np.where(np.abs(along) < STANDING, 0, np.sign(along)).astype(np.int64)


def _flow(middles_a: Floats, middles_b: Floats) -> Flow:
    """Find where the lags of (m,) links agree, and whether random pairs agree as well."""
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
    """Return the median and half the length of the shortest interval that holds more than half of (m,) sorted values.

    >>> closest_half(np.array([0.0, 5.0, 6.0, 8.0, 90.0]))
    (6.0, 1.5)
    """
    count = len(values) // 2 + 1
    lengths = values[count - 1 :] - values[: len(values) - count + 1]
    low = int(lengths.argmin())
    return float(np.median(values[low : low + count])), float(lengths[low]) / 2

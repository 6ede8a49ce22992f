"""Calibration: which threshold keeps a rate of false matches, told from the run itself or from labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import PipelineError
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import Rule
from pipeline.matching.thresholds.expected_errors import expected_false, expected_missed, sides
from pipeline.matching.thresholds.known_pairs import Known
from pipeline.matching.thresholds.tail import FEWEST, MOST, Scores, Tail, carried, fit_tail
from pipeline.tracking.tracklets import Key

STITCH = 0.3
"""Rate of false matches within a camera, as part of that between cameras."""
RATES = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
"""Rates of false matches at which both error curves are told."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Scores of pairs of which it is known whether they are one object."""

    genuine: Scores
    """(p,) scores of pairs that are one object."""
    impostors: Scores
    """(m,) scores of pairs that are two."""


@dataclass(frozen=True)
class Calibration:
    """A threshold and what is to be expected of it."""

    threshold: float
    """Smallest score of a link between cameras."""
    stitch_threshold: float
    """The same within one camera."""
    method: Literal["run", "labels", "given"]
    """Told from pairs the run knows, from labels, or not chosen here at all."""
    negatives: int
    """Pairs of two objects it was told from."""
    positives: int
    """Pairs of one object: labelled ones, or halves of tracklets."""
    false_match: float | None = None
    """Share of pairs of two objects in two cameras expected to reach the threshold; None: too few pairs to tell."""
    interval: tuple[float, float] | None = None
    """That encloses this share in nine of ten cases."""
    false_non_match: float | None = None
    """Share of those seen by two cameras expected under the threshold; None: not to be told."""
    halves_missed: float | None = None
    """Share of the halves of tracklets under it: a flattering figure, of one camera and one light."""
    expected_false: float | None = None
    """Links between cameras expected to be false; None: not to be told."""

    @property
    def sentence(self) -> str:
        """Say it to people."""
        said = [f"the threshold {self.threshold:.3f} {self._origin()}"]
        if self.false_match is not None and self.interval is not None:
            low, high = self.interval
            said.append(
                f"{self.false_match:.2%} of pairs of two objects in two cameras are expected to reach it "
                f"({low:.2%} to {high:.2%} in nine of ten cases)"
            )
        if self.false_non_match is not None:
            said.append(
                f"about {self.false_non_match:.0%} of those seen by two cameras are expected to stay under it"
            )
        if self.expected_false is not None:
            said.append(
                f"up to about {self.expected_false:.1f} links between cameras are expected to be false"
            )
        return "; ".join(said)

    def _origin(self) -> str:
        if self.method == "labels":
            return f"was chosen by {self.negatives} labelled pairs of two objects"
        if self.method == "run":
            return f"was chosen by {self.negatives} pairs seen side by side in one camera"
        if self.false_match is None:
            return f"was kept: {self.negatives} pairs seen side by side tell too little, {FEWEST} are needed"
        return f"was kept, and held against {self.negatives} pairs seen side by side in one camera"


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A calibration and what it stands on."""

    calibration: Calibration
    compared: Compared
    tail: Tail | None
    """Of the impostors; None where they are too few."""


def calibrate(
    gallery: Gallery,
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
    known: Known,
    *,
    given: tuple[float, float],
    margin: float,
    rate: float | None,
) -> Calibrated:
    """Choose the threshold of a run by what it knows of itself, or tell what is to be expected of the one given.

    Impostors are pairs seen side by side in one camera; there they are more alike than across cameras, for which
    they are corrected (`carried`).

    Args:
        gallery: n tracklets.
        scores: (n, n) scores of all pairs, by appearance alone.
        rules: (n, n) `Rule` values.
        known: pairs with a known answer.
        given: threshold and stitch threshold that serve where no rate is wanted, or too little is known.
        margin: by which a link must lead over its best rival.
        rate: share of pairs of two objects in two cameras that may reach the threshold; None: whatever comes of
            the given one.

    Raises:
        PipelineError: the rate is none.
    """
    check_rate(rate)
    within = scores[known.different[:, 0], known.different[:, 1]]
    compared = Compared(known.halves, carried(within, _across(gallery, scores, rules)))
    if len(within) < FEWEST:
        kept = Calibration(*given, "given", len(within), len(known.halves))
        return Calibrated(kept, compared, None)
    tail = fit_tail(compared.impostors, known.different)
    chosen = given if rate is None else _chosen(tail, fit_tail(within, known.different), rate)
    cut = chosen[0]
    views = sides(scores, rules, gallery.cameras)
    found = Calibration(
        *chosen,
        "given" if rate is None else "run",
        negatives=len(within),
        positives=len(known.halves),
        false_match=tail.rate(cut),
        interval=tail.interval(cut),
        false_non_match=expected_missed(views, threshold=cut, rate=tail.rate, at=tail.threshold),
        halves_missed=_under(known.halves, cut),
        expected_false=expected_false(views, threshold=cut, rate=tail.rate, margin=margin),
    )
    return Calibrated(found, compared, tail)


def _across(gallery: Gallery, scores: NDArray[np.float32], rules: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Take the scores of admissible pairs across cameras."""
    a, b = _some_pairs(len(gallery))
    free = (gallery.cameras[a] != gallery.cameras[b]) & (rules[a, b] == Rule.ADMISSIBLE)
    return np.asarray(scores[a[free], b[free]])


def calibrate_labelled(
    gallery: Gallery, scores: NDArray[np.float32], labels: Mapping[Key, int | None], *, rate: float
) -> Calibrated:
    """Choose the threshold by labels, from pairs of one class group across cameras.

    Args:
        gallery: n tracklets.
        scores: (n, n) scores of all pairs, by appearance alone.
        labels: true identity of each tracklet; those without one take no part.
        rate: share of pairs of two objects that may reach the threshold.

    Raises:
        PipelineError: the rate is none, or there are fewer than `FEWEST` pairs of two objects.
    """
    check_rate(rate)
    owners = [labels.get(key) for key in gallery.keys]
    labelled = np.array([owner is not None for owner in owners], np.bool_)
    people = np.array([owner or 0 for owner in owners], np.int64)
    a, b = _some_pairs(len(gallery))
    usable = labelled[a] & labelled[b] & (gallery.groups[a] == gallery.groups[b])
    pairs = np.stack([a[usable], b[usable]], axis=1)
    a, b = pairs.T
    two, across, values = people[a] != people[b], gallery.cameras[a] != gallery.cameras[b], scores[a, b]
    compared = Compared(values[~two & across], values[two & across])
    if len(compared.impostors) < FEWEST:
        raise PipelineError(
            f"{len(compared.impostors)} labelled pairs of two objects in two cameras are too few to calibrate by; "
            f"{FEWEST} are needed"
        )
    tail, within = fit_tail(compared.impostors, pairs[two & across]), two & ~across
    chosen = _chosen(tail, fit_tail(values[within], pairs[within]) if within.sum() >= FEWEST else tail, rate)
    found = Calibration(
        *chosen,
        "labels",
        negatives=len(compared.impostors),
        positives=len(compared.genuine),
        false_match=tail.rate(chosen[0]),
        interval=tail.interval(chosen[0]),
        false_non_match=_under(compared.genuine, chosen[0]),
    )
    return Calibrated(found, compared, tail)


def check_rate(rate: float | None) -> None:
    """Refuse a rate of false matches that is none.

    Raises:
        PipelineError: it does not lie between 0 and 1.
    """
    if rate is not None and not 0 < rate < 1:
        raise PipelineError(f"a false-match rate of {rate} is not possible; give one between 0 and 1")


def _chosen(tail: Tail, within: Tail, rate: float) -> tuple[float, float]:
    """Choose thresholds between cameras and within one, where it is no lower."""
    threshold = tail.threshold(rate)
    return threshold, max(threshold, within.threshold(STITCH * rate))


def _under(genuine: Scores, threshold: float) -> float | None:
    """Tell the share of scores under a threshold; None without any."""
    return float((genuine < threshold).mean()) if len(genuine) else None


def _some_pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """List all pairs of n items, or draw a hundred times `MOST` where there are more."""
    if n * (n - 1) // 2 <= 100 * MOST:
        a, b = np.triu_indices(n, 1)
        return a, b
    a, b = np.random.default_rng(0).integers(n, size=(2, 100 * MOST))
    return np.minimum(a, b)[a != b], np.maximum(a, b)[a != b]


def curves(found: Calibrated) -> list[tuple[float, float, float | None]]:
    """Tell both error curves: rate of false matches, the threshold that keeps it, rate of false non-matches."""
    if found.tail is None:
        return []
    cuts = [found.tail.threshold(rate) for rate in RATES]
    return [(rate, cut, _under(found.compared.genuine, cut)) for rate, cut in zip(RATES, cuts, strict=True)]

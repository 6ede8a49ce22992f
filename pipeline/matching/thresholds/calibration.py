"""Calibration: chooses the threshold that keeps a false match rate, and estimates the errors of a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import PipelineError
from pipeline.matching.config import Chosen, ChosenBy
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import Rule
from pipeline.matching.thresholds.expected_errors import (
    candidates_by_camera_pair,
    expected_false,
    expected_missed,
)
from pipeline.matching.thresholds.known_pairs import KnownPairs
from pipeline.matching.thresholds.tail import FEWEST, MOST, Scores, Tail, carried, fit_tail
from pipeline.tracking.tracklets import Key

STITCH = 0.3
"""False match rate within a camera, as a share of the rate between cameras."""
RATES = (0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
"""False match rates at which both error curves are reported."""
ORIGINS: dict[ChosenBy, str] = {
    "default": "the default",
    "network": "measured for the network",
    "user": "set by the user",
    "calibration": "from the calibration file",
    "false match rate": "for the false match rate",
}


@dataclass(frozen=True, eq=False)
class Compared:
    """Scores of pairs that are known to be one object or two."""

    genuine: Scores
    """(p,) scores of pairs of one object."""
    impostors: Scores
    """(m,) scores of pairs of different objects."""


@dataclass(frozen=True)
class Calibration:
    """A threshold and its expected errors."""

    threshold: float
    """Smallest score of a link between cameras."""
    stitch_threshold: float
    """Smallest score of a link within one camera."""
    method: Literal["run", "labels", "given"]
    """`run`: chosen from pairs that the run knows. `labels`: chosen from labels. `given`: not chosen here."""
    negatives: int
    """Number of pairs of different objects that were used."""
    positives: int
    """Number of pairs of one object: labelled pairs, or halves of tracklets."""
    false_match: float | None = None
    """Expected share of pairs of different objects in two cameras that reach the threshold; None: too few pairs."""
    interval: tuple[float, float] | None = None
    """90% interval of this share."""
    false_non_match: float | None = None
    """Expected share of the objects seen by two cameras that stay below the threshold; None: unknown."""
    halves_missed: float | None = None
    """Share of the halves of tracklets below the threshold: optimistic, being of one camera and one light."""
    expected_false: float | None = None
    """Expected number of false links between cameras; None: unknown."""
    chosen_by: ChosenBy = "default"
    """Who chose the threshold."""

    @property
    def sentence(self) -> str:
        """The threshold and its expected errors, in sentences."""
        sentences = [self._origin()]
        if self.false_match is not None and self.interval is not None:
            low, high = self.interval
            sentences.append(
                f"About {self.false_match:.2%} of pairs of different objects in two cameras reach it "
                f"(90% interval {low:.2%} to {high:.2%})."
            )
        if self.false_non_match is not None:
            sentences.append(f"About {self.false_non_match:.0%} of objects seen by two cameras are missed.")
        if self.expected_false is not None:
            sentences.append(
                f"Up to about {self.expected_false:.1f} false links between cameras are expected."
            )
        return " ".join(sentences)

    @property
    def summary(self) -> str:
        """The threshold and the number of false links, in two short sentences."""
        origin = {"labels": "from labels", "run": "for the false match rate"}.get(
            self.method, ORIGINS[self.chosen_by]
        )
        if self.expected_false is None:
            return (
                f"Links need a score of at least {self.threshold:.3f} ({origin}). "
                "The number of false links is unknown; report.html says why."
            )
        return (
            f"Links need a score of at least {self.threshold:.3f} ({origin}). "
            f"At most about {self.expected_false:.1f} false links between cameras are expected."
        )

    def _origin(self) -> str:
        threshold, pairs = f"threshold {self.threshold:.3f}", f"{self.negatives} pairs of different objects"
        if self.method == "labels":
            return f"{threshold} (chosen from {self.negatives} labelled pairs of different objects)."
        if self.method == "run":
            return f"{threshold} (chosen from {pairs} seen together in one camera)."
        threshold += f" ({ORIGINS[self.chosen_by]})."
        if self.false_match is None:
            return f"{threshold} Not checked: {pairs} seen together are too few; {FEWEST} are needed."
        return f"{threshold} Checked on {pairs} seen together in one camera."


@dataclass(frozen=True, eq=False)
class Calibrated:
    """A calibration and the scores it is based on."""

    calibration: Calibration
    compared: Compared
    tail: Tail | None
    """Tail of the impostors' scores; None if there are too few."""


def calibrate_thresholds(
    gallery: Gallery,
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
    known: KnownPairs,
    *,
    given: tuple[Chosen, Chosen],
    margin: float,
    rate: float | None,
) -> Calibrated:
    """Choose the thresholds of a run without labels, or estimate the errors of the given thresholds.

    Impostors are pairs seen together in one camera. They are more similar there than across cameras, which is
    corrected (`carried`).

    Args:
        gallery: n tracklets.
        scores: (n, n) scores of all pairs, by appearance alone.
        rules: (n, n) `Rule` values.
        known: pairs that are known to be one object or two.
        given: threshold and stitch threshold that hold if no rate is given, or if there are too few pairs.
        margin: smallest difference of a link to the best alternative.
        rate: share of pairs of different objects in two cameras that may reach the threshold; None: the given
            thresholds hold.

    Raises:
        PipelineError: the rate does not lie between 0 and 1.
    """
    check_rate(rate)
    within = scores[known.different[:, 0], known.different[:, 1]]
    compared = Compared(known.halves, carried(within, _across(gallery, scores, rules)))
    threshold, stitch_threshold = given[0].value, given[1].value
    if len(within) < FEWEST:
        unchecked = Calibration(
            threshold=threshold,
            stitch_threshold=stitch_threshold,
            method="given",
            negatives=len(within),
            positives=len(known.halves),
            chosen_by=given[0].by,
        )
        return Calibrated(unchecked, compared, None)
    tail = fit_tail(compared.impostors, known.different)
    if rate is not None:
        threshold, stitch_threshold = _choose(tail, fit_tail(within, known.different), rate)
    views = candidates_by_camera_pair(scores, rules, gallery.cameras)
    calibration = Calibration(
        threshold=threshold,
        stitch_threshold=stitch_threshold,
        method="given" if rate is None else "run",
        negatives=len(within),
        positives=len(known.halves),
        false_match=tail.rate(threshold),
        interval=tail.interval(threshold),
        false_non_match=expected_missed(views, threshold=threshold, rate=tail.rate, at=tail.threshold),
        halves_missed=_share_below(known.halves, threshold),
        expected_false=expected_false(views, threshold=threshold, rate=tail.rate, margin=margin),
        chosen_by=given[0].by if rate is None else "false match rate",
    )
    return Calibrated(calibration, compared, tail)


def _across(gallery: Gallery, scores: NDArray[np.float32], rules: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the scores of admissible pairs across cameras."""
    a, b = _some_pairs(len(gallery))
    admissible = (gallery.cameras[a] != gallery.cameras[b]) & (rules[a, b] == Rule.ALLOWED)
    return np.asarray(scores[a[admissible], b[admissible]])


def calibrate_labelled(
    gallery: Gallery, scores: NDArray[np.float32], labels: Mapping[Key, int | None], *, rate: float
) -> Calibrated:
    """Choose the thresholds from labels, with pairs of one class group: across cameras and within each camera.

    Args:
        gallery: n tracklets.
        scores: (n, n) scores of all pairs, by appearance alone.
        labels: true identity of each tracklet; tracklets without a label are not used.
        rate: share of pairs of different objects that may reach the threshold.

    Raises:
        PipelineError: the rate does not lie between 0 and 1, or there are fewer than `FEWEST` pairs of different
            objects.
    """
    check_rate(rate)
    identities = [labels.get(key) for key in gallery.keys]
    labelled = np.array([identity is not None for identity in identities], np.bool_)
    numbers = np.array([identity or 0 for identity in identities], np.int64)
    a, b = _some_pairs(len(gallery))
    usable = labelled[a] & labelled[b] & (gallery.groups[a] == gallery.groups[b])
    pairs = np.stack([a[usable], b[usable]], axis=1)
    a, b = pairs.T
    different, across = numbers[a] != numbers[b], gallery.cameras[a] != gallery.cameras[b]
    values = scores[a, b]
    compared = Compared(values[~different & across], values[different & across])
    if len(compared.impostors) < FEWEST:
        raise PipelineError(
            f"{len(compared.impostors)} labelled pairs of different objects in two cameras are too few to calibrate; "
            f"{FEWEST} are needed"
        )
    tail = tail_within = fit_tail(compared.impostors, pairs[different & across])
    within = different & ~across
    if within.sum() >= FEWEST:
        tail_within = fit_tail(values[within], pairs[within])
    threshold, stitch_threshold = _choose(tail, tail_within, rate)
    calibration = Calibration(
        threshold=threshold,
        stitch_threshold=stitch_threshold,
        method="labels",
        negatives=len(compared.impostors),
        positives=len(compared.genuine),
        false_match=tail.rate(threshold),
        interval=tail.interval(threshold),
        false_non_match=_share_below(compared.genuine, threshold),
        chosen_by="calibration",
    )
    return Calibrated(calibration, compared, tail)


def check_rate(rate: float | None) -> None:
    """Raise an error if a false match rate is impossible.

    Raises:
        PipelineError: it does not lie between 0 and 1.
    """
    if rate is not None and not 0 < rate < 1:
        raise PipelineError(f"the false match rate is {rate}; give one between 0 and 1")


def _choose(tail: Tail, within: Tail, rate: float) -> tuple[float, float]:
    """Choose the threshold between cameras and the threshold within one camera, which is never lower."""
    threshold = tail.threshold(rate)
    return threshold, max(threshold, within.threshold(STITCH * rate))


def _share_below(genuine: Scores, threshold: float) -> float | None:
    """Return the share of scores below a threshold; None without any score."""
    return float((genuine < threshold).mean()) if len(genuine) else None


def _some_pairs(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """List all pairs of n items, or draw 100 times `MOST` pairs if there are more."""
    if n * (n - 1) // 2 <= 100 * MOST:
        a, b = np.triu_indices(n, 1)
        return a, b
    a, b = np.random.default_rng(0).integers(n, size=(2, 100 * MOST))
    return np.minimum(a, b)[a != b], np.maximum(a, b)[a != b]


def error_curves(calibrated: Calibrated) -> list[tuple[float, float, float | None]]:
    """Return both error curves: false match rate, the threshold that keeps it, and the share of pairs missed."""
    if calibrated.tail is None:
        return []
    thresholds = [calibrated.tail.threshold(rate) for rate in RATES]
    return [
        (rate, threshold, _share_below(calibrated.compared.genuine, threshold))
        for rate, threshold in zip(RATES, thresholds, strict=True)
    ]

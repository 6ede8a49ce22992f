"""Learning from a run's own tracklets before linking them: thresholds, travel times and clock offsets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import Rule
from pipeline.matching.thresholds.calibration import Calibrated, calibrate_thresholds
from pipeline.matching.thresholds.known_pairs import KnownPairs
from pipeline.matching.travel.clock_offsets import Proposal, estimate_offsets
from pipeline.matching.travel.from_own_links import confident_links, learn_from_own_links
from pipeline.matching.travel.travel_times import TravelStatistics, time_terms, why_no_travel_times

CLOCK_RULES = (Rule.NOT_OVERLAPPING, Rule.TOO_SOON, Rule.TOO_LATE)
"""Rules that wrong clocks mislead."""


@dataclass(frozen=True)
class Asked:
    """What the user wants a run to learn."""

    rate: float | None = None
    """False match rate that chooses the threshold; None: the threshold stays."""
    travel: TravelStatistics | Literal["run"] | None = None
    """Travel times: learnt before, to be learnt from this run's own confident links (`run`), or not used."""
    offsets: bool = False
    """Whether to estimate the cameras' clock offsets."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What links are made with."""

    config: MatchingConfig
    """Settings with the thresholds that hold."""
    time: NDArray[np.float32] | None = None
    """(n, n) what the time between two tracklets adds to their score; None: nothing."""
    calibrated: Calibrated | None = None
    proposal: Proposal | None = None
    sentences: tuple[str, ...] = ()
    """What the user should know about travel times and clock offsets."""


Learn = Callable[[NDArray[np.float32], NDArray[np.uint8]], Learnt]
"""Learns from the (n, n) appearance scores of all pairs and their (n, n) `Rule` values."""


def learn(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    known: KnownPairs,
    asked: Asked,
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
) -> Learnt:
    """Learn what was asked for from n tracklets, thresholds first, and estimate the errors to expect.

    Args:
        gallery: n tracklets.
        cameras: the cameras and their clocks.
        config: settings; its thresholds hold unless a false match rate is asked for.
        known: pairs that are known to be one object or two.
        asked: what to learn.
        scores: (n, n) appearance scores of all pairs.
        rules: (n, n) `Rule` values.

    Raises:
        PipelineError: the false match rate does not lie between 0 and 1.
    """
    calibrated = calibrate_thresholds(
        gallery,
        scores,
        rules,
        known,
        given=(config.threshold, config.stitch_threshold),
        margin=config.margin,
        rate=asked.rate,
    )
    calibration = calibrated.calibration
    if calibration.method == "run":
        config = replace(
            config,
            threshold=Chosen(calibration.threshold, "false match rate"),
            stitch_threshold=Chosen(calibration.stitch_threshold, "false match rate"),
        )
    sentences: list[str] = []
    time = None
    if asked.travel is not None:
        time, sentence = _travel_times(gallery, cameras, config, asked.travel, scores, rules)
        sentences += [sentence] if sentence else []
    proposal = None
    if asked.offsets:
        proposal = _offsets(gallery, cameras, config, scores, rules)
        sentences += proposal.sentences
    return Learnt(config, time, calibrated, proposal, tuple(sentences))


def _travel_times(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    travel: TravelStatistics | Literal["run"],
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
) -> tuple[NDArray[np.float32] | None, str | None]:
    """Return what travel times add to the (n, n) scores, and a sentence for the user."""
    reason = why_no_travel_times(cameras)
    if reason is not None:
        return None, reason
    if isinstance(travel, TravelStatistics):
        return time_terms(gallery, travel), None
    from_links = learn_from_own_links(
        _admissible(scores, rules), gallery, threshold=config.threshold.value, margin=config.margin
    )
    return from_links.terms, from_links.sentence


def _offsets(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
) -> Proposal:
    """Estimate clock offsets from links that are confident by appearance alone, even if the clocks forbid them."""
    timeless = np.where(np.isin(rules, CLOCK_RULES), np.uint8(Rule.ALLOWED), rules)
    admissible = _admissible(scores, timeless)
    links = confident_links(
        admissible, gallery.cameras, threshold=config.threshold.value, margin=config.margin
    )
    return estimate_offsets(gallery, links, cameras)


def _admissible(scores: NDArray[np.float32], rules: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.where(rules == Rule.ALLOWED, scores, np.float32(-np.inf))

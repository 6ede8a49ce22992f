"""What does a run learn of itself before it links: where its thresholds lie, and what travel times say?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import Rule
from pipeline.matching.thresholds.calibration import Calibrated, calibrate
from pipeline.matching.thresholds.known_pairs import Known
from pipeline.matching.travel.clock_offsets import Proposal, estimate_offsets
from pipeline.matching.travel.from_own_links import confident_links, self_taught
from pipeline.matching.travel.travel_times import TravelStatistics, time_terms, why_untimed

Scores = NDArray[np.float32]
Rules = NDArray[np.uint8]


@dataclass(frozen=True)
class Asked:
    """What the operator wants to have learnt."""

    rate: float | None = None
    """Share of pairs of two objects in two cameras that may reach the threshold; None: the threshold stays."""
    travel: TravelStatistics | Literal["run"] | None = None
    """Travel times: learnt before, to be learnt from this run's own safest links, or not used."""
    offsets: bool = False
    """Whether to look for the cameras' clock offsets."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What links are made by."""

    config: MatchingConfig
    """With the thresholds that hold."""
    time: Scores | None = None
    """(n, n) what the time between two tracklets adds to their score; None: nothing."""
    calibrated: Calibrated | None = None
    proposal: Proposal | None = None
    sentences: tuple[str, ...] = field(default=())
    """What the operator should read of it."""


Learn = Callable[[Scores, Rules], Learnt]
"""From the (n, n) scores of all pairs by appearance and the rules that forbid some."""


def learn(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    known: Known,
    asked: Asked,
    scores: Scores,
    rules: Rules,
) -> Learnt:
    """Learn from n tracklets what was asked for, thresholds first, and estimate what they cost."""
    made = calibrate(
        *(gallery, scores, rules, known),
        given=(config.threshold, config.stitch_threshold),
        margin=config.margin,
        rate=asked.rate,
    )
    found = made.calibration
    own = replace(config, threshold=found.threshold, stitch_threshold=found.stitch_threshold)
    time, said = _time(gallery, cameras, own, asked, scores, rules)
    proposal = _offsets(gallery, cameras, own, scores, rules) if asked.offsets else None
    more = proposal.sentences if proposal else ()
    return Learnt(own, time, made, proposal, (found.sentence, *said, *more))


def _time(
    gallery: Gallery, cameras: CameraSet, config: MatchingConfig, asked: Asked, scores: Scores, rules: Rules
) -> tuple[Scores | None, tuple[str, ...]]:
    """Say what travel times add, and what there is to be said of that."""
    if asked.travel is None:
        return None, ()
    why = why_untimed(cameras)
    if why is not None:
        return None, (why,)
    if isinstance(asked.travel, TravelStatistics):
        return time_terms(gallery, asked.travel), ()
    admissible = _admissible(scores, rules)
    taught = self_taught(admissible, gallery, threshold=config.threshold, margin=config.margin)
    return taught.terms, (taught.sentence,)


def _offsets(
    gallery: Gallery, cameras: CameraSet, config: MatchingConfig, scores: Scores, rules: Rules
) -> Proposal:
    """Look for clock offsets in links that appearance alone is sure of, whatever the clocks forbid."""
    timeless = np.where(np.isin(rules, TIMED), np.uint8(Rule.ADMISSIBLE), rules)
    admissible = _admissible(scores, timeless)
    links = confident_links(admissible, gallery.cameras, threshold=config.threshold, margin=config.margin)
    return estimate_offsets(gallery, links, cameras)


TIMED = (Rule.NOT_OVERLAPPING, Rule.TOO_SOON, Rule.TOO_LATE)
"""Rules that wrong clocks mislead."""


def _admissible(scores: Scores, rules: Rules) -> Scores:
    return np.where(rules == Rule.ADMISSIBLE, scores, np.float32(-np.inf))

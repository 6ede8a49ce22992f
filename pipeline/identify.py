"""Identities of a run: the tracklets of each network matched, corrections applied, all numbered together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pipeline.embedding.embed import EmbeddedTracklet, Rejection
from pipeline.embedding.networks import Classes, ClassNetwork
from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.corrections import Correction, Corrections
from pipeline.matching.explanations import Consideration
from pipeline.matching.learn import Asked, Learnt, learn
from pipeline.matching.match import Matched, Matching, match_tracklets, number_together
from pipeline.matching.outcome import Outcome, Status
from pipeline.matching.pairs.declared import bare_gallery, declare
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.thresholds.known_pairs import find_known_pairs
from pipeline.results.thresholds_file import SavedThresholds, apply_thresholds
from pipeline.tracking.tracklets import Key, Tracklet

UNLINKED: Status = "single_camera"


@dataclass(frozen=True)
class NetworkMatching:
    """A network and how the tracklets that it embedded are matched."""

    network: ClassNetwork
    config: MatchingConfig
    measured: SavedThresholds | None = None
    """Thresholds from a calibration file; None: those of `config` apply."""


@dataclass(frozen=True)
class Identified:
    """The identity of every tracklet, and how it was found."""

    matched: tuple[Matched, ...]
    """The gallery of each network, in their order."""
    across: Matched
    """Corrections on pairs of tracklets that no network compares."""
    outcomes: tuple[Outcome, ...]
    """Outcome of every tracklet, by camera and track."""

    @property
    def learnt(self) -> dict[Classes, Learnt]:
        """What each network's tracklets were matched with, by its classes; networks without tracklets are left out."""
        return {
            group.classes: group.matching.learnt
            for group in self.matched
            if len(group.gallery) and group.matching.learnt
        }


def identify(
    embedded: Sequence[EmbeddedTracklet],
    rejected: Sequence[tuple[Tracklet, Rejection]],
    networks: Sequence[NetworkMatching],
    cameras: CameraSet,
    corrections: Corrections,
    learning: Asked,
) -> Identified:
    """Find which tracklets show the same object.

    Args:
        embedded: tracklets to match.
        rejected: tracklets that are too short or too small to match. Such a tracklet has an identity only if a
            correction says that it is the same as another tracklet.
        networks: each class of object belongs to one of them.
        cameras: what is known of the cameras and the ways between them.
        corrections: what the user knows better.
        learning: what to learn from the tracklets.

    Raises:
        CorrectionsError: a correction names no tracklet of the run.
        PipelineError: the thresholds of a calibration file were measured on other scores.
    """
    outcomes = [
        *(Outcome(tracklet, None, 0, reason) for tracklet, reason in rejected),
        *(Outcome(item.tracklet, None, len(item.weights), "ignored") for item in embedded),
    ]
    tracklets = {outcome.tracklet.key: outcome.tracklet for outcome in outcomes}
    corrections.check_known(tracklets.keys())
    named = {key: tracklets[key] for key in sorted(corrections.named)}
    kept = [item for item in embedded if item.tracklet.key not in corrections.ignored]
    matched = [_match_network(kept, named, entry, cameras, corrections, learning) for entry in networks]
    linked_by_user = {key for pair in corrections.same for key in pair}
    *matched, unlinked = number_together(
        [*matched, _unlinked([tracklet for tracklet, _ in rejected if tracklet.key in linked_by_user])],
        same=corrections.same,
    )
    numbered: dict[Key, tuple[int, Status]] = {}
    for group in (*matched, unlinked):
        matching = group.matching
        pairs = zip(matching.identities.tolist(), matching.statuses, strict=True)
        numbered |= dict(zip(group.gallery.keys, pairs, strict=True))
    return Identified(
        matched=tuple(matched),
        across=_corrections_across(named, matched, numbered, corrections),
        outcomes=tuple(
            sorted(
                (_final_outcome(outcome, numbered, corrections) for outcome in outcomes),
                key=lambda outcome: outcome.tracklet.key,
            )
        ),
    )


def _match_network(
    embedded: Sequence[EmbeddedTracklet],
    named: Mapping[Key, Tracklet],
    entry: NetworkMatching,
    cameras: CameraSet,
    corrections: Corrections,
    learning: Asked,
) -> Matched:
    """Match the tracklets that one network embedded."""
    network, config = entry.network, entry.config
    members = [item for item in embedded if network.embeds(item.tracklet.kind)]
    gallery = build_gallery(
        [item.tracklet for item in members],
        [item.vectors for item in members],
        weights=[item.weights for item in members],
        prototypes=config.prototypes,
    )
    declared = declare(
        {item.tracklet.key: item.tracklet for item in members},
        named,
        cameras,
        config,
        same=corrections.same,
        different=corrections.different,
    )
    if entry.measured is not None and len(gallery):
        config = apply_thresholds(config, entry.measured, gallery, network.weights.sha256)
    learn_from = partial(
        learn, gallery, cameras, config, find_known_pairs(gallery, members, config), learning
    )
    matching = match_tracklets(gallery, cameras, config, declared=declared, learn=learn_from)
    return Matched(gallery, matching, network.caveat, network.classes)


def _unlinked(tracklets: Sequence[Tracklet]) -> Matched:
    """Give an identity of its own to each tracklet that cannot be compared with any other."""
    n = len(tracklets)
    return Matched(bare_gallery(tracklets), Matching(np.arange(1, n + 1), (UNLINKED,) * n, ()))


def _final_outcome(
    outcome: Outcome, numbered: Mapping[Key, tuple[int, Status]], corrections: Corrections
) -> Outcome:
    key = outcome.tracklet.key
    if key in corrections.ignored:
        return replace(outcome, status="ignored")
    if key not in numbered:
        return outcome
    identity, status = numbered[key]
    return replace(outcome, identity=identity, status=status)


def _corrections_across(
    named: Mapping[Key, Tracklet],
    matched: Sequence[Matched],
    numbered: Mapping[Key, tuple[int, Status]],
    corrections: Corrections,
) -> Matched:
    """Return the corrections on pairs of tracklets that were not embedded by the same network, as links."""
    gallery = bare_gallery(list(named.values()))
    embedded = [set(group.gallery.keys) for group in matched]
    links = [
        _user_link(correction, gallery)
        for correction in corrections.rows
        if named.keys() >= set(correction.tracklets)
        and not any(keys.issuperset(correction.tracklets) for keys in embedded)
    ]
    identities = np.array([numbered[key][0] if key in numbered else 0 for key in gallery.keys], np.int64)
    return Matched(gallery, Matching(identities, (UNLINKED,) * len(gallery), tuple(links)))


def _user_link(correction: Correction, gallery: Gallery) -> Consideration:
    """Return a correction as a considered link that the user decided."""
    keys = gallery.keys
    a, b = sorted(map(keys.index, correction.pair), key=lambda index: (gallery.starts[index], index))
    same = correction.verdict == "same"
    return Consideration(
        a,
        b,
        appearance=None,
        time=None,
        score=None,
        threshold=None,
        runner_up=None,
        margin=None,
        decision="accepted" if same else "rejected",
        reason=f"you marked them as {'the same' if same else 'different'}; their appearance cannot be compared",
        decided_by="user",
    )

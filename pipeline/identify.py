"""Who is who in a run: each network's tracklets matched, what the user said honoured, all numbered as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.embedding.networks import ClassNetwork
from pipeline.matching.corrections import Correction, Corrections
from pipeline.matching.explanations import Consideration
from pipeline.matching.learn import Learnt, learn
from pipeline.matching.match import Matched, Matching, Status, match, number_together
from pipeline.matching.outcome import Outcome
from pipeline.matching.pairs.declared import bare, declare
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.thresholds.known_pairs import known
from pipeline.setup.inputs import Inputs
from pipeline.tracking.tracklets import Key, Tracklet, key_of

ALONE: Status = "single_camera"


@dataclass(frozen=True)
class Identified:
    """Everybody's identity, and how it was found."""

    found: tuple[Matched, ...]
    """Of each network, in their order, the tracklets that it embedded."""
    across: Matched
    """What the user said of two tracklets that no network can compare."""
    outcomes: tuple[Outcome, ...]
    """Every tracklet and what became of it, by camera and track."""

    @property
    def learnt(self) -> dict[str, Learnt]:
        """What links were made by, by what a network embeds; of those that embedded something."""
        return {
            one.classes: one.matching.learnt for one in self.found if len(one.gallery) and one.matching.learnt
        }


def identify(embedded: Sequence[EmbeddedTracklet], left_out: Sequence[Outcome], inputs: Inputs) -> Identified:
    """Find which tracklets are one object.

    Args:
        embedded: tracklets that can be matched.
        left_out: those that are too short or too small; one of them has an identity only if the user said
            that it is the same as another.
        inputs: of the run.

    Raises:
        CorrectionsError: a correction names no tracklet of the run.
    """
    corrections = inputs.corrections
    everybody = [*left_out, *(Outcome(one.tracklet, None, len(one.weights), "ignored") for one in embedded)]
    tracklets = {key_of(one.tracklet): one.tracklet for one in everybody}
    corrections.check_known(tracklets.keys())
    named = {key: tracklets[key] for key in sorted(corrections.named)}
    kept = [one for one in embedded if key_of(one.tracklet) not in corrections.ignored]
    found = [_match(kept, named, inputs, network) for network in inputs.networks]
    joined = {key for pair in corrections.same for key in pair}
    alone = _unlinked([one.tracklet for one in left_out if key_of(one.tracklet) in joined])
    *found, alone = number_together([*found, alone], same=corrections.same)
    numbered = {
        key: (identity, status)
        for one in (*found, alone)
        for key, identity, status in zip(
            one.gallery.keys, one.matching.identities.tolist(), one.matching.statuses, strict=True
        )
    }
    outcomes = [_outcome(one, numbered, corrections) for one in everybody]
    return Identified(
        tuple(found),
        _across(named, found, {key: identity for key, (identity, _) in numbered.items()}, corrections),
        tuple(sorted(outcomes, key=lambda one: key_of(one.tracklet))),
    )


def _match(
    embedded: Sequence[EmbeddedTracklet], named: dict[Key, Tracklet], inputs: Inputs, network: ClassNetwork
) -> Matched:
    """Match the tracklets that one network embedded."""
    own = [one for one in embedded if network.embeds(one.tracklet.kind)]
    config = inputs.matching(network)
    gallery = build_gallery(
        [one.tracklet for one in own],
        [one.vectors for one in own],
        weights=[one.weights for one in own],
        prototypes=config.prototypes,
    )
    declared = declare(
        {key_of(one.tracklet): one.tracklet for one in own},
        named,
        inputs.cameras,
        config,
        same=inputs.corrections.same,
        different=inputs.corrections.different,
    )
    config = inputs.calibrated(network, gallery)
    learning = partial(learn, gallery, inputs.cameras, config, known(gallery, own, config), inputs.asked)
    matching = match(gallery, inputs.cameras, config, declared=declared, learn=learning)
    return Matched(gallery, matching, network.caveat, network.classes)


def _unlinked(tracklets: Sequence[Tracklet]) -> Matched:
    """Give each of some tracklets that cannot be compared with anybody an identity."""
    n = len(tracklets)
    return Matched(bare(tracklets), Matching(np.arange(1, n + 1), (ALONE,) * n, ()))


def _outcome(one: Outcome, known: dict[Key, tuple[int, Status]], corrections: Corrections) -> Outcome:
    """Tell what became of a tracklet."""
    key = key_of(one.tracklet)
    if key in corrections.ignored:
        return replace(one, status="ignored")
    return Outcome(one.tracklet, known[key][0], one.clips, known[key][1]) if key in known else one


def _across(
    named: dict[Key, Tracklet],
    found: Sequence[Matched],
    identities: dict[Key, int],
    corrections: Corrections,
) -> Matched:
    """Write down what was said of two tracklets that were not embedded by one network."""
    gallery = bare(list(named.values()))
    embedded = [set(one.gallery.keys) for one in found]
    said = tuple(
        _said(row, gallery)
        for row in corrections.rows
        if named.keys() >= set(row.tracklets) and not any(keys.issuperset(row.tracklets) for keys in embedded)
    )
    numbers = np.array([identities.get(key, 0) for key in gallery.keys], np.int64)
    return Matched(gallery, Matching(numbers, (ALONE,) * len(gallery), said))


def _said(row: Correction, gallery: Gallery) -> Consideration:
    """Explain a decision of the user's."""
    keys = gallery.keys
    a, b = sorted(map(keys.index, row.pair), key=lambda index: (gallery.starts[index], index))
    same = row.verdict == "same"
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
        reason=f"you said so: {'one object' if same else 'two objects'} (their looks cannot be compared)",
        said=True,
    )

"""Networks: which one embeds which class, whether its links are to be trusted, and from which score on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from detectors.boxes import PERSON
from pipeline.matching.config import MatchingConfig
from reid.weights import Weights

Classes = Literal["everything", "people", "vehicles"]
"""What a network embeds; vehicles are all that is no person."""


@dataclass(frozen=True)
class ClassNetwork:
    """A network and the classes that it embeds; tracklets of different networks are never compared."""

    classes: Classes
    weights: Weights
    note: str = ""
    """One sentence for the operator: why links of these classes are not to be trusted; empty if they are."""

    @property
    def trusted(self) -> bool:
        """Whether anyone should believe the links made with it."""
        return not self.note

    @property
    def caveat(self) -> str | None:
        """What every link must be read with."""
        if self.trusted:
            return None
        on = "" if self.classes == "everything" else f" on {self.classes}"
        return f"the network is not trained{on}: do not trust"

    @property
    def key(self) -> str:
        """Name the network and its classes: equal keys embed equally."""
        return self.weights.key if self.classes == "everything" else f"{self.classes} {self.weights.key}"

    def embeds(self, kind: str) -> bool:
        """Tell whether objects of this class are embedded with it."""
        return self.classes == "everything" or (self.classes == "people") == (kind == PERSON)

    def matching(self, config: MatchingConfig, threshold: float | None) -> MatchingConfig:
        """Put together how tracklets embedded with it are linked.

        A network that is not trained leans on this run's own statistics, and on no threshold of its makers'.

        Args:
            config: all settings but the two thresholds.
            threshold: the operator's, between cameras, and within one where that would be laxer; None leaves it to
                the network, and after it to `config`.
        """
        told = self.weights if self.trusted else None
        own = threshold if threshold is not None or told is None else told.threshold
        smallest = config.threshold if own is None else own
        stitch = told.stitch_threshold if told else None
        return replace(
            config,
            threshold=smallest,
            stitch_threshold=max(smallest, config.stitch_threshold if stitch is None else stitch),
            statistics=config.statistics if self.trusted else "run",
        )

    def origin(self, name: str, threshold: float | None) -> Literal["network", "for this run"] | None:
        """Tell who chose a setting, where that is the network's makers or the operator's `threshold`."""
        told = {"threshold": self.weights.threshold, "stitch_threshold": self.weights.stitch_threshold}
        if name not in told:
            return None
        own = told[name] if self.trusted else None
        if threshold is not None and (name == "threshold" or own is None or threshold > own):
            return "for this run"
        return None if own is None else "network"

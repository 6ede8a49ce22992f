"""Networks: which one embeds which class, and whether its links can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from detectors.class_names import PERSON
from reid.weights import Weights

Classes = Literal["everything", "people", "vehicles"]
"""Classes that a network embeds; vehicles are all classes except people."""


@dataclass(frozen=True)
class ClassNetwork:
    """A network and the classes that it embeds; tracklets of different networks are never compared."""

    classes: Classes
    weights: Weights
    note: str = ""
    """Sentence for the user: why links of these classes cannot be trusted; empty if they can."""

    @property
    def trusted(self) -> bool:
        """Whether links made with the network can be trusted."""
        return not self.note

    @property
    def caveat(self) -> str | None:
        """Caveat for the reason of every link; None if the network is trusted."""
        if self.trusted:
            return None
        trained_for = "" if self.classes == "everything" else f" on {self.classes}"
        return f"the network is not trained{trained_for}: do not trust"

    @property
    def key(self) -> str:
        """Text that identifies the network and its classes; networks with equal keys embed equally."""
        return self.weights.key if self.classes == "everything" else f"{self.classes} {self.weights.key}"

    def embeds(self, kind: str) -> bool:
        """Return whether the network embeds objects of this class."""
        return self.classes == "everything" or (self.classes == "people") == (kind == PERSON)

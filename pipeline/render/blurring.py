"""Blurring of the people in a camera's frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.render.trajectories import Box, Trajectory, TrajectoryIndex
from pipeline.results.pictures import Blur, head_height, pixelate

MARGIN = 0.06
"""Margin around a blurred region, as a share of the box's height: boxes jitter, and people move between two of them."""
ANY_GAP = 2**62
"""Bridges a gap of any number of frames."""


@dataclass(frozen=True)
class Blurring:
    """What to blur in one camera's frames."""

    blur: Blur
    tracked: TrajectoryIndex
    """Trajectories of tracked people."""
    detected: TrajectoryIndex
    """All detected boxes of people, tracked or not, one per trajectory."""
    hold: int
    """Frames before the first and after the last box of a track in which the person is blurred too."""
    step: int
    """Frames around a detected box that were not processed; the box is blurred in them too."""

    @classmethod
    def of(
        cls, blur: Blur, people: Sequence[Trajectory], boxes: Sequence[Trajectory], *, hold: int, step: int
    ) -> Blurring:
        """Index tracked people and detected boxes by frame."""
        tracked = TrajectoryIndex.of(people, hold=hold)
        return cls(blur, tracked, TrajectoryIndex.of(boxes, hold=step), hold, step)

    def apply(self, picture: NDArray[np.uint8], frame: int) -> None:
        """Blur the people in an (h, w, 3) frame, in place."""
        if self.blur == "none":
            return
        boxes = [person.at(frame, bridge=ANY_GAP, hold=self.hold) for person in self.tracked.near(frame)]
        boxes += [detected.at(frame, bridge=0, hold=self.step) for detected in self.detected.near(frame)]
        for box in boxes:
            if box is not None:
                left, top, right, bottom = (max(0, side) for side in blurred_region(box, self.blur))
                pixelate(picture[top:bottom, left:right])


def blurred_region(box: Box, blur: Blur) -> tuple[int, int, int, int]:
    """Return the region of a person's box to blur, with a margin: left, top, right, bottom in whole pixels.

    >>> blurred_region(np.array([100.0, 100.0, 140.0, 200.0]), "faces")
    (94, 94, 146, 126)
    >>> blurred_region(np.array([0.0, 0.0, 40.0, 100.0]), "people")
    (-6, -6, 46, 106)
    """
    left, top, right, bottom = (float(side) for side in box)
    margin = MARGIN * (bottom - top)
    if blur == "faces":
        bottom = min(top + head_height(bottom - top, right - left), bottom)
    return round(left - margin), round(top - margin), round(right + margin), round(bottom + margin)

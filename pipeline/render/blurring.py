"""Whom does nobody recognise in a frame?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.render.trajectories import Box, Course, Courses
from pipeline.results.pictures import Blur, head_height, pixelate

MARGIN = 0.06
"""Of a box, by its height: detectors' boxes tremble, and people move between two of them."""


@dataclass(frozen=True)
class Blurring:
    """What of a camera's frames is made unrecognisable."""

    blur: Blur
    tracked: Courses
    detected: Courses
    """Single boxes, tracked or not."""
    hold: int
    """Frames for which people are hidden before their first box and after their last one."""
    step: int
    """Frames from one that was looked at to the next; single boxes are hidden for as long."""

    @classmethod
    def of(
        cls, blur: Blur, people: Sequence[Course], boxes: Sequence[Course], *, hold: int, step: int
    ) -> Blurring:
        """Sort the boxes of people by frame."""
        return cls(blur, Courses.of(people, hold=hold), Courses.of(boxes, hold=step), hold, step)

    def apply(self, picture: NDArray[np.uint8], frame: int) -> None:
        """Hide what must be hidden in an (h, w, 3) picture, in place."""
        if self.blur == "none":
            return
        for box in self._boxes(frame):
            left, top, right, bottom = hidden(box, self.blur)
            low, first = max(0, top), max(0, left)
            pixelate(picture[low : max(low, bottom), first : max(first, right)])

    def _boxes(self, frame: int) -> list[Box]:
        """List the boxes of all people at a frame; between two of a track however far apart they are."""
        for_ever = 2**62
        found = [course.at(frame, bridge=for_ever, hold=self.hold) for course in self.tracked.near(frame)]
        found += [course.at(frame, bridge=0, hold=self.step) for course in self.detected.near(frame)]
        return [box for box in found if box is not None]


def hidden(box: Box, blur: Blur) -> tuple[int, int, int, int]:
    """Tell which part of a person's box is hidden: left, top, right, bottom in whole pixels.

    >>> hidden(np.array([100.0, 100.0, 140.0, 200.0]), "faces"), hidden(np.array([0.0, 0, 40, 100]), "people")
    ((94, 94, 146, 126), (-6, -6, 46, 106))
    """
    left, top, right, bottom = (float(side) for side in box)
    margin = MARGIN * (bottom - top)
    head = head_height(bottom - top, right - left)
    low = min(top + head, bottom) if blur == "faces" else bottom
    return round(left - margin), round(top - margin), round(right + margin), round(low + margin)

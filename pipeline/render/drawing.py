"""How are identities drawn into a frame?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.render.colours import DARK, GREY, Colour, identity_colour
from pipeline.render.trajectories import Box, Course, Courses

Picture = NDArray[np.uint8]
"""(h, w, 3) RGB."""

FONT = cv2.FONT_HERSHEY_SIMPLEX
TALL = 720
"""Height in pixels of a picture in which a line is 2 pixels thick and a trail's 2."""


@dataclass(frozen=True)
class Drawing:
    """What is drawn into one camera's frames."""

    courses: Courses
    bridge: int
    """Frames without a box over which a track is still drawn, along a straight line."""
    trail: int
    """Frames back to which feet leave a trail."""

    @classmethod
    def of(cls, courses: Sequence[Course], *, bridge: int, trail: int) -> Drawing:
        """Sort tracks by frame, those without identity below the others."""
        ordered = sorted(courses, key=lambda course: (course.identity is not None, course.track))
        return cls(Courses.of(ordered), bridge, trail)

    def apply(self, picture: Picture, frame: int) -> None:
        """Draw trails, then boxes, then labels, in place."""
        there = [(course, course.at(frame, bridge=self.bridge)) for course in self.courses.near(frame)]
        shown = [(course, box) for course, box in there if box is not None]
        thick = line_width(picture)
        for course, box in shown:
            if course.identity is not None:
                feet = course.trail(frame, length=self.trail, bridge=self.bridge)
                _trail(picture, np.vstack([feet, _foot(box)]), identity_colour(course.identity), thick)
        for course, box in shown:
            colour = GREY if course.identity is None else identity_colour(course.identity)
            first, second = _corners(box)
            cv2.rectangle(picture, first, second, colour, 1 if course.identity is None else thick)
        for course, box in shown:
            if course.identity is not None:
                _label(picture, str(course.identity), box, identity_colour(course.identity))


def line_width(picture: Picture) -> int:
    """Width of lines in pixels, by the picture's height."""
    return max(2, int(2 * picture.shape[0] / TALL + 0.5))


def write(picture: Picture, text: str, corner: tuple[int, int], colour: Colour, *, height: int) -> int:
    """Write on a dark ground whose upper left corner is given; gives how many pixels it is wide."""
    scale = height / 32
    thick = max(1, round(height / 14))
    (wide, tall), _ = cv2.getTextSize(text, FONT, scale, thick)
    left, top = corner
    right, bottom = left + wide + 2 * thick + 4, top + height
    picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = DARK
    base = (left + thick + 2, top + (height + tall) // 2)
    cv2.putText(picture, text, base, FONT, scale, colour, thick, cv2.LINE_AA)
    return int(right - left)


def _label(picture: Picture, text: str, box: Box, colour: Colour) -> None:
    """Write an identity's number above its box, or inside where there is no room above."""
    height = max(12, round(22 * picture.shape[0] / TALL))
    (left, top), _ = _corners(box)
    left = min(max(left, 0), picture.shape[1] - height)
    write(picture, text, (left, top - height if top >= height else max(top, 0)), colour, height=height)


def _trail(picture: Picture, feet: NDArray[np.float64], colour: Colour, thick: int) -> None:
    cv2.polylines(picture, [feet.round().astype(np.int32)], False, colour, thick, cv2.LINE_AA)


def _foot(box: Box) -> Box:
    return np.array([(box[0] + box[2]) / 2, box[3]])


def _corners(box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    left, top, right, bottom = (round(float(side)) for side in box)
    return (left, top), (right, bottom)

"""Drawing of tracks into a frame: boxes, identity numbers and trails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.render.colours import DARK, GREY, Colour, identity_colour
from pipeline.render.trajectories import Box, Trajectory, TrajectoryIndex

Picture = NDArray[np.uint8]
"""(h, w, 3) RGB."""

FONT = cv2.FONT_HERSHEY_SIMPLEX
REFERENCE_HEIGHT = 720
"""Height in pixels of a picture whose lines are 2 pixels wide and whose labels are 22 pixels high."""


@dataclass(frozen=True)
class Drawing:
    """What to draw into one camera's frames."""

    trajectories: TrajectoryIndex
    bridge: int
    """Maximum gap in frames over which a track is drawn, along a straight line."""
    trail: int
    """Length of trails in frames."""

    @classmethod
    def of(cls, trajectories: Sequence[Trajectory], *, bridge: int, trail: int) -> Drawing:
        """Index trajectories by frame; those without identity are drawn below the others."""
        ordered = sorted(trajectories, key=lambda member: (member.identity is not None, member.track))
        return cls(TrajectoryIndex.of(ordered), bridge, trail)

    def apply(self, picture: Picture, frame: int) -> None:
        """Draw trails, then boxes, then labels, in place."""
        near = self.trajectories.near(frame)
        boxes = [(trajectory, trajectory.at(frame, bridge=self.bridge)) for trajectory in near]
        visible = [(trajectory, box) for trajectory, box in boxes if box is not None]
        width = line_width(picture)
        for trajectory, box in visible:
            if trajectory.identity is not None:
                feet = trajectory.trail(frame, length=self.trail, bridge=self.bridge)
                points = np.vstack([feet, [(box[0] + box[2]) / 2, box[3]]]).round().astype(np.int32)
                colour = identity_colour(trajectory.identity)
                cv2.polylines(picture, [points], False, colour, width, cv2.LINE_AA)
        for trajectory, box in visible:
            first, second = _corners(box)
            if trajectory.identity is None:
                cv2.rectangle(picture, first, second, GREY, 1)
            else:
                cv2.rectangle(picture, first, second, identity_colour(trajectory.identity), width)
        height = max(12, round(22 * picture.shape[0] / REFERENCE_HEIGHT))
        for trajectory, box in visible:
            if trajectory.identity is not None:
                (left, top), _ = _corners(box)
                left = min(max(left, 0), picture.shape[1] - height)
                top = top - height if top >= height else max(top, 0)  # inside the box if no room is above
                colour = identity_colour(trajectory.identity)
                draw_text(picture, str(trajectory.identity), (left, top), colour, height=height)


def line_width(picture: Picture) -> int:
    """Return the width of lines in pixels, which grows with the picture's height."""
    return max(2, int(2 * picture.shape[0] / REFERENCE_HEIGHT + 0.5))


def draw_text(picture: Picture, text: str, corner: tuple[int, int], colour: Colour, *, height: int) -> None:
    """Draw ASCII text in place, on a dark background with its left top `corner` and `height` in pixels."""
    scale = height / 32
    stroke = max(1, round(height / 14))
    (text_width, text_height), _ = cv2.getTextSize(text, FONT, scale, stroke)
    left, top = corner
    right, bottom = left + text_width + 2 * stroke + 4, top + height
    picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = DARK
    baseline = (left + stroke + 2, top + (height + text_height) // 2)
    cv2.putText(picture, text, baseline, FONT, scale, colour, stroke, cv2.LINE_AA)


def _corners(box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    left, top, right, bottom = (round(float(side)) for side in box)
    return (left, top), (right, bottom)

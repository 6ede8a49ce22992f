"""Who moves through a scene, and how they moved: what goes into the crowd's simulation and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.mesh import Floats

RATE = 20.0
"""Samples a second."""

Pushed = Literal["", "bicycle", "pram"]


class Activity(IntEnum):
    """What somebody does in one sample."""

    WALK = 0
    STAND = 1
    SIT = 2
    """From the moment they lower themselves until they stand again; `seated` says how far."""
    PUSH = 3
    """Pushes a bicycle or a pram, or stands and holds it."""
    DRIVE = 4


@dataclass(frozen=True)
class Walker:
    """What the simulation needs to know of a person."""

    pace: float
    """Speed they like, in m/s."""
    stride: float
    """Metres per full gait cycle (two steps)."""
    radius: float = 0.25
    """Metres that they keep free around their middle."""
    partner: int | None = None
    """Index of the one they walk beside; both name each other."""
    pushes: Pushed = ""
    visits: tuple[tuple[float, float], ...] = ()
    """When they enter and (about, for they walk out) leave, in seconds; empty: the simulation decides."""
    only: int | None = None
    """Index of the one camera that may see them; they go around the other views as far as the ground lets them."""

    def __post_init__(self) -> None:
        if not (self.pace > 0 and self.stride > 0 and self.radius > 0):
            raise ValueError(f"a walker's pace, stride and radius must be above 0: {self}")
        times = [time for visit in self.visits for time in visit]
        if any(a >= b for a, b in pairwise(times)):
            raise ValueError(f"a walker's visits must follow each other, not {self.visits}")
        if self.pushes and self.partner is not None:
            raise ValueError(f"a walker who pushes a {self.pushes} walks alone")


@dataclass(frozen=True)
class Driver:
    """What the simulation needs to know of a vehicle. Metres, m/s."""

    length: float
    width: float
    speed: float
    parked: bool = False

    def __post_init__(self) -> None:
        if not (self.length > 0 and self.width > 0 and (self.parked or self.speed > 0)):
            raise ValueError(f"a driver's length, width and speed must be above 0: {self}")


@dataclass(frozen=True)
class State:
    """One actor at one moment; units as in `Motion`."""

    place: tuple[float, float]
    heading: float
    speed: float
    phase: float
    activity: Activity
    seated: float
    seat: float


@dataclass(frozen=True, eq=False)
class Motion:
    """One actor from entry to exit, in n samples at `RATE`."""

    actor: int
    """Index into the walkers or the drivers."""
    start: float
    """Seconds of the first sample."""
    place: Floats
    """(n, 2) metres: below the pelvis of a person, below the middle of a vehicle."""
    heading: Floats
    """(n,) radians, unwrapped."""
    speed: Floats
    """(n,) m/s."""
    phase: Floats
    """(n,) gait cycles, advanced by distance over stride; of a vehicle, metres driven."""
    activity: NDArray[np.uint8]
    """(n,) of `Activity`."""
    seated: Floats
    """(n,) from 0 (stands) to 1 (sits). The feet stay where they are; the pelvis moves back and down."""
    seat: Floats
    """(n,) height of the seat in metres, 0 off seats."""

    def __post_init__(self) -> None:
        count = len(self.place)
        arrays = (self.heading, self.speed, self.phase, self.activity, self.seated, self.seat)
        if count == 0 or self.place.shape != (count, 2) or any(array.shape != (count,) for array in arrays):
            raise ValueError(
                f"actor {self.actor}: all of a motion's arrays must have the same n >= 1 samples"
            )

    @property
    def end(self) -> float:
        """Seconds of the last sample."""
        return self.start + (len(self.place) - 1) / RATE

    def at(self, time: float) -> State | None:
        """Look up one moment, between samples linearly; None before the first and after the last sample."""
        position = (time - self.start) * RATE
        if not -1e-6 <= position <= len(self.place) - 1 + 1e-6:
            return None
        first = int(np.clip(np.floor(position), 0, max(len(self.place) - 2, 0)))
        second, share = min(first + 1, len(self.place) - 1), min(max(position - first, 0.0), 1.0)
        names = [field.name for field in fields(State) if field.name not in ("place", "activity")]
        x, y = (1 - share) * self.place[first] + share * self.place[second]
        activity = Activity(int(self.activity[first if share < 0.5 else second]))
        heading, speed, phase, seated, seat = (
            float((1 - share) * getattr(self, name)[first] + share * getattr(self, name)[second])
            for name in names
        )
        return State((float(x), float(y)), heading, speed, phase, activity, seated, seat)

"""Input and output of the crowd simulation: walkers and drivers, and their motions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.mesh import Floats

RATE = 20.0
"""Samples per second."""

Pushed = Literal["", "bicycle", "pram"]


class Activity(IntEnum):
    """Activity of a person or vehicle in one sample."""

    WALK = 0
    STAND = 1
    SIT = 2
    """From the start of sitting down until the person stands again; `Motion.seated` says how far."""
    PUSH = 3
    """Pushes a bicycle or pram, or stands with it."""
    DRIVE = 4


@dataclass(frozen=True)
class Walker:
    """A person in the simulation."""

    pace: float
    """Preferred speed in m/s."""
    stride: float
    """Metres per gait cycle (two steps)."""
    radius: float = 0.25
    """Metres kept free around the middle of the body."""
    partner: int | None = None
    """Index of the person to walk beside; both must name each other."""
    pushes: Pushed = ""
    visits: tuple[tuple[float, float], ...] = ()
    """Seconds of entering and leaving; leaving is approximate. If empty, the simulation decides."""
    only: int | None = None
    """Index of the only camera that should see the person; the other views are avoided if possible."""

    def __post_init__(self) -> None:
        if not (self.pace > 0 and self.stride > 0 and self.radius > 0):
            raise ValueError(f"pace, stride and radius of a walker must be above 0: {self}")
        times = [time for visit in self.visits for time in visit]
        if any(a >= b for a, b in pairwise(times)):
            raise ValueError(
                f"visits of a walker must not overlap and must be in order of time: {self.visits}"
            )
        if self.pushes and self.partner is not None:
            raise ValueError(f"a walker who pushes a {self.pushes} cannot have a partner")


@dataclass(frozen=True)
class Driver:
    """A vehicle in the simulation. Lengths are in metres, speeds in m/s."""

    length: float
    width: float
    speed: float
    parked: bool = False

    def __post_init__(self) -> None:
        if not (self.length > 0 and self.width > 0 and (self.parked or self.speed > 0)):
            raise ValueError(f"length, width and speed of a driver must be above 0: {self}")


@dataclass(frozen=True)
class State:
    """One actor at one time; units as in `Motion`."""

    place: tuple[float, float]
    heading: float
    speed: float
    phase: float
    activity: Activity
    seated: float
    seat: float


@dataclass(frozen=True, eq=False)
class Motion:
    """Motion of one actor from entry to exit, in n samples at `RATE`."""

    actor: int
    """Index into the walkers or the drivers."""
    start: float
    """Time of the first sample in seconds."""
    place: Floats
    """(n, 2) metres: the point below the pelvis of a person or the middle of a vehicle."""
    heading: Floats
    """(n,) radians, unwrapped."""
    speed: Floats
    """(n,) m/s."""
    phase: Floats
    """(n,) gait cycles: distance over stride. Metres driven for a vehicle."""
    activity: NDArray[np.uint8]
    """(n,) values of `Activity`."""
    seated: Floats
    """(n,) from 0 (stands) to 1 (sits). The feet stay in place; the pelvis moves back and down."""
    seat: Floats
    """(n,) height of the seat in metres; 0 if there is no seat."""

    def __post_init__(self) -> None:
        count = len(self.place)
        arrays = (self.heading, self.speed, self.phase, self.activity, self.seated, self.seat)
        if count == 0 or self.place.shape != (count, 2) or any(array.shape != (count,) for array in arrays):
            raise ValueError(f"actor {self.actor}: all arrays of a motion must have the same n >= 1 samples")

    @property
    def end(self) -> float:
        """Time of the last sample in seconds."""
        return self.start + (len(self.place) - 1) / RATE

    def at(self, time: float) -> State | None:
        """Return the linearly interpolated state at a time; None before the first and after the last sample."""
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

"""Cameras: which file is which camera, and how their clocks and views relate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


from pipeline.errors import CamerasError



@dataclass(frozen=True)
class Camera:
    """One recording from one fixed place."""

    name: str
    path: Path
    offset: float = 0.0
    """Seconds to add to the file's own timestamps to get the shared timeline."""
    offset_known: bool = False
    ignore: tuple[tuple[tuple[float, float], ...], ...] = ()
    """Polygons of (x, y) source pixels; a box whose foot lies in one is not looked at."""
    detections: Path | None = None
    """File of recorded detections or tracks to use in place of a detector."""


@dataclass(frozen=True)
class Transition:
    """What is known of the way between two cameras, in either direction."""

    cameras: tuple[str, str]
    overlapping: bool = True
    """False: nobody is seen by both at one moment."""
    reachable: bool = True
    """False: nobody gets from one to the other."""
    minimum: float = 0.0
    """Shortest travel time, in seconds from leaving one view to entering the other."""
    maximum: float = float("inf")
    """Longest travel time, in seconds."""


@dataclass(frozen=True)
class CameraSet:
    """All cameras of a run, by name, and what is known between them."""

    cameras: tuple[Camera, ...]
    transitions: tuple[Transition, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.cameras:
            raise CamerasError("no camera: name at least one recording")
        for kind, values in {"name": [c.name for c in self.cameras], "file": [str(c.path) for c in self.cameras]}.items():
            twice = sorted(value for value, count in Counter(values).items() if count > 1)
            if twice:
                raise CamerasError(f"the camera {kind} {twice[0]!r} is given twice; each camera needs its own")
        known = {camera.name for camera in self.cameras}
        for transition in self.transitions:
            for name in transition.cameras:
                if name not in known:
                    raise CamerasError(f"a transition names the camera {name!r}, which is not one of {sorted(known)}")

    def transition(self, a: str, b: str) -> Transition:
        """Look up what is known between two cameras; by default nothing is excluded."""
        for transition in self.transitions:
            if set(transition.cameras) == {a, b}:
                return transition
        return Transition((a, b))

"""How an actor stands in a scene at one moment: a person bent with all that hangs on them, or a vehicle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from samples.world.carrying import Hung
from samples.world.dressing import Dressed
from samples.world.mesh import Part, Whole
from samples.world.motion import Driver, State
from samples.world.postures import Manner, Moment, stand_in
from samples.world.scene import Kind
from samples.world.vehicles.looks import draw_vehicle
from samples.world.vehicles.vehicle import build, dimensions
from samples.world.visibility import Actor
from samples.world.wardrobe import SALT, Wardrobe

STRIDE = 1.6
"""Metres of a gait cycle for each metre of leg, at ease."""
STILL = 0.12
"""Metres a second below which a body stands."""
LIFTED = 9.0
"""How fast a foot's dark spot on the ground fades as it is lifted, a metre."""
APART = ("umbrella", "bicycle", "pram")
"""Things beyond a person's box."""


@dataclass(frozen=True)
class Car:
    """A vehicle, and who drives it."""

    part: Part
    driver: Driver
    outline: Whole
    """(n,) rows of the mesh's points from which boxes are measured."""

    def actor(self, state: State, who: int) -> Actor:
        """Put it where its driver is; the ground is dark along its middle."""
        x, y = state.place
        along = np.linspace(-0.38, 0.38, 4) * self.driver.length
        centres = [(x + d * np.cos(state.heading), y + d * np.sin(state.heading)) for d in along]
        spots = tuple((float(a), float(b), self.driver.width * 0.55, 0.5) for a, b in centres)
        return Actor(self.part, stand_in(state.place, state.heading), who, self.outline, spots)


def draw_car(number: int, seed: int, wardrobe: Wardrobe, kind: Kind) -> Car:
    """Draw a vehicle; in a car park two of three that fit a bay are parked."""
    random = np.random.default_rng([seed, 31, number, SALT[wardrobe]])
    look = draw_vehicle(random)
    size, part = dimensions(look), build(look)
    parked = kind == "carpark" and number % 3 != 0 and size.length < 6
    speed = random.uniform(3, 6) if kind == "carpark" else random.uniform(5, 10)
    points = part.mesh.points
    rows = np.arange(0, len(points), max(1, len(points) // 500))
    outline = np.unique([*rows, *points.argmax(0), *points.argmin(0)]).astype(np.int32)
    return Car(part, Driver(size.length, size.width, speed, parked), outline)


def stride_of(person: Dressed) -> float:
    """Metres of a person's gait cycle at ease."""
    return STRIDE * person.poser.leg


def on_stage(person: Dressed, things: list[Hung], state: State, time: float, who: int) -> list[Actor]:
    """Bend a body as its state says, with all that hangs on it."""
    held = _held(person.look.manner, things, state)
    bent = person.poser.matrices(_moment(person, state, time), held, state.place, state.heading)
    root = stand_in(state.place, state.heading)
    feet = [bent[i] @ np.append(person.figure.heads[i], 1) for i in person.feet]
    low = min(foot[2] for foot in feet)
    spots = (
        *((float(x), float(y), 0.17, 0.7 * float(np.exp(-LIFTED * max(z - low, 0)))) for x, y, z in feet),
        (*state.place, 0.42, 0.35),
    )
    out = [Actor(person.body, bent, who, person.outline, spots)]
    for thing in things:
        count = 0 if thing.kind in APART else len(thing.part.mesh.points)
        out.append(Actor(thing.part, thing.matrix(bent, root), who, np.arange(0, count, 7, dtype=np.int32)))
    return out


def _moment(person: Dressed, state: State, time: float) -> Moment:
    """Walk, stand or sit; who stands shifts their weight in time of their own."""
    moves = state.speed > STILL and state.seated == 0
    phase = state.phase if moves else 0.11 * time + person.look.seed % 97 / 97
    activity: Literal["walk", "stand", "sit"] = "sit" if state.seated > 0 else "walk" if moves else "stand"
    stride = stride_of(person) * float(np.clip(state.speed / person.look.pace, 0.45, 1.25) ** 0.5)
    return Moment(activity, phase, stride, state.seat or 0.45, state.seated)


def _held(manner: Manner, things: list[Hung], state: State) -> Manner:
    """Hold an umbrella only where there is one, and no bag on the lap."""
    dry = manner.right == "umbrella" and all(thing.kind != "umbrella" for thing in things)
    free = dry or (state.seated > 0 and manner.right in ("bag", "trolley"))
    return replace(manner, right="") if free else manner

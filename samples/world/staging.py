"""Actors posed for one moment: a person with everything they carry and push, or a vehicle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from samples.world.carrying import Hung
from samples.world.dressing import Dressed
from samples.world.mesh import Part, Whole
from samples.world.motion import Driver, State
from samples.world.postures import Manner, Moment, rigid_matrix
from samples.world.scene import Kind
from samples.world.vehicles.looks import draw_vehicle
from samples.world.vehicles.vehicle import build, dimensions
from samples.world.visibility import Actor
from samples.world.wardrobe import SALT, Wardrobe

STRIDE = 1.6
"""Length of a gait cycle at the preferred pace, in leg lengths."""
STILL = 0.12
"""Speed in m/s up to which a person stands."""
LIFTED = 9.0
"""Rate, per metre, at which a foot's dark spot on the ground fades as the foot is lifted."""
APART = ("umbrella", "bicycle", "pram")
"""Things that do not count for a person's box."""


@dataclass(frozen=True)
class Car:
    """A vehicle and the driver that the simulation moves."""

    part: Part
    driver: Driver
    outline: Whole
    """(n,) indices of the mesh points from which boxes are measured."""

    def actor(self, state: State, owner: int) -> Actor:
        """Return the vehicle placed as the state says, with dark spots on the ground along its middle."""
        x, y = state.place
        along = np.linspace(-0.38, 0.38, 4) * self.driver.length
        centres = [(x + d * np.cos(state.heading), y + d * np.sin(state.heading)) for d in along]
        spots = tuple((float(a), float(b), self.driver.width * 0.55, 0.5) for a, b in centres)
        return Actor(self.part, rigid_matrix(state.place, state.heading), owner, self.outline, spots)


def draw_car(number: int, seed: int, wardrobe: Wardrobe, kind: Kind) -> Car:
    """Draw a vehicle; in a car park, two of three vehicles shorter than 6 m are parked."""
    random = np.random.default_rng([seed, 31, number, SALT[wardrobe]])
    look = draw_vehicle(random)
    size, part = dimensions(look), build(look)
    parked = kind == "carpark" and number % 3 != 0 and size.length < 6
    speed = random.uniform(3, 6) if kind == "carpark" else random.uniform(5, 10)
    points = part.mesh.points
    rows = np.arange(0, len(points), max(1, len(points) // 500))
    outline = np.unique([*rows, *points.argmax(0), *points.argmin(0)]).astype(np.int32)
    return Car(part, Driver(size.length, size.width, speed, parked), outline)


def usual_stride(person: Dressed) -> float:
    """Return the metres of a person's gait cycle at their preferred pace."""
    return STRIDE * person.poser.leg


def pose_person(person: Dressed, things: list[Hung], state: State, time: float, owner: int) -> list[Actor]:
    """Return the actors of a person in a state: first the body, then each thing that they carry or push.

    Args:
        person: The dressed person.
        things: What they carry and push.
        state: Place, heading and action.
        time: Seconds; decides how a standing person shifts their weight.
        owner: `Actor.owner` of all parts.
    """
    manner = _current_manner(person.look.manner, things, state)
    matrices = person.poser.matrices(_moment(person, state, time), manner, state.place, state.heading)
    root = rigid_matrix(state.place, state.heading)
    feet = [matrices[i] @ np.append(person.figure.heads[i], 1) for i in person.feet]
    lowest = min(foot[2] for foot in feet)
    foot_spots = [
        (float(x), float(y), 0.17, 0.7 * float(np.exp(-LIFTED * max(z - lowest, 0)))) for x, y, z in feet
    ]
    spots = (*foot_spots, (*state.place, 0.42, 0.35))
    actors = [Actor(person.body, matrices, owner, person.outline, spots)]
    for thing in things:
        count = 0 if thing.kind in APART else len(thing.part.mesh.points)
        outline = np.arange(0, count, 7, dtype=np.int32)
        actors.append(Actor(thing.part, thing.matrix(matrices, root), owner, outline))
    return actors


def _moment(person: Dressed, state: State, time: float) -> Moment:
    """Return whether a person walks, stands or sits, with the phase; standing people shift their weight slowly."""
    moves = state.speed > STILL and state.seated == 0
    phase = state.phase if moves else 0.11 * time + person.look.seed % 97 / 97
    activity: Literal["walk", "stand", "sit"] = "sit" if state.seated > 0 else "walk" if moves else "stand"
    stride = usual_stride(person) * float(np.clip(state.speed / person.look.pace, 0.45, 1.25) ** 0.5)
    return Moment(activity, phase, stride, state.seat or 0.45, state.seated)


def _current_manner(manner: Manner, things: list[Hung], state: State) -> Manner:
    """Return the manner with an empty right hand if the umbrella is not out, or if a bag is put down to sit."""
    no_umbrella = manner.right == "umbrella" and all(thing.kind != "umbrella" for thing in things)
    hand_is_free = no_umbrella or (state.seated > 0 and manner.right in ("bag", "trolley"))
    return replace(manner, right="") if hand_is_free else manner

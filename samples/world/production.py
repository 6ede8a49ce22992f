"""A production: a cast in a place for a while, and what each camera sees of it at any moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from samples.world.backdrop import Backdrop
from samples.world.camera import Camera
from samples.world.carrying import Hung, hang
from samples.world.crowd import simulate
from samples.world.dressing import Dressed, dress
from samples.world.mesh import Floats, Part, Whole
from samples.world.motion import Driver, Motion, State, Walker
from samples.world.postures import Manner, Moment, stand_in
from samples.world.renderer import Actor, Renderer
from samples.world.scene import Kind, Scene, Weather
from samples.world.scenes import scene
from samples.world.vehicles.looks import draw_vehicle
from samples.world.vehicles.vehicle import build, dimensions
from samples.world.wardrobe import Look, Wardrobe, draw_look, twin
from samples.world.weather import overlay

STRIDE = 1.6
"""Metres of a gait cycle for each metre of leg, at ease."""
STILL = 0.12
"""Metres a second below which a body stands."""
TWINS = 10
"""Of so many test identities one differs from the one before it in a single thing."""


@dataclass(frozen=True)
class Plan:
    """What a production is made from; the same plan gives the same pictures."""

    kind: Kind
    weather: Weather
    seed: int
    people: tuple[int, ...]
    """Identities: who they are to look at follows from these, `wardrobe` and `looks` alone."""
    vehicles: tuple[int, ...] = ()
    seconds: float = 20.0
    cameras: int = 3
    width: int = 960
    height: int = 540
    wardrobe: Wardrobe = "train"
    looks: int = 0
    """Seed of the looks."""
    twins: tuple[tuple[int, int], ...] = ()
    """The first is dressed as the second, but for one thing."""
    visits: tuple[tuple[int, tuple[tuple[float, float], ...]], ...] = ()
    """When somebody comes and goes, in seconds; the others as they please."""
    only: tuple[tuple[int, int], ...] = ()
    """Identity, and the one camera that is to see it."""


@dataclass(frozen=True)
class Sighting:
    """One actor in one frame; pixels."""

    identity: int
    category: Literal["person", "vehicle"]
    full: tuple[float, float, float, float]
    """Left, top, right, bottom of the whole body, also where it is hidden or outside the picture."""
    visible: tuple[float, float, float, float]
    """Around what can be seen."""
    share: float
    """Of its surface, what can be seen: 0 to 1."""


class Production:
    """Draws the moments of a plan."""

    def __init__(self, plan: Plan) -> None:
        """Build the place, dress the cast and let it walk.

        Raises:
            WorldError: no OpenGL, or the place has no room for so many.
        """
        self.plan, self.seconds = plan, plan.seconds
        self._scene = scene(
            plan.kind, plan.weather, plan.seed, cameras=plan.cameras, width=plan.width, height=plan.height
        )
        self.cameras: tuple[Camera, ...] = self._scene.cameras
        random = np.random.default_rng([plan.seed, 5])
        self._people = [dress(look) for look in looks(plan)]
        self._things = [hang(person, rain=plan.weather == "rain") for person in self._people]
        self._vehicles = [_Vehicle.draw(number, plan) for number in plan.vehicles]
        self._motions = _move(self._scene, plan, self._people, self._vehicles, random)
        self._renderer: Renderer | None = None

    def picture(self, camera: int, time: float) -> tuple[Floats, list[Sighting]]:
        """Draw what a camera sees at a moment.

        Returns:
            (H, W, 3) linear light, and who is seen.
        """
        if self._renderer is None:
            self._renderer = Renderer(
                Backdrop(self._scene), self._scene.light, self.plan.width, self.plan.height
            )
        actors, names = self._actors(time)
        linear, seen = self._renderer.draw(self.cameras[camera], actors)
        random = np.random.default_rng([self.plan.seed, camera, int(time * 1000), 9])
        linear = overlay(
            linear,
            self._scene.light,
            self.cameras[camera],
            self.plan.weather,
            time,
            random,
            place="indoors" if self.plan.kind == "corridor" else "outdoors",
        )
        return linear, [Sighting(*names[one.who], one.full, one.visible, one.share) for one in seen]

    def _actors(self, time: float) -> tuple[list[Actor], list[tuple[int, Literal["person", "vehicle"]]]]:
        actors: list[Actor] = []
        names: list[tuple[int, Literal["person", "vehicle"]]] = []
        people, vehicles = self._motions
        for motion in people:
            state = motion.at(time)
            if state is not None:
                person, things = self._people[motion.actor], self._things[motion.actor]
                actors += _standing(person, things, state, time, len(names))
                names.append((self.plan.people[motion.actor], "person"))
        for motion in vehicles:
            state = motion.at(time)
            if state is not None:
                actors.append(self._vehicles[motion.actor].actor(state, len(names)))
                names.append((self.plan.vehicles[motion.actor], "vehicle"))
        return actors, names


@lru_cache(maxsize=1)
def open_production(plan: Plan) -> Production:
    """Open a production, or the one that this process opened last, if it is the same."""
    return Production(plan)


def looks(plan: Plan) -> list[Look]:
    """Say how each of a plan's people looks."""
    alike = dict(plan.twins)
    out = []
    for identity in plan.people:
        look = draw_look(identity, plan.wardrobe, plan.looks)
        if identity in alike:
            differs = ("bag", "shoes", "hair", "print", "headgear")[identity // 2 % 5]
            look = twin(draw_look(alike[identity], plan.wardrobe, plan.looks), look, differs)  # type: ignore[arg-type]
        out.append(look)
    return out


@dataclass(frozen=True)
class _Vehicle:
    part: Part
    driver: Driver
    outline: Whole

    @classmethod
    def draw(cls, number: int, plan: Plan) -> _Vehicle:
        random = np.random.default_rng(
            [plan.looks, 31, number, {"train": 0, "validation": 1, "test": 2}[plan.wardrobe]]
        )
        look = draw_vehicle(random)
        size = dimensions(look)
        parked = plan.kind == "carpark" and number % 3 != 0 and size.length < 6
        part = build(look)
        count = len(part.mesh.points)
        rows = np.arange(0, count, max(1, count // 500))
        ends = [int(np.argmax(sign * part.mesh.points[:, axis])) for axis in range(3) for sign in (1, -1)]
        speed = float(random.uniform(3, 6) if plan.kind == "carpark" else random.uniform(5, 10))
        return cls(
            part, Driver(size.length, size.width, speed, parked), np.unique([*rows, *ends]).astype(np.int32)
        )

    def actor(self, state: State, who: int) -> Actor:
        ahead = np.array([np.cos(state.heading), np.sin(state.heading)])
        along = np.linspace(-0.38, 0.38, 4) * self.driver.length
        spots = tuple(
            (
                float(state.place[0] + d * ahead[0]),
                float(state.place[1] + d * ahead[1]),
                self.driver.width * 0.55,
                0.5,
            )
            for d in along
        )
        return Actor(self.part, stand_in(state.place, state.heading), who, self.outline, spots)


def _move(
    place: Scene, plan: Plan, people: list[Dressed], vehicles: list[_Vehicle], random: Generator
) -> tuple[list[Motion], list[Motion]]:
    visits, only = dict(plan.visits), dict(plan.only)
    alone = [i for i, identity in enumerate(plan.people) if identity not in only and identity not in visits]
    couples = _couples([i for i in alone if not people[i].look.pushes], random)
    walkers = [
        Walker(
            pace=people[min(i, couples.get(i, i))].look.pace,
            stride=STRIDE * person.poser.leg,
            partner=couples.get(i),
            pushes=person.look.pushes,
            visits=visits.get(identity, ()),
            only=only.get(identity),
        )
        for i, (identity, person) in enumerate(zip(plan.people, people, strict=True))
    ]
    return simulate(place.ground, walkers, [v.driver for v in vehicles], plan.seconds, random, place.cameras)


def _couples(free: list[int], random: Generator) -> dict[int, int]:
    """Let about a quarter walk in pairs."""
    order = [int(i) for i in random.permutation(np.array(free, int))]
    pairs = [(order[i], order[i + 1]) for i in range(0, len(order) - 1, 2) if random.random() < 0.25]
    return {a: b for one, other in pairs for a, b in ((one, other), (other, one))}


def _standing(person: Dressed, things: list[Hung], state: State, time: float, who: int) -> list[Actor]:
    """Bend a body as its state says, with all that hangs on it."""
    moves = state.speed > STILL and state.seated == 0
    phase = state.phase if moves else 0.11 * time + person.look.seed % 97 / 97
    kind: Literal["walk", "stand", "sit"] = "sit" if state.seated > 0 else "walk" if moves else "stand"
    stride = STRIDE * person.poser.leg * float(np.clip(state.speed / person.look.pace, 0.45, 1.25) ** 0.5)
    moment = Moment(kind, phase, stride, state.seat or 0.45, state.seated)
    bent = person.poser.matrices(moment, _held(person.look, things, state), state.place, state.heading)
    root = stand_in(state.place, state.heading)
    feet = [bent[i] @ np.append(person.figure.heads[i], 1) for i in person.feet]
    spots = (
        *((float(foot[0]), float(foot[1]), 0.17, 0.6) for foot in feet),
        (state.place[0], state.place[1], 0.42, 0.3),
    )
    out = [Actor(person.body, bent, who, person.outline, spots)]
    nothing = np.zeros(0, np.int32)
    for thing in things:
        counts = thing.bone != "" and not (
            thing.upright and thing.level is None and thing.part.mesh.points[:, 2].max() > 0.5
        )
        rows = np.arange(0, len(thing.part.mesh.points), 7, dtype=np.int32) if counts else nothing
        out.append(Actor(thing.part, thing.matrix(bent, root), who, rows))
    return out


def _held(look: Look, things: list[Hung], state: State) -> Manner:
    """Hold an umbrella only where there is one, and nothing pushed while nobody pushes."""
    manner = look.manner
    if manner.right == "umbrella" and not any(
        thing.upright and thing.part.mesh.points[:, 2].max() > 0.5 for thing in things
    ):
        manner = replace(manner, right="")
    if state.seated > 0 and manner.right in ("bag", "trolley"):
        manner = replace(manner, right="")
    return manner


def linear_preview(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Make a picture of linear light as an even-tempered camera would, (H, W, 3) RGB."""
    return (np.clip(np.sqrt(linear / (1 + 0.25 * linear)), 0, 1) * 255).astype(np.uint8)

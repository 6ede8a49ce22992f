"""A production: a cast in a place for a while, and what each camera sees of it at any moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.random import Generator

from samples.world.backdrop import Backdrop
from samples.world.camera import Camera
from samples.world.carrying import hang
from samples.world.crowd import simulate
from samples.world.dressing import Dressed, dress
from samples.world.looks import Look
from samples.world.mesh import Floats
from samples.world.motion import Motion, Walker
from samples.world.programme import Category
from samples.world.renderer import Renderer
from samples.world.scene import Kind, Scene, Weather
from samples.world.scenes import scene
from samples.world.staging import Car, draw_car, on_stage, stride_of
from samples.world.visibility import Actor
from samples.world.wardrobe import DIFFERENCES, Wardrobe, draw_look, twin
from samples.world.weather import overlay


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
    zoom: float = 1.0
    """How many times narrower the views are than the widest, which hold the whole place, with people small in it."""


@dataclass(frozen=True)
class Sighting:
    """One actor in one frame; pixels."""

    identity: int
    category: Category
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
        wide = scene(
            plan.kind, plan.weather, plan.seed, cameras=plan.cameras, width=plan.width, height=plan.height
        )
        self._scene = _zoomed(wide, plan.zoom)
        self.cameras: tuple[Camera, ...] = self._scene.cameras
        random = np.random.default_rng([plan.seed, 5])
        self._people = [dress(look) for look in looks(plan)]
        self._things = [hang(person, rain=plan.weather == "rain") for person in self._people]
        self._vehicles = [draw_car(number, plan.looks, plan.wardrobe, plan.kind) for number in plan.vehicles]
        self._motions = _move(self._scene, plan, self._people, self._vehicles, random)
        self._renderer: Renderer | None = None
        self._moment: tuple[float, list[Actor], list[tuple[int, Category]]] | None = None

    def picture(self, camera: int, time: float) -> tuple[Floats, list[Sighting]]:
        """Draw what a camera sees at a moment.

        Returns:
            (H, W, 3) linear light, and who is seen.
        """
        if self._renderer is None:
            size = self.plan.width, self.plan.height
            self._renderer = Renderer(Backdrop(self._scene), self._scene.light, *size)
        if self._moment is None or self._moment[0] != time:  # cameras mostly look one after the other
            self._moment = time, *self._actors(time)
        _, actors, names = self._moment
        eye, weather = self.cameras[camera], self.plan.weather
        linear, seen = self._renderer.draw(eye, actors)
        random = np.random.default_rng([self.plan.seed, camera, int(time * 1000), 9])
        roof: Literal["indoors", "outdoors"] = "indoors" if self.plan.kind == "corridor" else "outdoors"
        linear = overlay(linear, self._scene.light, eye, weather, time, random, place=roof)
        return linear, [Sighting(*names[one.who], one.full, one.visible, one.share) for one in seen]

    def _actors(self, time: float) -> tuple[list[Actor], list[tuple[int, Category]]]:
        actors: list[Actor] = []
        names: list[tuple[int, Category]] = []
        people, vehicles = self._motions
        for motion in people:
            state = motion.at(time)
            if state is not None:
                person, things = self._people[motion.actor], self._things[motion.actor]
                actors += on_stage(person, things, state, time, len(names))
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
            differs = DIFFERENCES[identity // 2 % len(DIFFERENCES)]
            look = twin(draw_look(alike[identity], plan.wardrobe, plan.looks), look, differs)
        out.append(look)
    return out


def _zoomed(place: Scene, zoom: float) -> Scene:
    """Narrow the views of all cameras; what is hidden from wide ones stays hidden."""
    cameras = (replace(camera, field=camera.field / zoom) for camera in place.cameras)
    return replace(place, cameras=tuple(cameras))


def _move(
    place: Scene, plan: Plan, people: list[Dressed], vehicles: list[Car], random: Generator
) -> tuple[list[Motion], list[Motion]]:
    visits, only = dict(plan.visits), dict(plan.only)
    alone = [i for i, identity in enumerate(plan.people) if identity not in only and identity not in visits]
    couples = _couples([i for i in alone if not people[i].look.pushes], random)
    walkers = [
        Walker(
            pace=people[min(i, couples.get(i, i))].look.pace,
            stride=stride_of(person),
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

"""A production: a cast that moves through a scene, and each camera's picture of it at any moment."""

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
from samples.world.staging import Car, draw_car, pose_person, usual_stride
from samples.world.visibility import Actor
from samples.world.wardrobe import DIFFERENCES, Wardrobe, draw_look, twin
from samples.world.weather import overlay


@dataclass(frozen=True)
class Plan:
    """The settings of a production. The same plan gives the same pictures."""

    kind: Kind
    weather: Weather
    seed: int
    people: tuple[int, ...]
    """Identities of the people. A look depends only on the identity, `wardrobe` and `looks`."""
    vehicles: tuple[int, ...] = ()
    """Identities of the vehicles."""
    seconds: float = 20.0
    cameras: int = 3
    width: int = 960
    height: int = 540
    wardrobe: Wardrobe = "train"
    looks: int = 0
    """Seed of the looks."""
    twins: tuple[tuple[int, int], ...] = ()
    """Pairs of identities. The first wears the same as the second, except for one difference."""
    visits: tuple[tuple[int, tuple[tuple[float, float], ...]], ...] = ()
    """(identity, (enter, leave) seconds of each visit); the simulation decides for everyone else."""
    only: tuple[tuple[int, int], ...] = ()
    """(identity, index of the only camera that may see it)."""
    zoom: float = 1.0
    """Factor by which the views are narrower than the widest ones, which show the whole place with small people."""


@dataclass(frozen=True)
class Sighting:
    """One actor in one frame. Boxes are left, top, right, bottom in pixels."""

    identity: int
    category: Category
    full: tuple[float, float, float, float]
    """Box of the whole body, including parts that are occluded or outside the picture."""
    visible: tuple[float, float, float, float]
    """Box of the visible part."""
    share: float
    """Visible share of the surface, 0 to 1."""


class Production:
    """Render the moments of a plan."""

    def __init__(self, plan: Plan) -> None:
        """Build the scene, dress the cast and simulate its motions.

        Raises:
            WorldError: OpenGL is missing, or the scene has no room for the cast.
        """
        self.plan, self.seconds = plan, plan.seconds
        wide_scene = scene(
            plan.kind, plan.weather, plan.seed, cameras=plan.cameras, width=plan.width, height=plan.height
        )
        self._scene = _zoomed(wide_scene, plan.zoom)
        self.cameras: tuple[Camera, ...] = self._scene.cameras
        random = np.random.default_rng([plan.seed, 5])
        self._people = [dress(look) for look in draw_looks(plan)]
        self._things = [hang(person, rain=plan.weather == "rain") for person in self._people]
        self._vehicles = [draw_car(number, plan.looks, plan.wardrobe, plan.kind) for number in plan.vehicles]
        self._motions = _simulate(self._scene, plan, self._people, self._vehicles, random)
        self._renderer: Renderer | None = None
        self._moment: tuple[float, list[Actor], list[tuple[int, Category]]] | None = None

    def picture(self, camera: int, time: float) -> tuple[Floats, list[Sighting]]:
        """Render a camera's view at `time` seconds.

        Returns:
            (H, W, 3) linear light, and the sightings of all visible actors.
        """
        if self._renderer is None:
            size = self.plan.width, self.plan.height
            self._renderer = Renderer(Backdrop(self._scene), self._scene.light, *size)
        if self._moment is None or self._moment[0] != time:  # callers mostly ask for all cameras at one time
            self._moment = time, *self._actors(time)
        _, actors, names = self._moment
        view, weather = self.cameras[camera], self.plan.weather
        linear, visible_actors = self._renderer.draw(view, actors)
        random = np.random.default_rng([self.plan.seed, camera, int(time * 1000), 9])
        place: Literal["indoors", "outdoors"] = "indoors" if self.plan.kind == "corridor" else "outdoors"
        linear = overlay(linear, self._scene.light, view, weather, time, random, place=place)
        sightings = []
        for actor in visible_actors:
            identity, category = names[actor.owner]
            sightings.append(Sighting(identity, category, actor.full, actor.visible, actor.share))
        return linear, sightings

    def _actors(self, time: float) -> tuple[list[Actor], list[tuple[int, Category]]]:
        """Return the parts of all actors at `time`, and identity and category by `Actor.owner`."""
        actors: list[Actor] = []
        names: list[tuple[int, Category]] = []
        people, vehicles = self._motions
        for motion in people:
            state = motion.at(time)
            if state is not None:
                person, things = self._people[motion.actor], self._things[motion.actor]
                actors += pose_person(person, things, state, time, len(names))
                names.append((self.plan.people[motion.actor], "person"))
        for motion in vehicles:
            state = motion.at(time)
            if state is not None:
                actors.append(self._vehicles[motion.actor].actor(state, len(names)))
                names.append((self.plan.vehicles[motion.actor], "vehicle"))
        return actors, names


@lru_cache(maxsize=1)
def open_production(plan: Plan) -> Production:
    """Return the production of a plan; asked twice in a row for the same plan, return the same object."""
    return Production(plan)


def draw_looks(plan: Plan) -> list[Look]:
    """Return the look of each person of a plan, in the plan's order."""
    twin_of = dict(plan.twins)
    looks = []
    for identity in plan.people:
        look = draw_look(identity, plan.wardrobe, plan.looks)
        if identity in twin_of:
            difference = DIFFERENCES[identity // 2 % len(DIFFERENCES)]
            look = twin(draw_look(twin_of[identity], plan.wardrobe, plan.looks), look, difference)
        looks.append(look)
    return looks


def _zoomed(place: Scene, zoom: float) -> Scene:
    """Narrow all views by a factor; nothing comes into view that the wide cameras do not see."""
    cameras = (replace(camera, field=camera.field / zoom) for camera in place.cameras)
    return replace(place, cameras=tuple(cameras))


def _simulate(
    place: Scene, plan: Plan, people: list[Dressed], vehicles: list[Car], random: Generator
) -> tuple[list[Motion], list[Motion]]:
    """Return the motions of the people and of the vehicles."""
    visits, only = dict(plan.visits), dict(plan.only)
    unplanned = [
        i for i, identity in enumerate(plan.people) if identity not in only and identity not in visits
    ]
    partners = _draw_partners([i for i in unplanned if not people[i].look.pushes], random)
    walkers = [
        Walker(
            pace=people[min(i, partners.get(i, i))].look.pace,
            stride=usual_stride(person),
            partner=partners.get(i),
            pushes=person.look.pushes,
            visits=visits.get(identity, ()),
            only=only.get(identity),
        )
        for i, (identity, person) in enumerate(zip(plan.people, people, strict=True))
    ]
    return simulate(place.ground, walkers, [v.driver for v in vehicles], plan.seconds, random, place.cameras)


def _draw_partners(free: list[int], random: Generator) -> dict[int, int]:
    """Put about a quarter of the free people into pairs and return each one's partner."""
    order = [int(i) for i in random.permutation(np.array(free, int))]
    pairs = [(order[i], order[i + 1]) for i in range(0, len(order) - 1, 2) if random.random() < 0.25]
    return {a: b for first, second in pairs for a, b in ((first, second), (second, first))}

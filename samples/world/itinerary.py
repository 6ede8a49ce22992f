"""Itineraries of people: the places where they pass, stand, sit and talk, and the routes between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from samples.world.camera import Camera
from samples.world.errors import WorldError
from samples.world.parties import Party
from samples.world.routes import STEP, Routes, nodes
from samples.world.scene import Ground, Seat
from samples.world.terrain import CELL, Points, Terrain, seen

Purpose = Literal["pass", "stand", "talk", "sit", "leave"]
CHANCES: dict[Purpose, float] = {"pass": 0.5, "stand": 0.2, "talk": 0.15, "sit": 0.15}
PLACES = 28  # goals that a crowd shares; each costs one search for shortest paths
EDGE_COST, LANE_COST, VIEW_COST = 1.0, 3.0, 30.0  # extra cost of a metre; the basic cost is 1
TALKERS = 3  # people in one conversation
LEAST = 8.0  # seconds that a conversation must last after somebody joins it
TALK_RADIUS = 0.62  # metres between a talking person and the middle of the conversation
FRONT, BACK = 0.22, 0.2  # metres from the front edge of a seat to the feet before it and the pelvis behind it
SHY = 2.0  # metres that people keep from views they avoid
SEARCH = 12.0  # metres within which people look for a seat
ROOM = 0.9  # metres kept free around a place to stop
STAYS = 0.5  # share of goals in the same view as the previous goal


@dataclass(frozen=True, eq=False)
class Stop:
    """One step of an itinerary."""

    purpose: Purpose
    place: Points
    """(2,) metres."""
    seconds: float = 0.0
    """Seconds to stay; for "talk", the time at which the conversation ends."""
    face: float | None = None
    """Heading in radians; None keeps the heading of arrival."""
    seat: int = -1
    """Index of the seat; -1 for none."""


@dataclass
class Talk:
    """A conversation of up to `TALKERS` people."""

    middle: Points
    """(2,) metres."""
    until: float
    """Time in seconds at which the conversation ends."""
    turn: float
    """Angle in radians at which the first person stands."""
    joined: int = 0
    """Number of people who joined."""


@dataclass
class Town:
    """Goals on a ground and the routes between them, shared by all people."""

    ground: Ground
    views: Sequence[Camera]
    terrain: Terrain
    random: np.random.Generator
    taken: dict[int, float] = field(default_factory=dict)
    """Radius in metres of the person on each taken seat; a seat is taken when somebody walks to it."""
    talks: list[Talk] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.ground.entrances:
            raise WorldError("the ground has no entrance; people need at least one")
        self.entrances = np.asarray(self.ground.entrances, float)
        self._nodes = nodes(self.terrain)
        flat = self._nodes.reshape(-1, 2)
        self._seen = seen(self.views, flat).reshape(len(self.views), *self._nodes.shape[:2])
        self._lanes = near_lanes(self.ground, flat).reshape(self._nodes.shape[:2])
        self._routes: dict[tuple[float, int | None], Routes] = {}
        self._places: dict[int | None, Points] = {}

    def routes(self, party: Party) -> Routes:
        """Return the routes of a party, shared by parties of the same width that avoid the same views.

        Raises:
            WorldError: the party is too wide for all entrances, or its camera does not exist.
        """
        if party.only is not None and not 0 <= party.only < len(self.views):
            raise WorldError(
                f"walkers {party.members} name camera {party.only}, but there are {len(self.views)} cameras"
            )
        radius = float(np.ceil(party.radius * 20) / 20)
        key = (radius, party.only)
        if key not in self._routes:
            at_edge = self._room < radius + 0.35
            cost = 1 + EDGE_COST * at_edge + LANE_COST * self._lanes + VIEW_COST * self.avoided(party.only)
            self._routes[key] = Routes(self.terrain, radius, cost, self.entrances)
            if not self.doors(self._routes[key]):
                raise WorldError(
                    f"no entrance is {2 * radius:.1f} m wide, which walkers {party.members} need"
                )
        return self._routes[key]

    @property
    def _room(self) -> Points:
        """(h, w) metres of free space around each node."""
        return self.terrain.clearance(self._nodes)

    def avoided(self, only: int | None) -> Points:
        """Return (h, w) 1 at nodes in or near the view of a camera other than `only`, else 0; all 0 if it is None."""
        if only is None:
            return np.zeros(self._nodes.shape[:2])
        other_views = [row for index, row in enumerate(self._seen) if index != only]
        if not np.any(other_views):
            return np.zeros(self._nodes.shape[:2])
        distance = np.asarray(distance_transform_edt(~np.any(other_views, axis=0)))
        return np.asarray(distance * CELL * STEP < SHY, float)

    def doors(self, routes: Routes) -> list[Points]:
        """Return the (2,) places of the nodes at entrances that are wide enough."""
        nearest = [routes.nearest(entrance) for entrance in self.entrances]
        return [routes.places[node] for node, distance in nearest if distance < routes.radius + 0.7]

    def places(self, only: int | None) -> Points:
        """Return (g, p, 2) goals with free space off the lanes: one group per view, and a group anywhere.

        If `only` is a camera, the goals are in its view; if that view has no room, they are anywhere.
        """
        if only not in self._places:
            roomy = (self._room > ROOM) & ~self._lanes & ~self.avoided(only).astype(bool)
            views = list(self._seen) if only is None else [self._seen[only]]
            pools = [roomy & view for view in views if (roomy & view).any()]
            if only is None or not pools:
                pools.append(roomy if roomy.any() else self._room > 0.4)
            count = PLACES // len(pools)
            drawn = [self._nodes[pool][self.random.integers(pool.sum(), size=count)] for pool in pools]
            self._places[only] = np.stack(drawn)
        return self._places[only]

    def stops(self, party: Party) -> list[Stop]:
        """Draw the stops of a party before it leaves. Successive stops are often in the same view."""
        places, stops = self.places(party.only), []
        group = self.random.integers(len(places))
        for _ in range(self.random.integers(2, 7)):
            if self.random.random() > STAYS:
                group = self.random.integers(len(places))
            stops.append(self.stop(party, places[group, self.random.integers(places.shape[1])]))
        return stops

    def stop(self, party: Party, place: Points) -> Stop:
        """Draw one stop near a place."""
        purposes = list(CHANCES)
        purpose = purposes[self.random.choice(len(purposes), p=list(CHANCES.values()))]
        if purpose in ("talk", "sit") and not party.alone:
            purpose = "stand"
        if purpose == "sit":
            return Stop("sit", place, float(self.random.uniform(8, 30)))
        if purpose == "talk":
            return Stop("talk", place)
        nearby = place + self.random.uniform(-0.8, 0.8, 2)
        return Stop("pass" if purpose == "pass" else "stand", nearby, float(self.random.uniform(3, 10)))

    def talk(self, place: Points, here: Points, time: float) -> Stop:
        """Join a conversation that can be reached from `here` in time, or start one at `place`."""
        for talk in self.talks:
            seconds_left = talk.until - time - 1.2 * distance(here, talk.middle)
            if talk.joined < TALKERS and seconds_left > LEAST:
                break
        else:
            until = time + 1.2 * distance(here, place) + self.random.uniform(15, 35)
            talk = Talk(place, until, turn=float(self.random.uniform(-np.pi, np.pi)))
            self.talks.append(talk)
        angle = talk.turn + 2 * np.pi / TALKERS * talk.joined
        talk.joined += 1
        standing_place = talk.middle + TALK_RADIUS * np.array([np.cos(angle), np.sin(angle)])
        return Stop("talk", standing_place, talk.until, float(angle + np.pi))

    def seat(self, place: Points, radius: float) -> int:
        """Return the index of the free seat nearest to a place; -1 if none is free within `SEARCH` metres.

        A seat is not free if somebody on another seat is too close for a person of the given radius.
        """
        seats = np.array([before(seat, -BACK) for seat in self.ground.seats]).reshape(-1, 2)
        metres = np.hypot(seats[:, 0] - place[0], seats[:, 1] - place[1])
        within_reach = np.flatnonzero(metres < SEARCH)
        for index in within_reach[np.argsort(metres[within_reach], kind="stable")].tolist():
            gaps = [distance(seats[index], seats[other]) - self.taken[other] for other in self.taken]
            if min(gaps, default=np.inf) > radius:
                return int(index)
        return -1

    def release(self, stop: Stop) -> None:
        """Free the seat of a stop, if it has one."""
        self.taken.pop(stop.seat, None)

    def metres(self, party: Party, place: Points, goal: Points) -> float:
        """Return the cost of a party's route to a goal in metres, at most 1000."""
        return min(self.routes(party).cost(place, goal), 1000.0)

    def door(self, party: Party, towards: Points) -> Points:
        """Return the nearer of two random entrances; for a party that avoids views, the cheapest of all entrances."""
        routes = self.routes(party)
        doors = self.doors(routes)
        if party.only is None:
            doors = [doors[index] for index in self.random.integers(len(doors), size=2)]
        return min(doors, key=lambda door: routes.cost(door, towards))

    def anywhere(self, party: Party) -> Points:
        """Draw a (2,) place where a party may be at the start."""
        routes, places = self.routes(party), self.places(party.only).reshape(-1, 2)
        node, _ = routes.nearest(places[self.random.integers(len(places))])
        return np.asarray(routes.places[node])


def before(seat: Seat, metres: float) -> Points:
    """Return the (2,) place `metres` in front of the front edge of a seat; behind it if negative."""
    return np.array([seat.x + metres * np.cos(seat.heading), seat.y + metres * np.sin(seat.heading)])


def near_lanes(ground: Ground, points: Points) -> NDArray[np.bool_]:
    """Return (n,) whether each of (n, 2) places is within 1.6 m of the middle of a lane."""
    near = np.zeros(len(points), bool)
    for lane in ground.lanes:
        corners = np.asarray(lane.points, float)
        for a, b in pairwise(corners):
            share = ((points - a) @ (b - a) / ((b - a) @ (b - a))).clip(0, 1)
            offset = points - a - share[:, None] * (b - a)
            near |= np.hypot(offset[:, 0], offset[:, 1]) < 1.6
    return near


def distance(start: Points, end: Points) -> float:
    """Return the metres between two (2,) places."""
    return float(np.hypot(end[0] - start[0], end[1] - start[1]))

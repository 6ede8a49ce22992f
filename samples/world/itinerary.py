"""Where do people go next, and what do they do there? Places to pass, to stand, to sit and to talk."""

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
from samples.world.routes import STEP, Routes, knots
from samples.world.scene import Ground, Seat
from samples.world.terrain import CELL, Points, Terrain, seen

Purpose = Literal["pass", "stand", "talk", "sit", "leave"]
CHANCES: dict[Purpose, float] = {"pass": 0.5, "stand": 0.2, "talk": 0.15, "sit": 0.15}
PLACES = 28  # goals a crowd shares; each costs one tree of ways
DEAR_EDGE, DEAR_LANE, DEAR_VIEW = 1.0, 3.0, 30.0  # cost of a metre on top of 1
TALKERS = 3
LEAST = 8.0  # seconds for which it is worth to join others
TALK_RADIUS = 0.62  # metres from the middle of those who talk
FRONT, BACK = (
    0.22,
    0.2,
)  # metres from a seat's front edge: where feet stand before it, and the pelvis behind it
SHY = 2.0  # metres kept from views that are shunned
SEARCH = 12.0  # metres within which people look for a seat
ROOM = 0.9  # metres kept free around those who stop
STAYS = 0.5  # share of goals that lie in the same view as the one before


@dataclass(frozen=True, eq=False)
class Stop:
    """One thing to do."""

    purpose: Purpose
    place: Points
    """(2,) metres."""
    seconds: float = 0.0
    """How long to stay; until when, to talk."""
    face: float | None = None
    """Where to look, in radians."""
    seat: int = -1


@dataclass
class Talk:
    """A few who stand and talk; people join while there is a place."""

    middle: Points
    until: float
    turn: float
    joined: int = 0


@dataclass
class Town:
    """What people know of the ground: places to go and ways to get there."""

    ground: Ground
    views: Sequence[Camera]
    terrain: Terrain
    random: np.random.Generator
    taken: dict[int, float] = field(default_factory=dict)
    """Seats in use or walked to, with the radius of whoever sits."""
    talks: list[Talk] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.ground.entrances:
            raise WorldError("people need an entrance, and this ground has none")
        self.entrances = np.asarray(self.ground.entrances, float)
        self._knots = knots(self.terrain)
        flat = self._knots.reshape(-1, 2)
        self._seen = seen(self.views, flat).reshape(len(self.views), *self._knots.shape[:2])
        self._lanes = near_lanes(self.ground, flat).reshape(self._knots.shape[:2])
        self._routes: dict[tuple[float, int | None], Routes] = {}
        self._places: dict[int | None, Points] = {}

    def routes(self, party: Party) -> Routes:
        """The ways of all who are as wide and shun the same views.

        Raises:
            WorldError: nobody so wide can walk here.
        """
        if party.only is not None and not 0 <= party.only < len(self.views):
            raise WorldError(
                f"walkers {party.members} want camera {party.only}, of {len(self.views)} cameras"
            )
        radius = float(np.ceil(party.radius * 20) / 20)
        key = (radius, party.only)
        if key not in self._routes:
            edge = self._room < radius + 0.35
            dear = 1 + DEAR_EDGE * edge + DEAR_LANE * self._lanes + DEAR_VIEW * self.shunned(party.only)
            self._routes[key] = Routes(self.terrain, radius, dear, self.entrances)
            if not self.doors(self._routes[key]):
                raise WorldError(
                    f"no entrance has {2 * radius:.1f} m of room, which walkers {party.members} need"
                )
        return self._routes[key]

    @property
    def _room(self) -> Points:
        return self.terrain.clearance(self._knots)

    def shunned(self, only: int | None) -> Points:
        """(h, w) 1 where, or close to where, a camera looks that somebody must not meet."""
        if only is None:
            return np.zeros(self._knots.shape[:2])
        others = [row for index, row in enumerate(self._seen) if index != only]
        if not np.any(others):
            return np.zeros(self._knots.shape[:2])
        beside = np.asarray(distance_transform_edt(~np.any(others, axis=0)))
        return np.asarray(beside * CELL * STEP < SHY, float)

    def doors(self, routes: Routes) -> list[Points]:
        """The entrances that are wide enough: the knots next to them."""
        near = [routes.nearest(entrance) for entrance in self.entrances]
        return [routes.places[knot] for knot, far in near if far < routes.radius + 0.7]

    def places(self, only: int | None) -> Points:
        """(g, p, 2) goals, roomy and off the lanes: g groups, one in each view and one anywhere."""
        if only not in self._places:
            roomy = (self._room > ROOM) & ~self._lanes & ~self.shunned(only).astype(bool)
            views = list(self._seen) if only is None else [self._seen[only]]
            pools = [roomy & view for view in views if (roomy & view).any()]
            if only is None or not pools:
                pools.append(roomy if roomy.any() else self._room > 0.4)
            count = PLACES // len(pools)
            drawn = [self._knots[pool][self.random.integers(pool.sum(), size=count)] for pool in pools]
            self._places[only] = np.stack(drawn)
        return self._places[only]

    def stops(self, party: Party) -> list[Stop]:
        """Draw what a party does before it leaves: often a few things in one view, then some in another."""
        places, found = self.places(party.only), []
        group = self.random.integers(len(places))
        for _ in range(self.random.integers(2, 7)):
            if self.random.random() > STAYS:
                group = self.random.integers(len(places))
            found.append(self.stop(party, places[group, self.random.integers(places.shape[1])]))
        return found

    def stop(self, party: Party, place: Points) -> Stop:
        """Draw one thing to do at about one place."""
        purposes = list(CHANCES)
        purpose = purposes[self.random.choice(len(purposes), p=list(CHANCES.values()))]
        if purpose in ("talk", "sit") and not party.alone:
            purpose = "stand"
        if purpose == "sit":
            return Stop("sit", place, float(self.random.uniform(8, 30)))
        if purpose == "talk":
            return Stop("talk", place)
        spread = place + self.random.uniform(-0.8, 0.8, 2)
        return Stop("pass" if purpose == "pass" else "stand", spread, float(self.random.uniform(3, 10)))

    def talk(self, place: Points, here: Points, time: float) -> Stop:
        """Join those who talk somewhere within reach of `here`, or wait for others at a place."""
        for talk in self.talks:
            left = talk.until - time - 1.2 * np.hypot(*(talk.middle - here))
            if talk.joined < TALKERS and left > LEAST:
                break
        else:
            far = 1.2 * np.hypot(*(place - here))
            talk = Talk(
                place, time + far + self.random.uniform(15, 35), float(self.random.uniform(-np.pi, np.pi))
            )
            self.talks.append(talk)
        angle = talk.turn + 2 * np.pi / TALKERS * talk.joined
        talk.joined += 1
        slot = talk.middle + TALK_RADIUS * np.array([np.cos(angle), np.sin(angle)])
        return Stop("talk", slot, talk.until, float(angle + np.pi))

    def seat(self, place: Points, radius: float) -> int:
        """Find the free seat nearest to a place; -1: none within `SEARCH`, or neighbours sit too close."""
        seats = np.array([before(seat, -BACK) for seat in self.ground.seats]).reshape(-1, 2)
        far = np.hypot(*(seats - place).T)
        for index in np.flatnonzero(far < SEARCH)[np.argsort(far[far < SEARCH], kind="stable")].tolist():
            apart = [np.hypot(*(seats[index] - seats[other])) - self.taken[other] for other in self.taken]
            if min(apart, default=np.inf) > radius:
                return int(index)
        return -1

    def release(self, stop: Stop) -> None:
        """Leave the seat of a stop, if it has one, to others."""
        self.taken.pop(stop.seat, None)

    def metres(self, party: Party, place: Points, goal: Points) -> float:
        """How far it is to a goal, as a party would go."""
        return min(self.routes(party).cost(place, goal), 1000.0)

    def door(self, party: Party, towards: Points) -> Points:
        """Draw two entrances and take the nearer one; who shuns views takes that with the cheapest way of all."""
        routes = self.routes(party)
        doors = self.doors(routes)
        if party.only is None:
            doors = [doors[index] for index in self.random.integers(len(doors), size=2)]
        return min(doors, key=lambda door: routes.cost(door, towards))

    def anywhere(self, party: Party) -> Points:
        """Draw a place where a party may already be, (2,)."""
        routes, places = self.routes(party), self.places(party.only).reshape(-1, 2)
        return np.asarray(routes.places[routes.nearest(places[self.random.integers(len(places))])[0]])


def before(seat: Seat, metres: float) -> Points:
    """(2,) the place so far before a seat's front edge; behind it, if negative."""
    return np.array([seat.x + metres * np.cos(seat.heading), seat.y + metres * np.sin(seat.heading)])


def near_lanes(ground: Ground, points: Points) -> NDArray[np.bool_]:
    """(n,) whether a place is within 1.6 m of a lane's middle."""
    near = np.zeros(len(points), bool)
    for lane in ground.lanes:
        corners = np.asarray(lane.points, float)
        for a, b in pairwise(corners):
            along = ((points - a) @ (b - a) / ((b - a) @ (b - a))).clip(0, 1)
            near |= np.hypot(*(points - a - along[:, None] * (b - a)).T) < 1.6
    return near

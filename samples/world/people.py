"""Decisions of the simulated people: they enter, walk to their stops, stand, sit, leave and come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from samples.world.itinerary import BACK, FRONT, Stop, Town, before
from samples.world.parties import Party
from samples.world.terrain import Points
from samples.world.traffic import Traffic
from samples.world.walking import Bodies, wrapped

Mode = Literal["away", "walk", "stay", "approach", "sit down", "seated", "rise"]
EARLY = -1.0  # until this second, people may appear anywhere instead of at an entrance
RETURN = 0.7  # share of parties without given visits that come back
ABSENCE = (4.0, 20.0)  # seconds that they stay away
SPREAD = 0.25  # share of the footage during which parties without given visits first enter
AHEAD = 0.8  # metres from a party to the point of its path that it walks towards
NEAR: dict[str, float] = {"pass": 1.2, "stand": 0.3, "talk": 0.12, "sit": 0.35, "leave": 0.5}
"""Metres from a stop at which it counts as reached."""
STUCK = 2.0  # seconds between two checks whether a party makes progress
PROGRESS = 0.4  # metres that a party must move between two checks


@dataclass
class Plan:
    """The current visit of one party and what it does now."""

    comes: float
    """Second of the next entry."""
    goes: float = np.inf
    """Second by which the party should have left."""
    visits: list[tuple[float, float]] = field(default_factory=list)
    """(enter, leave) seconds of the given visits after this one."""
    mode: Mode = "away"
    stops: list[Stop] = field(default_factory=list)
    stop: Stop = field(default_factory=lambda: Stop("leave", np.zeros(2)))
    path: Points = field(default_factory=lambda: np.empty((0, 2)))
    """(m, 2) points of the path to the stop."""
    at: int = 0
    """Index of the point of `path` that the party walks towards."""
    until: float = 0.0
    """Second at which the current action ends."""
    door: Points = field(default_factory=lambda: np.zeros(2))
    """(2,) entrance at which the party leaves."""
    face: float = 0.0
    """Heading in radians that a standing party returns to."""
    mark: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Second, x and y of the last check whether the party makes progress."""
    patience: int = 2
    """Number of checks without progress until the party gives up its stop."""


class People(Bodies):
    """All parties with their plans."""

    def __init__(
        self, town: Town, groups: Sequence[Party], warm: float, seconds: float, random: np.random.Generator
    ) -> None:
        """Plan the first entry of each party. Parties without given visits enter from `warm` seconds before the start."""
        super().__init__(town.terrain, groups)
        self.town, self.random = town, random
        first_entries = random.uniform(-warm, SPREAD * seconds, len(groups))
        self.plans = [
            Plan(party.visits[0][0], party.visits[0][1], list(party.visits[1:]))
            if party.visits
            else Plan(time)
            for party, time in zip(groups, first_entries, strict=True)
        ]

    def decide(self, time: float, traffic: Traffic) -> None:
        """Update every party's plan and wish, then change the wishes so that they avoid each other and vehicles."""
        for index, plan in enumerate(self.plans):
            self.update(index, plan, time, traffic)
        self.stands[:] = [plan.mode == "stay" for plan in self.plans]
        self.avoid(traffic)

    def update(self, index: int, plan: Plan, time: float, traffic: Traffic) -> None:
        """Continue a party's current action, or start the next one."""
        if plan.mode == "away":
            if time >= plan.comes:
                self.enter(index, plan, time, traffic)
            return
        self.hurry(index, plan, time)
        if plan.mode == "walk":
            self.follow(index, plan, time)
        elif plan.mode == "approach":
            self.approach(index, plan, time)
        elif plan.mode == "sit down" and self.seated[index] >= 1:
            plan.mode = "seated"
        elif plan.mode == "seated" and time >= plan.until:
            plan.mode, self.change[index] = "rise", -1
        elif plan.mode == "rise" and self.seated[index] <= 0:
            self.stand_up(index, plan, time)
        elif plan.mode == "stay":
            self.stay(index, plan, time)

    def enter(self, index: int, plan: Plan, time: float, traffic: Traffic) -> None:
        """Enter at an entrance as soon as it is free; before `EARLY`, appear anywhere."""
        party = self.groups[index]
        routes = self.town.routes(party)
        stops = self.town.stops(party)
        early = time < EARLY and not party.visits
        place = self.town.anywhere(party) if early else self.town.door(party, stops[0].place)
        gaps = np.hypot(*(self.place - place).T) - self.radius - party.radius
        by_vehicle = traffic.hit(place[None], self.radius[index : index + 1] + 1).any()
        if (gaps[self.present] < 0.1).any() or by_vehicle:
            return
        plan.stops, plan.door = stops, self.town.door(party, stops[-1].place)
        self.place[index], self.present[index] = place, True
        path = routes.path(place, stops[0].place)
        toward = path[min(4, len(path) - 1)] - place
        self.heading[index] = self.face[index] = np.arctan2(toward[1], toward[0])
        self.speed[index] = party.pace
        self.begin(index, plan, time)

    def begin(self, index: int, plan: Plan, time: float) -> None:
        """Set out for the next stop. After the last one, leave, or choose more stops while a given visit lasts."""
        party = self.groups[index]
        if not plan.stops and np.isfinite(plan.goes) and self.eta(index, plan, time) < plan.goes:
            plan.stops = self.town.stops(party)
        plan.stop = plan.stops.pop(0) if plan.stops else Stop("leave", plan.door)
        if plan.stop.purpose == "sit":
            plan.stop = self.claim_seat(index, plan.stop)
        elif plan.stop.purpose == "talk":
            plan.stop = self.town.talk(plan.stop.place, self.place[index], time)
        self.set_out(index, plan, time)

    def claim_seat(self, index: int, stop: Stop) -> Stop:
        """Reserve the free seat nearest to a stop and return a stop before it; without a free seat, a stop to stand."""
        seat_index = self.town.seat(stop.place, float(self.radius[index]))
        if seat_index < 0:
            return Stop("stand", stop.place, stop.seconds / 3)
        self.town.taken[seat_index] = float(self.radius[index])
        seat = self.town.ground.seats[seat_index]
        return Stop("sit", before(seat, 0.5), stop.seconds, seat.heading, seat_index)

    def set_out(self, index: int, plan: Plan, time: float) -> None:
        """Plan the path to the current stop and start walking."""
        plan.path = self.town.routes(self.groups[index]).path(self.place[index], plan.stop.place)
        plan.mode, plan.at, plan.patience = "walk", 0, 2
        plan.mark = (time, *self.place[index])

    def follow(self, index: int, plan: Plan, time: float) -> None:
        """Walk towards the first point of the path that is further than `AHEAD`, or arrive."""
        x, y = self.place[index]
        upcoming = plan.path[plan.at : plan.at + 8]
        distances = np.hypot(upcoming[:, 0] - x, upcoming[:, 1] - y)
        ahead = int(np.flatnonzero(distances < AHEAD).max(initial=-1)) + 1
        plan.at = min(plan.at + max(ahead, int(distances.argmin())), len(plan.path) - 1)
        toward, is_last = plan.path[plan.at] - (x, y), plan.at == len(plan.path) - 1
        distance = float(np.hypot(*toward))
        if is_last and distance < NEAR[plan.stop.purpose]:
            self.arrive(index, plan, time)
            return
        pace = self.groups[index].pace
        if is_last and plan.stop.purpose not in ("pass", "leave"):
            pace = min(pace, max(0.3, 1.2 * distance))
        self.wish[index] = toward / max(distance, 1e-6) * pace
        if time - plan.mark[0] >= STUCK:
            self.check_progress(index, plan, time, distance if is_last else np.inf)

    def check_progress(self, index: int, plan: Plan, time: float, distance: float) -> None:
        """Plan another path if the party made no progress since the last check, and in the end give up the stop.

        `distance` is the metres to the stop if the party walks straight towards it, else infinite.
        """
        moved = float(np.hypot(*(self.place[index] - plan.mark[1:])))
        plan.mark = (time, *self.place[index])
        if moved > PROGRESS:
            return
        patience = plan.patience - 1
        if distance < 1.5 and plan.stop.purpose not in ("sit", "leave"):
            self.arrive(index, plan, time)
        elif patience > 0:
            self.set_out(index, plan, time)
            plan.patience = patience
        else:
            self.town.release(plan.stop)
            if plan.stop.purpose == "leave":
                plan.door = self.town.door(self.groups[index], self.place[index])
            self.begin(index, plan, time)

    def arrive(self, index: int, plan: Plan, time: float) -> None:
        """Start the action of the stop: pass, leave, sit, stand or talk."""
        stop = plan.stop
        if stop.purpose == "pass":
            self.begin(index, plan, time)
        elif stop.purpose == "leave":
            self.leave(index, plan, time)
        elif stop.purpose == "sit":
            plan.mode, plan.until, self.close[index] = "approach", time + 8, True
        else:
            plan.mode, self.wish[index] = "stay", 0
            plan.until = stop.seconds if stop.purpose == "talk" else time + stop.seconds
            plan.face = self.heading[index] if stop.face is None else stop.face
            self.face[index] = plan.face

    def stay(self, index: int, plan: Plan, time: float) -> None:
        """Stand and look around until the stop's time is over."""
        if time >= plan.until:
            self.begin(index, plan, time)
        elif self.random.random() < 0.03:
            widest = 0.8 if plan.stop.purpose == "stand" else 0.2  # radians
            self.face[index] = plan.face + self.random.uniform(-widest, widest)

    def approach(self, index: int, plan: Plan, time: float) -> None:
        """Step in front of the seat, turn around and sit down; give up the seat when `until` is over."""
        seat = self.town.ground.seats[plan.stop.seat]
        toward = before(seat, FRONT) - self.place[index]
        distance = float(np.hypot(*toward))
        self.face[index] = seat.heading
        if time > plan.until:
            self.stand_up(index, plan, time)
        elif distance > 0.1:
            self.wish[index] = toward / distance * min(0.6, max(0.2, 1.5 * distance))
        else:
            self.wish[index] = 0
            if abs(wrapped(seat.heading - self.heading[index])) < 0.1:
                plan.mode, plan.until, self.change[index] = "sit down", time + plan.stop.seconds, 1
                self.seat[index], self.back[index] = seat.height, before(seat, -BACK)

    def stand_up(self, index: int, plan: Plan, time: float) -> None:
        """Give up the seat and set out for the next stop."""
        self.town.release(plan.stop)
        self.change[index], self.close[index], self.seat[index] = 0, False, 0
        self.begin(index, plan, time)

    def eta(self, index: int, plan: Plan, time: float) -> float:
        """Return the second at which a party would be gone if it started to leave now."""
        party = self.groups[index]
        return time + 1.15 * self.town.metres(party, self.place[index], plan.door) / party.pace

    def hurry(self, index: int, plan: Plan, time: float) -> None:
        """Start to leave when the party would otherwise exceed its given visit."""
        if (
            plan.stop.purpose == "leave"
            or not np.isfinite(plan.goes)
            or self.eta(index, plan, time) < plan.goes
        ):
            return
        plan.stops = []
        if plan.mode in ("stay", "seated"):
            plan.until = min(plan.until, time)
        elif plan.mode == "walk":
            self.town.release(plan.stop)
            self.begin(index, plan, time)

    def leave(self, index: int, plan: Plan, time: float) -> None:
        """Remove the party and plan its return, if it returns. A party that leaves before second 0 always returns."""
        self.present[index], self.wish[index], self.speed[index] = False, 0, 0
        plan.mode = "away"
        if plan.visits:
            plan.comes, plan.goes = plan.visits.pop(0)
        elif self.groups[index].visits or (time >= 0 and self.random.random() > RETURN):
            plan.comes = np.inf
        else:
            plan.comes = time + float(self.random.uniform(*ABSENCE))

"""What do people do from moment to moment? Enter, go to their stops, stand, sit, leave and come back."""

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
EARLY = -1.0  # seconds until which people may come from nowhere
RETURN = 0.7  # share of those without given visits who come back
ABSENCE = (4.0, 20.0)  # seconds until they do
SPREAD = 0.25  # share of the footage by which those without given visits have come
AHEAD = 0.8  # metres to the point of the way they look at
NEAR: dict[str, float] = {"pass": 1.2, "stand": 0.3, "talk": 0.12, "sit": 0.35, "leave": 0.5}  # metres
STUCK = 2.0  # seconds without getting on after which somebody thinks again


@dataclass
class Plan:
    """What a party is about."""

    comes: float
    """Seconds when it enters next."""
    goes: float = np.inf
    """Seconds when it should be out."""
    visits: list[tuple[float, float]] = field(default_factory=list)
    """Given visits after this one."""
    mode: Mode = "away"
    stops: list[Stop] = field(default_factory=list)
    stop: Stop = field(default_factory=lambda: Stop("leave", np.zeros(2)))
    way: Points = field(default_factory=lambda: np.empty((0, 2)))
    at: int = 0
    """Index of the point of the way that it walks to."""
    until: float = 0.0
    """Seconds when what it does now ends."""
    door: Points = field(default_factory=lambda: np.zeros(2))
    """Where it leaves."""
    face: float = 0.0
    mark: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Seconds and place of the last look whether it gets on."""
    patience: int = 2


class People(Bodies):
    """All parties, and what each is about."""

    def __init__(
        self, town: Town, groups: Sequence[Party], warm: float, seconds: float, random: np.random.Generator
    ) -> None:
        """Nobody is there yet; those without given visits come from `warm` seconds before the start on."""
        super().__init__(town.terrain, groups)
        self.town, self.random = town, random
        comes = random.uniform(-warm, SPREAD * seconds, len(groups))
        self.plans = [
            Plan(party.visits[0][0], party.visits[0][1], list(party.visits[1:]))
            if party.visits
            else Plan(time)
            for party, time in zip(groups, comes, strict=True)
        ]

    def decide(self, time: float, traffic: Traffic) -> None:
        """Let every party think about what it does, and choose a velocity that avoids the others."""
        for index, plan in enumerate(self.plans):
            self.think(index, plan, time, traffic)
        self.stands[:] = [plan.mode == "stay" for plan in self.plans]
        self.avoid(traffic)

    def think(self, index: int, plan: Plan, time: float, traffic: Traffic) -> None:
        """Go on with what a party does, or begin the next thing."""
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
        """Come in at an entrance, as soon as nobody stands there; before the first second, be anywhere."""
        party = self.groups[index]
        routes = self.town.routes(party)
        stops = self.town.stops(party)
        early = time < EARLY and not party.visits
        place = self.town.anywhere(party) if early else self.town.door(party, stops[0].place)
        far = np.hypot(*(self.place - place).T) - self.radius - party.radius
        if (far[self.present] < 0.1).any() or traffic.hit(
            place[None], self.radius[index : index + 1] + 1
        ).any():
            return
        plan.stops, plan.door = stops, self.town.door(party, stops[-1].place)
        self.place[index], self.present[index] = place, True
        ahead = routes.way(place, stops[0].place)
        toward = ahead[min(4, len(ahead) - 1)] - place
        self.heading[index] = self.face[index] = np.arctan2(toward[1], toward[0])
        self.speed[index] = party.pace
        self.begin(index, plan, time)

    def begin(self, index: int, plan: Plan, time: float) -> None:
        """Set out for the next stop; after the last one, leave or, while a given visit lasts, think of more."""
        party = self.groups[index]
        if not plan.stops and np.isfinite(plan.goes) and self.eta(index, plan, time) < plan.goes:
            plan.stops = self.town.stops(party)
        plan.stop = plan.stops.pop(0) if plan.stops else Stop("leave", plan.door)
        if plan.stop.purpose == "sit":
            plan.stop = self.claim(index, plan.stop)
        elif plan.stop.purpose == "talk":
            plan.stop = self.town.talk(plan.stop.place, self.place[index], time)
        self.set_out(index, plan, time)

    def claim(self, index: int, stop: Stop) -> Stop:
        """Keep the nearest free seat; with none, stand there."""
        chosen = self.town.seat(stop.place, float(self.radius[index]))
        if chosen < 0:
            return Stop("stand", stop.place, stop.seconds / 3)
        self.town.taken[chosen] = float(self.radius[index])
        seat = self.town.ground.seats[chosen]
        return Stop("sit", before(seat, 0.5), stop.seconds, seat.heading, chosen)

    def set_out(self, index: int, plan: Plan, time: float) -> None:
        """Find the way to the present stop."""
        plan.way = self.town.routes(self.groups[index]).way(self.place[index], plan.stop.place)
        plan.mode, plan.at, plan.patience = "walk", 0, 2
        plan.mark = (time, *self.place[index])

    def follow(self, index: int, plan: Plan, time: float) -> None:
        """Walk towards a point of the way somewhat ahead."""
        x, y = self.place[index]
        near = plan.way[plan.at : plan.at + 8]
        far = np.hypot(near[:, 0] - x, near[:, 1] - y)
        ahead = int(np.flatnonzero(far < AHEAD).max(initial=-1)) + 1
        plan.at = min(plan.at + max(ahead, int(far.argmin())), len(plan.way) - 1)
        toward, last = plan.way[plan.at] - (x, y), plan.at == len(plan.way) - 1
        left = float(np.hypot(*toward))
        if last and left < NEAR[plan.stop.purpose]:
            self.arrive(index, plan, time)
            return
        pace = self.groups[index].pace
        if last and plan.stop.purpose not in ("pass", "leave"):
            pace = min(pace, max(0.3, 1.2 * left))
        self.wish[index] = toward / max(left, 1e-6) * pace
        if time - plan.mark[0] >= STUCK:
            self.reconsider(index, plan, time, left if last else np.inf)

    def reconsider(self, index: int, plan: Plan, time: float, left: float) -> None:
        """Look for another way, then for another goal, if this one could not be approached for a while."""
        moved = float(np.hypot(*(self.place[index] - plan.mark[1:])))
        plan.mark = (time, *self.place[index])
        if moved > 0.4:
            return
        patience = plan.patience - 1
        if left < 1.5 and plan.stop.purpose not in ("sit", "leave"):
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
        """Do what the stop is for."""
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
        """Look about until it is time to go on."""
        if time >= plan.until:
            self.begin(index, plan, time)
        elif self.random.random() < 0.03:
            about = 0.8 if plan.stop.purpose == "stand" else 0.2
            self.face[index] = plan.face + self.random.uniform(-about, about)

    def approach(self, index: int, plan: Plan, time: float) -> None:
        """Step before the seat, turn, and sit down; give up where that does not work."""
        seat = self.town.ground.seats[plan.stop.seat]
        toward = before(seat, FRONT) - self.place[index]
        left = float(np.hypot(*toward))
        self.face[index] = seat.heading
        if time > plan.until:
            self.stand_up(index, plan, time)
        elif left > 0.1:
            self.wish[index] = toward / left * min(0.6, max(0.2, 1.5 * left))
        else:
            self.wish[index] = 0
            if abs(wrapped(seat.heading - self.heading[index])) < 0.1:
                plan.mode, plan.until, self.change[index] = "sit down", time + plan.stop.seconds, 1
                self.seat[index], self.back[index] = seat.height, before(seat, -BACK)

    def stand_up(self, index: int, plan: Plan, time: float) -> None:
        """Leave a seat to others and go on."""
        self.town.release(plan.stop)
        self.change[index], self.close[index], self.seat[index] = 0, False, 0
        self.begin(index, plan, time)

    def eta(self, index: int, plan: Plan, time: float) -> float:
        """Seconds when a party would be out if it left now."""
        party = self.groups[index]
        return time + 1.15 * self.town.metres(party, self.place[index], plan.door) / party.pace

    def hurry(self, index: int, plan: Plan, time: float) -> None:
        """Leave in time when a given visit ends."""
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
        """Be gone, perhaps to come back; who has come and gone before the first second always does."""
        self.present[index], self.wish[index], self.speed[index] = False, 0, 0
        plan.mode = "away"
        if plan.visits:
            plan.comes, plan.goes = plan.visits.pop(0)
        elif self.groups[index].visits or (time >= 0 and self.random.random() > RETURN):
            plan.comes = np.inf
        else:
            plan.comes = time + float(self.random.uniform(*ABSENCE))

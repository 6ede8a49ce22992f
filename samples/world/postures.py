"""How a body stands, walks, sits, pushes and carries: a turn for each bone that moves, then matrices for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.bodies import Bodies, Figure

Array = NDArray[np.float64]
Hold = Literal["", "phone", "bag", "strap", "umbrella", "push", "trolley", "pocket"]

SOLE = 0.012  # metres between the foot's skin and the ground, for the shoe
HELD: dict[str, tuple[float, float, tuple[float, float, float]]] = {
    "phone": (0.9, 0.45, (-0.25, -1.0, 0.55)),
    "umbrella": (0.8, 0.35, (-0.15, -0.75, 1.0)),
    "strap": (1.2, 0.25, (-0.45, -0.55, 1.0)),
    "push": (1.0, 0.35, (-0.02, -1.0, -0.12)),
    "pocket": (1.9, -0.22, (-0.28, -0.38, -1.0)),
    "lap": (1.0, 0.35, (-0.2, -1.0, -0.3)),
}
"""Of an arm that does not swing: how far out, as a share of the usual, and forward its upper part points, in radians, and
where the forearm points: outward, back and up."""
CURL = 0.75  # radians that a relaxed finger bends at each joint


@dataclass(frozen=True)
class Manner:
    """How one person moves; angles in radians."""

    swing: float = 0.4
    """Of the arms when walking."""
    elbow: float = 0.25
    lean: float = 0.04
    """Of the trunk, forward."""
    sway: float = 0.06
    """Of hips against shoulders."""
    apart: float = 0.05
    """Of the legs."""
    arms_out: float = 0.16
    toes_out: float = 0.15
    left: Hold = ""
    right: Hold = ""
    bob: float = 0.0
    """How the head hangs, forward; looking at a phone more."""


@dataclass(frozen=True)
class Moment:
    """What a body does at one moment."""

    activity: Literal["walk", "stand", "sit"]
    phase: float = 0.0
    """Gait cycles, 1 for a left and a right step."""
    stride: float = 1.3
    """Metres a cycle at the present speed."""
    seat: float = 0.45
    """Height of what is sat on, in metres."""
    seated: float = 1.0
    """Of one who sits: 0 still stands, 1 sits."""


class Poser:
    """Bends one figure."""

    def __init__(self, bodies: Bodies, figure: Figure) -> None:
        self._heads, self._bone = figure.heads, bodies.bones
        self._order = list(enumerate(bodies.parents))
        self._rest = {
            name: _unit(self._at(end) - self._at(start))
            for side in "LR"
            for name, start, end in (
                (f"thigh.{side}", f"upperleg01.{side}", f"lowerleg01.{side}"),
                (f"shin.{side}", f"lowerleg01.{side}", f"foot.{side}"),
                (f"upper.{side}", f"upperarm01.{side}", f"lowerarm01.{side}"),
                (f"fore.{side}", f"lowerarm01.{side}", f"wrist.{side}"),
            )
        }
        feet = {side: figure.points[bodies.region == 8 + i] for i, side in enumerate("LR")}
        self._soles = {
            side: points[points[:, 2] < points[:, 2].min() + 0.03] for side, points in feet.items()
        }
        self._leg = float(np.linalg.norm(self._at("upperleg01.L") - self._at("foot.L")))
        self._thigh = 0.08 + 0.02 * np.ptp(figure.points[:, 1])
        self._knuckle = {side: self._knuckles(side) for side in "LR"}

    @property
    def leg(self) -> float:
        """Length of a leg, in metres."""
        return self._leg

    def matrices(
        self, moment: Moment, manner: Manner, place: tuple[float, float], heading: float
    ) -> NDArray[np.float32]:
        """Bend the body and put it down.

        Returns:
            (B, 3, 4): for each bone the matrix that takes points at rest to the world.
        """
        turns = self._trunk(moment, manner)
        for side, sign in (("L", 1.0), ("R", -1.0)):
            turns |= self._leg_turns(moment, manner, side, sign)
        chest = turns["spine01"]
        for side, sign in (("L", 1.0), ("R", -1.0)):
            turns |= self._arm_turns(moment, manner, side, sign, chest)
        bent = self._chain(turns)
        bent[:, 2, 3] -= self._ground(bent, moment)
        return _placed(bent, place, heading)

    def _at(self, bone: str) -> Array:
        return np.asarray(self._heads[self._bone[bone]])

    def _knuckles(self, side: str) -> Array:
        """(3,): the axis about which a hand's fingers bend."""
        across = self._at(f"finger5-1.{side}") - self._at(f"finger2-1.{side}")
        return _unit(_cross(across, self._rest[f"fore.{side}"]))

    def _trunk(self, moment: Moment, manner: Manner) -> dict[str, Array]:
        cycle = 2 * np.pi * moment.phase
        sway = manner.sway * np.cos(cycle) if moment.activity == "walk" else 0.0
        lean = manner.lean + (0.06 if moment.activity == "sit" else 0.0)
        roll = 0.035 * np.sin(cycle) if moment.activity == "walk" else 0.03 * np.sin(cycle)
        gaze = 0.0 if moment.activity == "walk" else 0.3 * np.sin(cycle)
        return {
            "root": _about(1, roll) @ _about(2, -sway),
            "spine05": _about(0, lean * 0.5) @ _about(1, -roll * 0.6) @ _about(2, sway * 0.2),
            "spine01": _about(0, lean) @ _about(2, sway),
            "neck01": _about(0, lean * 0.5 + manner.bob * 0.5) @ _about(2, sway * 0.3),
            "head": _about(0, manner.bob) @ _about(2, gaze),
        }

    def _leg_turns(self, moment: Moment, manner: Manner, side: str, sign: float) -> dict[str, Array]:
        forward, knee, pitch = self._leg_angles(moment, side)
        out = sign * (manner.apart if moment.activity != "sit" else 0.12)
        thigh = _toward(self._rest[f"thigh.{side}"], _swung(out, forward))
        shin = _toward(thigh @ self._rest[f"shin.{side}"], _swung(out * 0.4, forward - knee)) @ thigh
        foot = _about(2, sign * manner.toes_out) @ _about(0, pitch)
        return {f"upperleg01.{side}": thigh, f"lowerleg01.{side}": shin, f"foot.{side}": foot}

    def _leg_angles(self, moment: Moment, side: str) -> tuple[float, float, float]:
        """Of thigh (forward), knee (bent) and foot (toes down), in radians."""
        if moment.activity == "sit":
            return 1.45 * moment.seated, (1.45 + (0.1 if side == "L" else -0.05)) * moment.seated, 0.0
        if moment.activity == "stand":
            easy = (1 if side == "L" else -1) * np.sin(2 * np.pi * moment.phase)
            return 0.05 + 0.05 * max(0.0, easy), 0.06 + 0.18 * max(0.0, easy), 0.0
        p = (moment.phase + (0.0 if side == "L" else 0.5)) % 1.0
        reach = float(np.arcsin(np.clip(moment.stride / (4 * self._leg), 0.05, 0.6)))
        scale = reach / 0.4
        forward = reach * np.cos(2 * np.pi * p) + 0.07 * scale
        knee = 0.08 + scale * (0.16 * _bump(p, 0.10, 0.10) + 1.0 * _bump(p, 0.75, 0.135))
        pitch = scale * (
            -0.35 * _bump(p, 0.97, 0.07) + 0.65 * _bump(p, 0.58, 0.09) + 0.15 * _bump(p, 0.75, 0.1)
        )
        return float(forward), float(knee), float(pitch)

    def _arm_turns(
        self, moment: Moment, manner: Manner, side: str, sign: float, chest: Array
    ) -> dict[str, Array]:
        upper_to, fore_to = self._arm_ways(moment, manner, side, sign)
        upper = chest @ _toward(self._rest[f"upper.{side}"], upper_to)
        fore = _toward(upper @ self._rest[f"fore.{side}"], chest @ fore_to) @ upper
        axis = self._knuckle[side] * sign
        hold = manner.left if side == "L" else manner.right
        curl = 1.1 if hold in ("bag", "umbrella", "push", "trolley", "phone") else CURL
        turns = {f"upperarm01.{side}": upper, f"lowerarm01.{side}": fore, f"wrist.{side}": fore}
        for finger in range(1, 6):
            share = 0.45 if finger == 1 else 1.0
            for joint in (1, 2, 3):
                turn = _around(axis, share * curl * (joint * 0.8 - 0.3) * sign)
                turns[f"finger{finger}-{joint}.{side}"] = fore @ turn
        return turns

    def _arm_ways(self, moment: Moment, manner: Manner, side: str, sign: float) -> tuple[Array, Array]:
        """Where upper arm and forearm point, seen from the chest."""
        hold = manner.left if side == "L" else manner.right
        out = sign * manner.arms_out
        held = "lap" if moment.activity == "sit" and hold not in HELD else hold
        if held in HELD:
            wide, forward, fore = HELD[held]
            return _swung(out * wide, forward), _unit(np.array(fore) * (sign, 1.0, 1.0))
        if moment.activity == "stand":
            drift = 0.05 * np.sin(2 * np.pi * moment.phase + sign)
            return _swung(out, drift), _swung(out * 0.5, drift + manner.elbow)
        p = moment.phase + (0.5 if side == "L" else 0.0)
        amount = 0.25 if hold in ("bag", "trolley") else 1.0
        swing = amount * manner.swing * np.cos(2 * np.pi * p) + 0.02
        if hold == "trolley":
            swing -= 0.35
        elbow = 0.08 if hold in ("bag", "trolley") else manner.elbow + 0.6 * max(0.0, swing)
        return _swung(out, swing), _swung(out * 0.35, swing + elbow)

    def _chain(self, turns: dict[str, Array]) -> Array:
        """(B, 3, 4): bone after bone from the root, each where its parent's end is."""
        out = np.empty((len(self._heads), 3, 4))
        own = {self._bone[name]: turn for name, turn in turns.items()}
        for bone, parent in self._order:
            before = out[parent] if parent >= 0 else np.eye(4)[:3]
            turn = own.get(bone)
            if turn is None:
                out[bone] = before
                continue
            head = self._heads[bone]
            out[bone, :, :3] = turn
            out[bone, :, 3] = before[:, :3] @ head + before[:, 3] - turn @ head
        return out

    def _ground(self, bent: Array, moment: Moment) -> float:
        """How high the body hangs above its place."""
        feet = [(points, bent[self._bone[f"foot.{side}"], 2]) for side, points in self._soles.items()]
        lowest = min(float((points @ up[:3]).min() + up[3]) for points, up in feet)
        if moment.activity != "sit":
            return lowest - SOLE
        hip = bent[self._bone["pelvis.L"]]
        seated = float((hip[:, :3] @ self._at("pelvis.L") + hip[:, 3])[2]) - moment.seat - self._thigh
        return float((1 - moment.seated) * (lowest - SOLE) + moment.seated * seated)


def _placed(bent: Array, place: tuple[float, float], heading: float) -> NDArray[np.float32]:
    turn = _about(2, heading + np.pi / 2)
    out = np.einsum("ij,bjk->bik", turn, bent)
    out[:, 0, 3] += place[0]
    out[:, 1, 3] += place[1]
    return np.asarray(out, np.float32)


def stand_in(place: tuple[float, float], heading: float, height: float = 0.0) -> NDArray[np.float32]:
    """(1, 3, 4): the matrix that puts a rigid thing down."""
    out = _placed(np.eye(4)[None, :3], place, heading)
    out[:, 2, 3] += height
    return out


def _swung(out: float, forward: float) -> Array:
    """Point down, swung forward and to the side."""
    return _unit(np.array([np.sin(out), -np.sin(forward), -np.cos(forward)]))


def _bump(phase: float, middle: float, width: float) -> float:
    """1 at `middle`, falling off on both sides; on the circle of phases."""
    distance = (phase - middle + 0.5) % 1.0 - 0.5
    return float(np.exp(-((distance / width) ** 2)))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _cross(one: Array, other: Array) -> Array:
    """Multiply two vectors; a tenth of what NumPy takes, which is made for many."""
    (a, b, c), (x, y, z) = one.tolist(), other.tolist()
    return np.array((b * z - c * y, c * x - a * z, a * y - b * x))


def _about(axis: int, angle: float) -> Array:
    """(3, 3): a turn about x, y or z."""
    c, s = np.cos(angle), np.sin(angle)
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    turn = np.eye(3)
    turn[i, i] = turn[j, j] = c
    turn[i, j], turn[j, i] = -s, s
    return turn


def _around(axis: Array, angle: float) -> Array:
    """(3, 3): a turn about any axis of length 1 (Rodrigues)."""
    x, y, z = axis
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k))


def _toward(start: Array, end: Array) -> Array:
    """(3, 3): the smallest turn that takes one direction to another."""
    axis = _cross(start, end)
    sine, cosine = float(np.linalg.norm(axis)), float(start @ end)
    return np.eye(3) if sine < 1e-9 else _around(axis / sine, float(np.arctan2(sine, cosine)))

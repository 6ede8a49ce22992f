"""Postures of a body that stands, walks, sits, pushes or carries, as one matrix for each bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.bodies import Bodies, Figure

Array = NDArray[np.float64]
Hold = Literal["", "phone", "bag", "strap", "umbrella", "push", "trolley", "pocket"]

SOLE = 0.012  # metres between the foot's skin and the ground: the thickness of a shoe's sole
HELD: dict[str, tuple[float, float, tuple[float, float, float]]] = {
    "phone": (0.9, 0.45, (-0.25, -1.0, 0.55)),
    "umbrella": (0.8, 0.35, (-0.15, -0.75, 1.0)),
    "strap": (1.2, 0.25, (-0.45, -0.55, 1.0)),
    "push": (1.0, 0.35, (-0.02, -1.0, -0.12)),
    "pocket": (1.9, -0.22, (-0.28, -0.38, -1.0)),
    "lap": (1.0, 0.35, (-0.2, -1.0, -0.3)),
}
"""Arms that do not swing: outward angle of the upper arm as a multiple of `Manner.arms_out`, its forward angle in
radians, and the direction of the forearm as (outward, back, up)."""
CURL = 0.75  # radians that a relaxed finger bends at each joint


@dataclass(frozen=True)
class Manner:
    """One person's way of moving; angles in radians."""

    swing: float = 0.4
    """Swing of the arms when walking."""
    elbow: float = 0.25
    """Bend of the elbows."""
    lean: float = 0.04
    """Forward lean of the trunk."""
    sway: float = 0.06
    """Turn of the hips against the shoulders."""
    apart: float = 0.05
    """Outward angle of the legs."""
    arms_out: float = 0.16
    """Outward angle of the arms."""
    toes_out: float = 0.15
    """Outward turn of the feet."""
    left: Hold = ""
    """What the left hand holds."""
    right: Hold = ""
    """What the right hand holds."""
    bob: float = 0.0
    """Forward bend of the head; larger for people who look at a phone."""


@dataclass(frozen=True)
class Moment:
    """The action of a body at one moment."""

    activity: Literal["walk", "stand", "sit"]
    phase: float = 0.0
    """Gait cycles; one cycle is a left and a right step."""
    stride: float = 1.3
    """Metres per gait cycle at the current speed."""
    seat: float = 0.45
    """Height of the seat in metres."""
    seated: float = 1.0
    """Progress of sitting down: 0 stands, 1 sits."""


class Poser:
    """Compute the bone matrices of one figure."""

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
        """Length of a leg in metres."""
        return self._leg

    def matrices(
        self, moment: Moment, manner: Manner, place: tuple[float, float], heading: float
    ) -> NDArray[np.float32]:
        """Return (B, 3, 4): for each bone, the matrix that takes points at rest to the world.

        Args:
            moment: The action of the body.
            manner: The person's way of moving.
            place: x and y in metres.
            heading: Radians; 0 faces +x.
        """
        turns = self._trunk(moment, manner)
        for side, sign in (("L", 1.0), ("R", -1.0)):
            turns |= self._leg_turns(moment, manner, side, sign)
        chest = turns["spine01"]
        for side, sign in (("L", 1.0), ("R", -1.0)):
            turns |= self._arm_turns(moment, manner, side, sign, chest)
        bent = self._chain(turns)
        bent[:, 2, 3] -= self._ground(bent, moment)
        return _place(bent, place, heading)

    def _at(self, bone: str) -> Array:
        """Return the (3,) place of a bone's head at rest."""
        return np.asarray(self._heads[self._bone[bone]])

    def _knuckles(self, side: str) -> Array:
        """Return the (3,) axis about which the fingers of a hand bend."""
        across = self._at(f"finger5-1.{side}") - self._at(f"finger2-1.{side}")
        return _unit(_cross(across, self._rest[f"fore.{side}"]))

    def _trunk(self, moment: Moment, manner: Manner) -> dict[str, Array]:
        """Return the turns of hips, spine, neck and head by bone."""
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
        """Return the turns of one leg's bones; `sign` is 1 for the left side and -1 for the right."""
        forward, knee, pitch = self._leg_angles(moment, side)
        out = sign * (manner.apart if moment.activity != "sit" else 0.12)
        thigh = _toward(self._rest[f"thigh.{side}"], _swung(out, forward))
        shin = _toward(thigh @ self._rest[f"shin.{side}"], _swung(out * 0.4, forward - knee)) @ thigh
        foot = _about(2, sign * manner.toes_out) @ _about(0, pitch)
        return {f"upperleg01.{side}": thigh, f"lowerleg01.{side}": shin, f"foot.{side}": foot}

    def _leg_angles(self, moment: Moment, side: str) -> tuple[float, float, float]:
        """Return the angles of thigh (forward), knee (bent) and foot (toes down), in radians."""
        if moment.activity == "sit":
            return 1.45 * moment.seated, (1.45 + (0.1 if side == "L" else -0.05)) * moment.seated, 0.0
        if moment.activity == "stand":
            relaxed = (1 if side == "L" else -1) * np.sin(2 * np.pi * moment.phase)
            return 0.05 + 0.05 * max(0.0, relaxed), 0.06 + 0.18 * max(0.0, relaxed), 0.0
        phase = (moment.phase + (0.0 if side == "L" else 0.5)) % 1.0
        reach = float(np.arcsin(np.clip(moment.stride / (4 * self._leg), 0.05, 0.6)))
        scale = reach / 0.4
        forward = reach * np.cos(2 * np.pi * phase) + 0.07 * scale
        knee = 0.08 + scale * (0.16 * _bump(phase, 0.10, 0.10) + 1.0 * _bump(phase, 0.75, 0.135))
        pitch = scale * (
            -0.35 * _bump(phase, 0.97, 0.07)
            + 0.65 * _bump(phase, 0.58, 0.09)
            + 0.15 * _bump(phase, 0.75, 0.1)
        )
        return float(forward), float(knee), float(pitch)

    def _arm_turns(
        self, moment: Moment, manner: Manner, side: str, sign: float, chest: Array
    ) -> dict[str, Array]:
        """Return the turns of one arm's bones and fingers, given the turn of the chest."""
        upper_direction, fore_direction = self._arm_directions(moment, manner, side, sign)
        upper = chest @ _toward(self._rest[f"upper.{side}"], upper_direction)
        fore = _toward(upper @ self._rest[f"fore.{side}"], chest @ fore_direction) @ upper
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

    def _arm_directions(self, moment: Moment, manner: Manner, side: str, sign: float) -> tuple[Array, Array]:
        """Return the directions of upper arm and forearm in the axes of the chest, two vectors (3,)."""
        hold = manner.left if side == "L" else manner.right
        out = sign * manner.arms_out
        fixed = "lap" if moment.activity == "sit" and hold not in HELD else hold
        if fixed in HELD:
            out_factor, forward, fore = HELD[fixed]
            return _swung(out * out_factor, forward), _unit(np.array(fore) * (sign, 1.0, 1.0))
        if moment.activity == "stand":
            drift = 0.05 * np.sin(2 * np.pi * moment.phase + sign)
            return _swung(out, drift), _swung(out * 0.5, drift + manner.elbow)
        phase = moment.phase + (0.5 if side == "L" else 0.0)
        amount = 0.25 if hold in ("bag", "trolley") else 1.0
        swing = amount * manner.swing * np.cos(2 * np.pi * phase) + 0.02
        if hold == "trolley":
            swing -= 0.35
        elbow = 0.08 if hold in ("bag", "trolley") else manner.elbow + 0.6 * max(0.0, swing)
        return _swung(out, swing), _swung(out * 0.35, swing + elbow)

    def _chain(self, turns: dict[str, Array]) -> Array:
        """Return the (B, 3, 4) matrices of all bones, given the turns of some by name.

        Each bone starts where its parent ends; a bone without a turn moves with its parent.
        """
        matrices = np.empty((len(self._heads), 3, 4))
        turn_of = {self._bone[name]: turn for name, turn in turns.items()}
        for bone, parent in self._order:
            parent_matrix = matrices[parent] if parent >= 0 else np.eye(4)[:3]
            turn = turn_of.get(bone)
            if turn is None:
                matrices[bone] = parent_matrix
                continue
            head = self._heads[bone]
            matrices[bone, :, :3] = turn
            matrices[bone, :, 3] = parent_matrix[:, :3] @ head + parent_matrix[:, 3] - turn @ head
        return matrices

    def _ground(self, bent: Array, moment: Moment) -> float:
        """Return the metres by which the bent body must be lowered to stand on the ground or sit on its seat."""
        feet = [(points, bent[self._bone[f"foot.{side}"], 2]) for side, points in self._soles.items()]
        lowest = min(float((points @ z_row[:3]).min() + z_row[3]) for points, z_row in feet)
        if moment.activity != "sit":
            return lowest - SOLE
        hip = bent[self._bone["pelvis.L"]]
        seated = float((hip[:, :3] @ self._at("pelvis.L") + hip[:, 3])[2]) - moment.seat - self._thigh
        return float((1 - moment.seated) * (lowest - SOLE) + moment.seated * seated)


def _place(bent: Array, place: tuple[float, float], heading: float) -> NDArray[np.float32]:
    """Turn (B, 3, 4) matrices to a heading and move them to a place."""
    turn = _about(2, heading + np.pi / 2)
    matrices = np.einsum("ij,bjk->bik", turn, bent)
    matrices[:, 0, 3] += place[0]
    matrices[:, 1, 3] += place[1]
    return np.asarray(matrices, np.float32)


def rigid_matrix(place: tuple[float, float], heading: float, height: float = 0.0) -> NDArray[np.float32]:
    """Return the (1, 3, 4) matrix that puts a rigid object at a place, a heading and a height above the ground."""
    matrix = _place(np.eye(4)[None, :3], place, heading)
    matrix[:, 2, 3] += height
    return matrix


def _swung(out: float, forward: float) -> Array:
    """Return the (3,) direction of a limb that hangs down and swings outward and forward by two angles."""
    return _unit(np.array([np.sin(out), -np.sin(forward), -np.cos(forward)]))


def _bump(phase: float, middle: float, width: float) -> float:
    """Return a bell curve over the gait cycle: 1 at `middle`, falling off on both sides; phases wrap at 1."""
    distance = (phase - middle + 0.5) % 1.0 - 0.5
    return float(np.exp(-((distance / width) ** 2)))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _cross(first: Array, second: Array) -> Array:
    """Return the cross product of two vectors (3,), ten times as fast as `np.cross`, which is made for many."""
    (a, b, c), (x, y, z) = first.tolist(), second.tolist()
    return np.array((b * z - c * y, c * x - a * z, a * y - b * x))


def _about(axis: int, angle: float) -> Array:
    """Return the (3, 3) rotation about x, y or z."""
    cosine, sine = np.cos(angle), np.sin(angle)
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    turn = np.eye(3)
    turn[i, i] = turn[j, j] = cosine
    turn[i, j], turn[j, i] = -sine, sine
    return turn


def _around(axis: Array, angle: float) -> Array:
    """Return the (3, 3) rotation about any axis of length 1 (Rodrigues' formula)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross))


def _toward(start: Array, end: Array) -> Array:
    """Return the (3, 3) smallest rotation that takes one direction to another."""
    axis = _cross(start, end)
    sine, cosine = float(np.linalg.norm(axis)), float(start @ end)
    return np.eye(3) if sine < 1e-9 else _around(axis / sine, float(np.arctan2(sine, cosine)))

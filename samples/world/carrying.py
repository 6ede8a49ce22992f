"""Things that people carry, push and wear on their heads, and their attachment to a posed body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.bodies import bodies
from samples.world.dressing import Dressed
from samples.world.fabrics import Colour
from samples.world.looks import Carried, Hair
from samples.world.mesh import Part
from samples.world.props import bags, headgear, phone, rolling, umbrella
from samples.world.props.cloth import Colour as Paint
from samples.world.shapes import mirrored

Matrices = NDArray[np.float32]
HEADGEAR: dict[str, Callable[[headgear.Head, Paint, Paint], Part]] = {
    "cap": headgear.cap,
    "beanie": headgear.beanie,
    "hat": headgear.wide_hat,
    "hood": headgear.hood_down,
    "scarf": headgear.scarf,
}
HANDBAGS: tuple[Callable[[float, Paint, Paint], Part], ...] = (
    lambda size, colour, accent: bags.handbag(0.30 * size, colour, accent),
    lambda size, colour, accent: bags.shopping_bag(0.38 * size, colour, accent),
    lambda size, colour, accent: bags.briefcase(min(0.48, 0.42 * size), colour, accent),
)

UNDER_HATS: dict[Hair, float] = {
    "bald": 0.0, "cropped": 0.003, "short": 0.012, "bob": 0.016, "long": 0.014, "bun": 0.01,
}  # fmt: skip
"""Metres between the skull and a hat, by hair style."""


@dataclass(frozen=True)
class Hung:
    """A thing and its attachment to the body."""

    kind: str
    """Kind of `looks.Carried`, or "bicycle" or "pram"."""
    part: Part
    bone: str
    """Name of the bone that carries the thing; empty for a thing that stands on the ground."""
    anchor: tuple[float, float, float]
    """Point of attachment on the body in its rest pose, in metres."""
    upright: bool
    """Whether the thing stays upright when the bone turns, as a bag in a hand does."""
    level: float | None = None
    """Constant height above the ground in metres; None follows the bone."""

    def matrix(self, bent: Matrices, root: Matrices) -> Matrices:
        """Return the (1, 3, 4) matrix from the thing to the world.

        Args:
            bent: (B, 3, 4) matrices of the person's bones.
            root: (1, 3, 4) matrix of the person's place and heading on the ground.
        """
        if not self.bone:
            return root
        bone = bent[bodies().bones[self.bone]]
        position = bone[:, :3] @ np.asarray(self.anchor, np.float32) + bone[:, 3]
        if self.level is not None:
            position[2] = self.level
        turn = root[0, :, :3] if self.upright else bone[:, :3]
        return np.asarray(np.column_stack([turn, position])[None], np.float32)


def hang(person: Dressed, *, rain: bool) -> list[Hung]:
    """Return the things that a person carries, wears or pushes; an umbrella only in the rain."""
    look = person.look
    things = [_hung(person, thing) for thing in look.carried if thing.kind != "umbrella" or rain]
    accent = _rgb(look.bottom.cloth.colours[1])
    if look.pushes == "bicycle":
        bicycle = rolling.bicycle(_rgb(look.top.cloth.colours[2]), accent)
        # the prop is on the left of the person; the simulation expects it on the right
        part = replace(bicycle, mesh=mirrored(bicycle.mesh))
        things.append(Hung(look.pushes, part, bone="", anchor=(0, 0, 0), upright=True))
    elif look.pushes == "pram":
        pram = rolling.pram(_rgb(look.top.cloth.colours[3]), accent)
        things.append(Hung(look.pushes, pram, bone="", anchor=(0, 0, 0), upright=True))
    return things


def _hung(person: Dressed, thing: Carried) -> Hung:
    """Attach a thing to the head, the trunk or the right hand."""
    if thing.kind in HEADGEAR:
        return _on_head(person, thing)
    if thing.kind in ("backpack", "satchel"):
        return _on_trunk(person, thing)
    colour, accent = _rgb(thing.colour), _rgb(thing.accent)
    makers: dict[str, Callable[[], Part]] = {
        "bag": partial(HANDBAGS[person.look.seed % len(HANDBAGS)], thing.size, colour, accent),
        "trolley": partial(bags.suitcase, 0.58 * thing.size, colour, accent),
        "umbrella": partial(umbrella.umbrella, colour, accent),
        "phone": phone.phone,
    }
    x, y, z = person.figure.heads[bodies().bones["finger3-2.R"]]
    level = 0.75 if thing.kind == "trolley" else None
    return Hung(thing.kind, makers[thing.kind](), bone="wrist.R", anchor=(x, y, z), upright=True, level=level)


def _on_trunk(person: Dressed, thing: Carried) -> Hung:
    """Attach a backpack to the upper back, or a satchel to the left hip."""
    heads, bones = person.figure.heads, bodies().bones
    colour, accent = _rgb(thing.colour), _rgb(thing.accent)
    if thing.kind == "backpack":
        height = float(heads[bones["spine01"]][2]) + 0.04
        part = bags.backpack(0.45 * thing.size, colour, accent)
        back = _back(person, height + 0.02)
        return Hung(thing.kind, part, bone="spine01", anchor=(0, back, height), upright=False)
    _, y, z = heads[bones["upperleg01.L"]]
    points = person.figure.points
    hip_edge = float(points[(np.abs(points[:, 2] - z) < 0.06) & (np.abs(points[:, 0]) < 0.24), 0].max())
    strap: Literal["across", "beside"] = "across" if person.look.seed % 2 else "beside"
    part = bags.shoulder_bag(0.35 * thing.size, colour, accent, strap)
    anchor = (hip_edge + 0.03, float(y), float(z) + 0.05)
    return Hung(thing.kind, part, bone="spine05", anchor=anchor, upright=False)


def _on_head(person: Dressed, thing: Carried) -> Hung:
    """Put headgear on; a hood has the colour of the garment that it belongs to."""
    garment = person.look.outer or person.look.top
    colour = _rgb(garment.cloth.colours[0] if thing.kind == "hood" else thing.colour)
    centre, half = _head(person)
    bone = "spine01" if thing.kind in ("hood", "scarf") else "head"
    part = HEADGEAR[thing.kind](half, colour, _rgb(thing.accent))
    return Hung(thing.kind, part, bone, centre, upright=False)


def _head(person: Dressed) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the centre and the half sizes of a head with its hair."""
    world, figure = bodies(), person.figure
    points = figure.points[world.patches["body", "head"].points]
    chin = points[:, 2].max() - 0.135 * (figure.points[:, 2].max() - figure.points[:, 2].min())
    skull = points[points[:, 2] > chin]
    low, high = skull.min(0), skull.max(0)
    low[2] = chin
    return _three((low + high) / 2), _three((high - low) / 2 + UNDER_HATS[person.look.hair])


def _back(person: Dressed, height: float) -> float:
    """Return the y coordinate of the clothed back at a height, in metres."""
    mesh = person.body.mesh
    near = (np.abs(mesh.points[:, 0]) < 0.1) & (np.abs(mesh.points[:, 2] - height) < 0.08)
    return float(mesh.points[near, 1].max())


def _three(point: NDArray[np.floating]) -> tuple[float, float, float]:
    """Convert a (3,) point to a tuple."""
    x, y, z = (float(value) for value in point)
    return x, y, z


def _rgb(colour: Colour) -> tuple[int, int, int]:
    """Round a colour down to integers from 0 to 255."""
    red, green, blue = (int(np.clip(channel, 0, 255)) for channel in colour)
    return red, green, blue

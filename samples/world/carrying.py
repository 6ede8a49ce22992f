"""What people carry, push and wear on their heads: which thing hangs where on a bent body."""

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
"""Metres that hair keeps a hat off the skull."""


@dataclass(frozen=True)
class Hung:
    """A thing and where it hangs."""

    kind: str
    """Of `looks.Carried`, or what is pushed."""
    part: Part
    bone: str
    """"" stands on the ground where the person stands."""
    anchor: tuple[float, float, float]
    """On the body at rest, in metres."""
    upright: bool
    """Whether it keeps upright whatever the bone does, as what hangs from a hand does."""
    level: float | None = None
    """Height above the ground that it keeps, in metres."""

    def matrix(self, bent: Matrices, root: Matrices) -> Matrices:
        """(1, 3, 4): takes the thing to the world. `bent` is the person's, `root` puts down what stands beside."""
        if not self.bone:
            return root
        bone = bent[bodies().bones[self.bone]]
        at = bone[:, :3] @ np.asarray(self.anchor, np.float32) + bone[:, 3]
        if self.level is not None:
            at[2] = self.level
        turn = root[0, :, :3] if self.upright else bone[:, :3]
        return np.asarray(np.column_stack([turn, at])[None], np.float32)


def hang(person: Dressed, *, rain: bool) -> list[Hung]:
    """Give a person's things; an umbrella only in the rain."""
    look = person.look
    out = [_hung(person, thing) for thing in look.carried if thing.kind != "umbrella" or rain]
    accent = _rgb(look.bottom.cloth.colours[1])
    if look.pushes == "bicycle":
        left = rolling.bicycle(_rgb(look.top.cloth.colours[2]), accent)
        out.append(Hung(look.pushes, replace(left, mesh=mirrored(left.mesh)), "", (0, 0, 0), True))
    elif look.pushes == "pram":
        pram = rolling.pram(_rgb(look.top.cloth.colours[3]), accent)
        out.append(Hung(look.pushes, pram, "", (0, 0, 0), True))
    return out


def _hung(person: Dressed, thing: Carried) -> Hung:
    if thing.kind in HEADGEAR:
        return _on_head(person, thing)
    if thing.kind in ("backpack", "satchel"):
        return _on_trunk(person, thing)
    colour, accent = _rgb(thing.colour), _rgb(thing.accent)
    make: dict[str, Callable[[], Part]] = {
        "bag": partial(HANDBAGS[person.look.seed % len(HANDBAGS)], thing.size, colour, accent),
        "trolley": partial(bags.suitcase, 0.58 * thing.size, colour, accent),
        "umbrella": partial(umbrella.umbrella, colour, accent),
        "phone": phone.phone,
    }
    x, y, z = person.figure.heads[bodies().bones["finger3-2.R"]]
    level = 0.75 if thing.kind == "trolley" else None
    return Hung(thing.kind, make[thing.kind](), "wrist.R", (x, y, z), True, level)


def _on_trunk(person: Dressed, thing: Carried) -> Hung:
    heads, bones = person.figure.heads, bodies().bones
    colour, accent = _rgb(thing.colour), _rgb(thing.accent)
    if thing.kind == "backpack":
        height = float(heads[bones["spine01"]][2]) + 0.04
        part = bags.backpack(0.45 * thing.size, colour, accent)
        return Hung(thing.kind, part, "spine01", (0, _behind(person, height + 0.02), height), False)
    _, y, z = heads[bones["upperleg01.L"]]
    hip = person.figure.points
    wide = float(hip[(np.abs(hip[:, 2] - z) < 0.06) & (np.abs(hip[:, 0]) < 0.24), 0].max())
    way: Literal["across", "beside"] = "across" if person.look.seed % 2 else "beside"
    part = bags.shoulder_bag(0.35 * thing.size, colour, accent, way)
    return Hung(thing.kind, part, "spine05", (wide + 0.03, float(y), float(z) + 0.05), False)


def _on_head(person: Dressed, thing: Carried) -> Hung:
    worn = person.look.outer or person.look.top
    colour = _rgb(worn.cloth.colours[0] if thing.kind == "hood" else thing.colour)
    centre, half = _head(person)
    bone = "spine01" if thing.kind in ("hood", "scarf") else "head"
    return Hung(
        thing.kind, HEADGEAR[thing.kind](half, colour, _rgb(thing.accent)), bone, centre, upright=False
    )


def _head(person: Dressed) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Centre and half sizes of a head, with its hair."""
    world, figure = bodies(), person.figure
    points = figure.points[world.patches["body", "head"].points]
    chin = points[:, 2].max() - 0.135 * (figure.points[:, 2].max() - figure.points[:, 2].min())
    skull = points[points[:, 2] > chin]
    low, high = skull.min(0), skull.max(0)
    low[2] = chin
    return _three((low + high) / 2), _three((high - low) / 2 + UNDER_HATS[person.look.hair])


def _behind(person: Dressed, height: float) -> float:
    """How far the back reaches at a height, clothes included."""
    mesh = person.body.mesh
    near = (np.abs(mesh.points[:, 0]) < 0.1) & (np.abs(mesh.points[:, 2] - height) < 0.08)
    return float(mesh.points[near, 1].max())


def _three(point: NDArray[np.floating]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in point)
    return x, y, z


def _rgb(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (int(np.clip(x, 0, 255)) for x in colour)
    return r, g, b

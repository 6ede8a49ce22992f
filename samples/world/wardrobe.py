"""Who somebody is to look at, drawn from a number.

Training, validation and test people never share a garment, and some patterns hang in one wardrobe only: see `WARDROBES`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.random import Generator

from samples.world.bodies import Shape
from samples.world.colours import DARK, GREY, HAIR, PALE, between, opposite, shade
from samples.world.fabrics import Colour
from samples.world.looks import Bottom, Carried, Hair, Look, Pushed, Top
from samples.world.postures import Hold, Manner
from samples.world.tailor import Tailor, pick

Wardrobe = Literal["train", "validation", "test"]
Difference = Literal["bag", "shoes", "hair", "print", "headgear"]
DIFFERENCES: tuple[Difference, ...] = ("bag", "shoes", "hair", "print", "headgear")
"""In what a twin can differ."""
WARDROBES: dict[Wardrobe, tuple[str, ...]] = {
    "train": (
        "plain", "plain", "plain", "heather", "hoops", "pinstripes", "gingham", "tartan", "dots", "camouflage", "flowers",
        "fading", "blocks", "scribble", "marble", "quilted", "uneven_hoops", "halves",
    ),
    "validation": ("plain", "plain", "heather", "herringbone", "uneven_hoops", "hoops", "tartan", "quilted"),
    "test": ("plain", "plain", "plain", "heather", "diamonds", "gingham", "hoops", "flowers", "quilted", "blocks"),
}  # fmt: skip
"""Patterns of each part; herringbone and diamonds are never trained on."""
PLAIN = ("plain", "plain", "plain", "plain", "heather", "hoops", "quilted", "pinstripes")
"""What people wear who do not want to be looked at."""
SALT: dict[Wardrobe, int] = {"train": 0, "validation": 1, "test": 2}
"""Makes one identity another in each wardrobe."""
AGES = {0.36: 0.04, 0.46: 0.05, 0.6: 0.23, 0.67: 0.3, 0.75: 0.19, 0.85: 0.11, 0.95: 0.08}
IN_HAND: dict[str, Hold] = {"bag": "bag", "trolley": "trolley", "umbrella": "umbrella", "phone": "phone"}
"""How the right hand holds what is carried in it."""


def draw_look(identity: int, part: Wardrobe = "train", seed: int = 0) -> Look:
    """Draw a person; the same numbers give the same person."""
    random = np.random.default_rng([seed, SALT[part], identity, 77])
    tailor = _tailor(random, part, [seed, SALT[part], identity, 78])
    female = random.random() < 0.5
    age = pick(random, AGES)
    shape = _shape(random, age, female=female)
    skin = between(PALE, DARK, random.beta(1.2, 1.6))
    hair_colour = _hair_colour(random, age)
    top, outer, bottom = _clothes(random, tailor, female=female)
    carried, manner, pushes = _hands(random, tailor, age)
    hair = tailor.hair(female=female)
    beard = not female and age > 0.5 and bool(random.random() < 0.3)
    shoes, pace = tailor.shoes(), random.uniform(0.95, 1.55)
    return Look(
        shape, skin, hair, hair_colour, beard, top, outer, bottom, shoes, carried, pushes, manner, pace,
        seed=int(random.integers(1 << 30)),
    )  # fmt: skip


def twin(look: Look, other: Look, differs: Difference) -> Look:
    """Dress `other`'s body exactly as `look` is dressed, but for one thing, which differs for certain."""
    shape = replace(look.shape, height=other.shape.height, weight=other.shape.weight)
    same = replace(look, shape=shape, pace=other.pace)
    random = np.random.default_rng([look.seed, other.seed])
    worn = look.outer or look.top
    had = {"shoes": look.shoes[0], "hair": look.hair_colour}.get(differs, worn.cloth.colours[0])
    far = opposite(had, random)
    if differs == "shoes":
        return replace(same, shoes=(far, look.shoes[1], 0.0 if look.shoes[2] > 0 else 0.25))
    if differs == "hair":
        cut: Hair = "long" if look.hair in ("bald", "cropped", "short") else "cropped"
        return replace(same, hair=cut, hair_colour=far)
    if differs == "print":
        colours = (worn.cloth.colours[0], far, far, far)
        cloth = replace(worn.cloth, front=True, back=True, colours=colours, seed=other.seed)
        changed = replace(worn, cloth=cloth, opening=0.0)
        return replace(same, outer=changed) if look.outer else replace(same, top=changed)
    kinds = ("backpack", "satchel") if differs == "bag" else ("cap", "beanie", "hat")
    others = tuple(c for c in look.carried if c.kind not in (*kinds, "trolley" if differs == "bag" else ""))
    own = next((c for c in look.carried if c.kind in kinds), None)
    if own is None:
        own = Carried(kinds[int(random.integers(len(kinds)))], far, far, 1.0)
    return replace(same, carried=(*others, replace(own, colour=far, accent=far)))


def _tailor(random: Generator, part: Wardrobe, seed: list[int]) -> Tailor:
    """Choose who dresses somebody: of those trained on, every other one wears what makes people hard to tell apart."""
    if part == "train" and np.random.default_rng(seed).random() < 0.5:
        return Tailor(random, PLAIN, sober=0.85)
    return Tailor(random, WARDROBES[part])


def _shape(random: Generator, age: float, *, female: bool) -> Shape:
    return Shape(
        gender=float(np.clip((0.08 if female else 0.92) + random.normal(0, 0.06), 0, 1)),
        age=age,
        muscle=random.uniform(0.3, 0.75),
        weight=float(np.clip(random.normal(0.52, 0.18), 0.15, 0.95)),
        height=float(np.clip(random.normal(0.42, 0.11), 0.15, 0.7)),
        proportions=random.uniform(0.4, 0.9),
    )


def _hair_colour(random: Generator, age: float) -> Colour:
    greys = age > 0.8 and random.random() < 0.75
    return shade(GREY if greys else pick(random, HAIR), random)


def _clothes(random: Generator, tailor: Tailor, *, female: bool) -> tuple[Top, Top | None, Bottom]:
    """Draw a top, something over it or not, and trousers or a skirt; a dress is a top and a skirt of one cloth."""
    dress = female and random.random() < 0.10
    top = tailor.top(female=female)
    outer = tailor.outer() if random.random() < 0.42 else None
    if dress:
        bottom, cut = tailor.skirt(), tailor.cloth()
        top = replace(top, cloth=cut, sleeves=cut, hem=0.08, ease=0.006, hang=0.15)
        return top, outer, replace(bottom, cloth=cut)
    return top, outer, tailor.skirt() if female and random.random() < 0.22 else tailor.trousers()


def _hands(random: Generator, tailor: Tailor, age: float) -> tuple[tuple[Carried, ...], Manner, Pushed]:
    """Draw what is carried and pushed, and a manner whose hands hold it."""
    carried, manner, pushes = tailor.carried(), tailor.manner(), _pushed(random, age)
    if pushes:
        left: Hold = "push" if pushes == "pram" else manner.left
        manner = replace(manner, left=left, right="push", swing=0.2)
        carried = tuple(c for c in carried if c.kind not in ("bag", "trolley", "umbrella"))
    for c in carried:
        manner = replace(manner, right=IN_HAND.get(c.kind, manner.right))
    return carried, manner, pushes


def _pushed(random: Generator, age: float) -> Pushed:
    if random.random() >= 0.06 or age <= 0.5:
        return ""
    return "bicycle" if random.random() < 0.5 else "pram"

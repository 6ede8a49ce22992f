"""Random looks of people, drawn from their identity numbers.

Training, validation and test people never share a garment, and each part has patterns that the others lack; see
`WARDROBES`.
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
"""Ways in which a twin can differ."""
WARDROBES: dict[Wardrobe, tuple[str, ...]] = {
    "train": (
        "plain", "plain", "plain", "heather", "hoops", "pinstripes", "gingham", "tartan", "dots", "camouflage", "flowers",
        "fading", "blocks", "scribble", "marble", "quilted", "uneven_hoops", "halves",
    ),
    "validation": ("plain", "plain", "heather", "herringbone", "uneven_hoops", "hoops", "tartan", "quilted"),
    "test": ("plain", "plain", "plain", "heather", "diamonds", "gingham", "hoops", "flowers", "quilted", "blocks"),
}  # fmt: skip
"""Patterns of each part; a repeated pattern is more frequent. Herringbone and diamonds are absent from training."""
PLAIN = ("plain", "plain", "plain", "plain", "heather", "hoops", "quilted", "pinstripes")
"""Patterns of inconspicuous clothes."""
SALT: dict[Wardrobe, int] = {"train": 0, "validation": 1, "test": 2}
"""Part of the seed that makes one identity number a different person in each wardrobe."""
AGES = {0.36: 0.04, 0.46: 0.05, 0.6: 0.23, 0.67: 0.3, 0.75: 0.19, 0.85: 0.11, 0.95: 0.08}
"""Share of people of each age, as `Shape.age` counts it."""
IN_HAND: dict[str, Hold] = {"bag": "bag", "trolley": "trolley", "umbrella": "umbrella", "phone": "phone"}
"""Hold of the right hand for each thing that is carried in it."""


def draw_look(identity: int, part: Wardrobe = "train", seed: int = 0) -> Look:
    """Draw the look of a person. The same arguments give the same look."""
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


def twin(look: Look, other: Look, difference: Difference) -> Look:
    """Return a twin of `look`: the same look with one difference, and with the height, weight and pace of `other`."""
    shape = replace(look.shape, height=other.shape.height, weight=other.shape.weight)
    same = replace(look, shape=shape, pace=other.pace)
    random = np.random.default_rng([look.seed, other.seed])
    outermost = look.outer or look.top
    old_colour = {"shoes": look.shoes[0], "hair": look.hair_colour}.get(
        difference, outermost.cloth.colours[0]
    )
    new_colour = opposite(old_colour, random)
    if difference == "shoes":
        shaft = 0.0 if look.shoes[2] > 0 else 0.25
        return replace(same, shoes=(new_colour, look.shoes[1], shaft))
    if difference == "hair":
        hair: Hair = "long" if look.hair in ("bald", "cropped", "short") else "cropped"
        return replace(same, hair=hair, hair_colour=new_colour)
    if difference == "print":
        colours = (outermost.cloth.colours[0], new_colour, new_colour, new_colour)
        cloth = replace(outermost.cloth, front=True, back=True, colours=colours, seed=other.seed)
        printed = replace(outermost, cloth=cloth, opening=0.0)
        return replace(same, outer=printed) if look.outer else replace(same, top=printed)
    kinds = ("backpack", "satchel") if difference == "bag" else ("cap", "beanie", "hat")
    removed = (*kinds, "trolley") if difference == "bag" else kinds
    kept = tuple(thing for thing in look.carried if thing.kind not in removed)
    changed = next((thing for thing in look.carried if thing.kind in kinds), None)
    if changed is None:
        changed = Carried(kinds[int(random.integers(len(kinds)))], new_colour, new_colour, 1.0)
    return replace(same, carried=(*kept, replace(changed, colour=new_colour, accent=new_colour)))


def _tailor(random: Generator, part: Wardrobe, seed: list[int]) -> Tailor:
    """Return the tailor of one person. Half of the training people get inconspicuous clothes that look alike."""
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
    is_grey = age > 0.8 and random.random() < 0.75
    return shade(GREY if is_grey else pick(random, HAIR), random)


def _clothes(random: Generator, tailor: Tailor, *, female: bool) -> tuple[Top, Top | None, Bottom]:
    """Draw a top, perhaps an outer garment, and trousers or a skirt. A dress is a top and a skirt of one cloth."""
    dress = female and random.random() < 0.10
    top = tailor.top(female=female)
    outer = tailor.outer() if random.random() < 0.42 else None
    if dress:
        skirt, cloth = tailor.skirt(), tailor.cloth()
        top = replace(top, cloth=cloth, sleeves=cloth, hem=0.08, ease=0.006, hang=0.15)
        return top, outer, replace(skirt, cloth=cloth)
    return top, outer, tailor.skirt() if female and random.random() < 0.22 else tailor.trousers()


def _hands(random: Generator, tailor: Tailor, age: float) -> tuple[tuple[Carried, ...], Manner, Pushed]:
    """Draw the carried things, the manner whose hands hold them, and a bicycle, a pram or nothing to push."""
    carried, manner, pushes = tailor.carried(), tailor.manner(), _pushed(random, age)
    if pushes:
        left: Hold = "push" if pushes == "pram" else manner.left
        manner = replace(manner, left=left, right="push", swing=0.2)
        carried = tuple(thing for thing in carried if thing.kind not in ("bag", "trolley", "umbrella"))
    for thing in carried:
        manner = replace(manner, right=IN_HAND.get(thing.kind, manner.right))
    return carried, manner, pushes


def _pushed(random: Generator, age: float) -> Pushed:
    if random.random() >= 0.06 or age <= 0.5:
        return ""
    return "bicycle" if random.random() < 0.5 else "pram"

"""Who somebody is to look at: build, skin, hair, clothes and what is carried, drawn from a seed.

Training, validation and test people are dressed from wardrobes that share no cut and palette together: see `WARDROBES`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.random import Generator

from samples.world.bodies import Shape
from samples.world.fabrics import Colour
from samples.world.postures import Hold, Manner

Wardrobe = Literal["train", "validation", "test"]
Hair = Literal["bald", "cropped", "short", "bob", "long", "bun"]
Neck = Literal["round", "vee", "collar", "high"]


@dataclass(frozen=True)
class Cloth:
    """What a garment is made of."""

    pattern: str
    """A key of `fabrics.PATTERNS`."""
    colours: tuple[Colour, ...]
    """Four, RGB from 0 to 255."""
    seed: int
    front: bool = False
    """Whether something is printed on the chest."""
    back: bool = False


@dataclass(frozen=True)
class Top:
    """A garment of the trunk. Lengths along the body; heights in metres on an average body, hips at 0."""

    cloth: Cloth
    sleeves: Cloth
    sleeve: float
    """Share of the arm that is covered; 0 has none."""
    hem: float
    """Height of its lower edge: 0.1 waist, -0.05 crotch, -0.35 knee."""
    neck: Neck
    ease: float
    """Metres between it and the body."""
    hang: float
    """0 follows the body, 1 hangs straight from chest and shoulders."""
    flare: float = 0.05
    opening: float = 0.0
    """Half the angle, in radians, that it stands open in front; 0 is closed."""
    trim: Colour | None = None
    """A zip, buttons, a hem of another colour."""
    cuff: bool = False
    """Whether its sleeves are rolled up."""


@dataclass(frozen=True)
class Bottom:
    """Trousers, or a skirt."""

    kind: Literal["trousers", "skirt"]
    cloth: Cloth
    length: float
    """Of the leg, from the waist: 1 ankle, 0.5 knee."""
    ease: float
    hem: float
    """Radius at the ankle, or flare of a skirt, in metres."""
    stripe: Colour | None = None
    """Down the side."""


@dataclass(frozen=True)
class Carried:
    """One thing carried or worn over the clothes; `kind` is a key of `carrying.CARRIED`."""

    kind: str
    colour: Colour
    accent: Colour
    size: float


@dataclass(frozen=True)
class Look:
    """One identity."""

    shape: Shape
    skin: Colour
    hair: Hair
    hair_colour: Colour
    beard: bool
    top: Top
    outer: Top | None
    bottom: Bottom
    shoes: tuple[Colour, Colour, float]
    """Colour, sole, height of the shaft as a share of the leg."""
    carried: tuple[Carried, ...]
    pushes: Literal["", "bicycle", "pram"]
    manner: Manner
    pace: float
    """Metres a second."""
    seed: int
    """Of creases and grain."""


_BASE = (
    (22, 22, 26), (238, 238, 236), (122, 124, 128), (64, 66, 74), (28, 38, 78), (44, 84, 160), (112, 168, 210),
    (158, 32, 38), (212, 62, 52), (224, 122, 44), (232, 200, 74), (52, 108, 62), (96, 104, 62), (112, 78, 52),
    (186, 156, 116), (220, 206, 176), (120, 62, 122), (226, 150, 172), (42, 130, 136), (78, 22, 36),
)  # fmt: skip
_SOBER = (
    (20, 20, 24),
    (30, 34, 48),
    (60, 62, 68),
    (104, 106, 110),
    (52, 46, 42),
    (84, 78, 70),
    (230, 230, 228),
    (40, 52, 74),
)

WARDROBES: dict[Wardrobe, tuple[str, ...]] = {
    "train": (
        "plain", "plain", "plain", "heather", "hoops", "pinstripes", "gingham", "tartan", "dots", "camouflage", "flowers",
        "fading", "blocks", "scribble", "marble", "quilted", "uneven_hoops", "halves",
    ),
    "validation": ("plain", "plain", "heather", "herringbone", "uneven_hoops", "hoops", "tartan", "quilted"),
    "test": ("plain", "plain", "plain", "heather", "diamonds", "gingham", "hoops", "flowers", "quilted", "blocks"),
}  # fmt: skip
"""Patterns of each part; herringbone and diamonds are never trained on."""
_OFFSET: dict[Wardrobe, int] = {"train": 0, "validation": 1, "test": 2}


def draw_look(identity: int, part: Wardrobe = "train", seed: int = 0) -> Look:
    """Draw a person; the same numbers give the same person."""
    random = np.random.default_rng([seed, _OFFSET[part], identity, 77])
    female = random.random() < 0.5
    age = float(
        random.choice([0.36, 0.46, 0.6, 0.67, 0.75, 0.85, 0.95], p=[0.04, 0.05, 0.23, 0.3, 0.19, 0.11, 0.08])
    )
    shape = Shape(
        gender=float(np.clip((0.08 if female else 0.92) + random.normal(0, 0.06), 0, 1)),
        age=age,
        muscle=float(random.uniform(0.3, 0.75)),
        weight=float(np.clip(random.normal(0.52, 0.18), 0.15, 0.95)),
        height=float(np.clip(random.normal(0.42, 0.11), 0.15, 0.7)),
        proportions=float(random.uniform(0.4, 0.9)),
    )
    tone = float(random.beta(1.2, 1.6))
    skin = _between((236, 192, 164), (74, 46, 32), tone)
    greys = age > 0.8 and random.random() < 0.75
    hair_colour = _shade(
        (168, 166, 162) if greys else _HAIR[int(random.choice(6, p=[0.36, 0.26, 0.17, 0.1, 0.05, 0.06]))],
        random,
    )
    cloth = _Tailor(random, part)
    dress = female and random.random() < 0.10
    top = cloth.top(female)
    outer = cloth.outer() if random.random() < 0.42 else None
    bottom = cloth.bottom(female, dress)
    if dress:
        cut = cloth.cloth()
        top = replace(top, cloth=cut, sleeves=cut, hem=0.08, ease=0.006, hang=0.15)
        bottom = replace(bottom, kind="skirt", cloth=cut)
    carried, manner, pushes = cloth.carried(), cloth.manner(), ""
    if random.random() < 0.06 and age > 0.5:
        pushes = "bicycle" if random.random() < 0.5 else "pram"
        manner = replace(manner, left="push" if pushes == "pram" else manner.left, right="push", swing=0.2)
        carried = tuple(c for c in carried if c.kind not in ("bag", "trolley", "umbrella"))
    for c in carried:
        held = {"bag": "bag", "trolley": "trolley", "umbrella": "umbrella", "phone": "phone"}.get(c.kind)
        if held:
            manner = replace(manner, right=held)
    return Look(
        shape, skin, cloth.hair(female), hair_colour, (not female) and age > 0.5 and random.random() < 0.3,
        top, outer, bottom, cloth.shoes(), carried, pushes, manner, float(random.uniform(0.95, 1.55)),  # type: ignore[arg-type]
        int(random.integers(1 << 30)),
    )  # fmt: skip


def twin(look: Look, other: Look, differs: Literal["bag", "shoes", "hair", "print", "headgear"]) -> Look:
    """Dress `other`'s body exactly as `look` is dressed, but for one thing, which differs for certain."""
    same = replace(
        other, top=look.top, outer=look.outer, bottom=look.bottom, shoes=look.shoes, carried=look.carried,
        hair=look.hair, hair_colour=look.hair_colour, skin=look.skin, beard=look.beard, pushes=look.pushes,
        shape=replace(look.shape, height=other.shape.height, weight=other.shape.weight), manner=look.manner,
    )  # fmt: skip
    random = np.random.default_rng([look.seed, other.seed])
    far = _opposite(look, differs, random)
    if differs == "shoes":
        return replace(same, shoes=(far, look.shoes[1], 0.0 if look.shoes[2] > 0 else 0.25))
    if differs == "hair":
        return replace(
            same, hair="long" if look.hair in ("bald", "cropped", "short") else "cropped", hair_colour=far
        )
    if differs == "print":
        worn = look.outer or look.top
        cloth = replace(
            worn.cloth, front=True, back=True, colours=(worn.cloth.colours[0], far, far, far), seed=other.seed
        )
        changed = replace(worn, cloth=cloth, opening=0.0)
        return replace(same, outer=changed) if look.outer else replace(same, top=changed)
    kinds = ("backpack", "satchel") if differs == "bag" else ("cap", "beanie", "hat")
    others = tuple(c for c in look.carried if c.kind not in (*kinds, "trolley" if differs == "bag" else ""))
    had = [c for c in look.carried if c.kind in kinds]
    if had:
        return replace(same, carried=(*others, replace(had[0], colour=far, accent=far)))
    return replace(same, carried=(*others, Carried(kinds[int(random.integers(len(kinds)))], far, far, 1.0)))


_HAIR = ((16, 14, 14), (44, 28, 20), (84, 54, 32), (168, 130, 78), (120, 118, 116), (104, 40, 22))


class _Tailor:
    """Draws garment after garment from one generator."""

    def __init__(self, random: Generator, part: Wardrobe) -> None:
        self._random, self._patterns, self._part = random, WARDROBES[part], part

    def colour(self, sober: float = 0.25) -> Colour:
        random = self._random
        if random.random() < sober:
            return _shade(_SOBER[int(random.integers(len(_SOBER)))], random)
        if random.random() < 0.3:
            hue, strong, bright = random.random(), random.uniform(0.2, 0.95), random.uniform(0.15, 0.95)
            return _of_hue(float(hue), float(strong), float(bright))
        return _shade(_BASE[int(random.integers(len(_BASE)))], random)

    def cloth(
        self, patterns: tuple[str, ...] | None = None, sober: float = 0.2, printed: float = 0.0
    ) -> Cloth:
        random = self._random
        chosen = str(random.choice(patterns or self._patterns))
        return Cloth(
            chosen, tuple(self.colour(sober) for _ in range(4)), int(random.integers(1 << 30)),
            bool(random.random() < printed), bool(random.random() < printed * 0.6),
        )  # fmt: skip

    def top(self, female: bool) -> Top:
        random = self._random
        cloth = self.cloth(printed=0.35)
        contrast = random.random() < 0.15
        sleeve = float(random.choice([0.0, 0.22, 0.36, 0.55, 0.97], p=[0.06, 0.16, 0.28, 0.1, 0.4]))
        return Top(
            cloth, replace(cloth, pattern="plain", colours=cloth.colours[1:] + cloth.colours[:1]) if contrast else cloth,
            sleeve,
            hem=float(random.choice([0.10, 0.03, -0.03, -0.10], p=[0.15, 0.3, 0.4, 0.15])),
            neck=str(random.choice(["round", "vee", "collar", "high"], p=[0.5, 0.15 if female else 0.1, 0.2, 0.15 if female else 0.2])),  # type: ignore[arg-type]
            ease=float(random.uniform(0.006, 0.022)), hang=float(random.uniform(0.1, 0.9)),
            flare=float(random.uniform(0.0, 0.12)), cuff=bool(0.3 < sleeve < 0.7 and random.random() < 0.5),
        )  # fmt: skip

    def outer(self) -> Top:
        random = self._random
        cloth = self.cloth(
            ("plain", "plain", "plain", "quilted", "heather", *self._patterns[3:6], "blocks"),
            sober=0.45,
            printed=0.08,
        )
        hem = float(random.choice([0.06, -0.02, -0.14, -0.38], p=[0.25, 0.4, 0.2, 0.15]))
        return Top(
            cloth, cloth, 0.99 if random.random() < 0.88 else 0.0, hem,
            neck=str(random.choice(["collar", "high"])),  # type: ignore[arg-type]
            ease=float(random.uniform(0.020, 0.042)), hang=float(random.uniform(0.5, 1.0)), flare=float(random.uniform(0.02, 0.2)),
            opening=float(random.choice([0.0, 0.25, 0.5], p=[0.5, 0.25, 0.25])),
            trim=self.colour() if random.random() < 0.5 else None,
        )  # fmt: skip

    def bottom(self, female: bool, dress: bool) -> Bottom:
        random = self._random
        if dress or (female and random.random() < 0.22):
            return Bottom(
                "skirt",
                self.cloth(),
                float(random.choice([0.42, 0.55, 0.75])),
                0.01,
                float(random.uniform(0.0, 0.14)),
            )
        kind = random.random()
        if kind < 0.4:
            shade = float(random.uniform(0.35, 1.3))
            cloth = Cloth(
                "denim",
                (tuple(np.clip(np.array([66, 88, 128]) * shade, 8, 235)),) * 4,
                int(random.integers(1 << 30)),
            )  # type: ignore[arg-type]
        else:
            odd = random.random() < 0.12
            cloth = self.cloth(None if odd else ("plain", "plain", "heather"), sober=0.6)
        length = float(random.choice([0.99, 0.88, 0.62, 0.5, 0.36], p=[0.68, 0.1, 0.04, 0.12, 0.06]))
        stripe = self.colour() if random.random() < 0.1 else None
        return Bottom(
            "trousers",
            cloth,
            length,
            float(random.uniform(0.004, 0.022)),
            float(random.uniform(0.05, 0.1)),
            stripe,
        )

    def shoes(self) -> tuple[Colour, Colour, float]:
        sole = (235.0, 235.0, 230.0) if self._random.random() < 0.45 else (30.0, 28.0, 26.0)
        return self.colour(0.55), sole, float(self._random.choice([0.0, 0.12, 0.3], p=[0.72, 0.18, 0.1]))

    def hair(self, female: bool) -> Hair:
        shares = [0.0, 0.04, 0.16, 0.27, 0.38, 0.15] if female else [0.12, 0.33, 0.43, 0.05, 0.05, 0.02]
        return str(self._random.choice(["bald", "cropped", "short", "bob", "long", "bun"], p=shares))  # type: ignore[return-value]

    def carried(self) -> tuple[Carried, ...]:
        random = self._random
        likely = {"backpack": 0.24, "satchel": 0.14, "bag": 0.16, "trolley": 0.04, "cap": 0.11, "beanie": 0.06, "hat": 0.04,
                  "hood": 0.1, "scarf": 0.08, "phone": 0.07, "umbrella": 0.25}  # fmt: skip
        out = [
            Carried(kind, self.colour(0.35), self.colour(), float(random.uniform(0.75, 1.2)))
            for kind, chance in likely.items()
            if random.random() < chance
        ]
        return tuple(
            _at_most_one(
                out,
                ("cap", "beanie", "hat"),
                ("bag", "trolley", "phone", "umbrella"),
                ("backpack", "satchel"),
                ("hood", "scarf"),
            )
        )

    def manner(self) -> Manner:
        random = self._random
        holds: tuple[Hold, ...] = ("", "pocket", "phone", "strap")
        chance = [0.8, 0.09, 0.06, 0.05]
        return Manner(
            swing=float(random.uniform(0.15, 0.55)), elbow=float(random.uniform(0.12, 0.45)),
            lean=float(random.uniform(-0.01, 0.1)), sway=float(random.uniform(0.02, 0.12)),
            apart=float(random.uniform(0.02, 0.08)), arms_out=float(random.uniform(0.12, 0.24)),
            toes_out=float(random.uniform(0.0, 0.3)), left=str(random.choice(holds, p=chance)), right=str(random.choice(holds, p=chance)),  # type: ignore[arg-type]
            bob=float(random.choice([0.0, 0.1, 0.35], p=[0.7, 0.2, 0.1])),
        )  # fmt: skip


def _at_most_one(things: list[Carried], *groups: tuple[str, ...]) -> list[Carried]:
    for group in groups:
        first = next((thing for thing in things if thing.kind in group), None)
        things = [thing for thing in things if thing.kind not in group or thing is first]
    return things


def _opposite(look: Look, differs: str, random: Generator) -> Colour:
    """A colour that cannot be mistaken for the one it replaces."""
    had = {"shoes": look.shoes[0], "hair": look.hair_colour}.get(
        differs, (look.outer or look.top).cloth.colours[0]
    )
    bright = np.mean(had) < 110
    return _of_hue(float(random.random()), 0.85 if bright else 0.5, 0.95 if bright else 0.12)


def _between(first: Colour, second: Colour, share: float) -> Colour:
    a, b = np.asarray(first), np.asarray(second)
    return tuple(float(x) for x in a * (1 - share) + b * share)  # type: ignore[return-value]


def _shade(colour: Colour, random: Generator) -> Colour:
    moved = np.asarray(colour) * random.uniform(0.8, 1.15) + random.normal(0, 6, 3)
    return tuple(float(x) for x in np.clip(moved, 6, 248))  # type: ignore[return-value]


def _of_hue(hue: float, strong: float, bright: float) -> Colour:
    spread = np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    full = np.clip(spread, 0, 1)
    return tuple(float(x) for x in 255 * bright * (1 - strong + strong * full))  # type: ignore[return-value]

"""Random garments, bags, haircuts and manners, drawn with the frequencies of an ordinary street."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from samples.world.colours import of_dye
from samples.world.fabrics import Colour
from samples.world.looks import Bottom, Carried, Cloth, Hair, Neck, Top
from samples.world.postures import Hold, Manner

Option = TypeVar("Option")

# Tables of option: share. The shares of each table sum to 1, except for CARRIED.
SLEEVES = {0.0: 0.06, 0.22: 0.16, 0.36: 0.28, 0.55: 0.1, 0.97: 0.4}
HEMS = {0.10: 0.15, 0.03: 0.3, -0.03: 0.4, -0.10: 0.15}
OUTER_HEMS = {0.06: 0.25, -0.02: 0.4, -0.14: 0.2, -0.38: 0.15}
OPENINGS = {0.0: 0.5, 0.25: 0.25, 0.5: 0.25}
LEGS = {0.99: 0.68, 0.88: 0.1, 0.62: 0.04, 0.5: 0.12, 0.36: 0.06}
SHAFTS = {0.0: 0.72, 0.12: 0.18, 0.3: 0.1}
NECKS_OF_WOMEN: dict[Neck, float] = {"round": 0.5, "vee": 0.15, "collar": 0.2, "high": 0.15}
NECKS_OF_MEN: dict[Neck, float] = {"round": 0.5, "vee": 0.1, "collar": 0.2, "high": 0.2}
HAIR_OF_WOMEN: dict[Hair, float] = {
    "bald": 0.0, "cropped": 0.04, "short": 0.16, "bob": 0.27, "long": 0.38, "bun": 0.15,
}  # fmt: skip
HAIR_OF_MEN: dict[Hair, float] = {
    "bald": 0.12, "cropped": 0.33, "short": 0.43, "bob": 0.05, "long": 0.05, "bun": 0.02,
}  # fmt: skip
HOLDS: dict[Hold, float] = {"": 0.8, "pocket": 0.09, "phone": 0.06, "strap": 0.05}
BOBS = {0.0: 0.7, 0.1: 0.2, 0.35: 0.1}
CARRIED = {
    "backpack": 0.24, "satchel": 0.14, "bag": 0.16, "trolley": 0.04, "cap": 0.11, "beanie": 0.06, "hat": 0.04,
    "hood": 0.1, "scarf": 0.08, "phone": 0.07, "umbrella": 0.25,
}  # fmt: skip
"""Chance of each thing, independent of the others."""
ONE_OF = (
    ("cap", "beanie", "hat"),
    ("bag", "trolley", "phone", "umbrella"),
    ("backpack", "satchel"),
    ("hood", "scarf"),
)
"""Groups of things of which a person has at most one."""
DENIM = np.array([66, 88, 128])
"""RGB of medium denim."""


class Tailor:
    """Draw the parts of a person's look one after another from one random generator."""

    def __init__(self, random: Generator, patterns: Sequence[str], sober: float = 0.0) -> None:
        """Set the generator, the patterns of all garments, and the smallest chance of a sober colour for anything."""
        self._random, self._patterns, self._sober = random, patterns, sober

    def cloth(self, patterns: Sequence[str] | None = None, sober: float = 0.2, printed: float = 0.0) -> Cloth:
        """Draw the cloth of a garment; `sober` and `printed` are the chances of a sober colour and of a print."""
        random = self._random
        return Cloth(
            str(random.choice(patterns or self._patterns)),
            tuple(self._dye(sober) for _ in range(4)),
            int(random.integers(1 << 30)),
            bool(random.random() < printed),
            bool(random.random() < printed * 0.6),
        )

    def top(self, *, female: bool) -> Top:
        """Draw a shirt or a pullover."""
        random = self._random
        cloth = self.cloth(printed=0.35)
        contrasting = replace(cloth, pattern="plain", colours=cloth.colours[1:] + cloth.colours[:1])
        sleeves = contrasting if random.random() < 0.15 else cloth
        sleeve = pick(random, SLEEVES)
        return Top(
            cloth,
            sleeves,
            sleeve,
            hem=pick(random, HEMS),
            neck=pick(random, NECKS_OF_WOMEN if female else NECKS_OF_MEN),
            ease=random.uniform(0.006, 0.022),
            hang=random.uniform(0.1, 0.9),
            flare=random.uniform(0.0, 0.12),
            cuff=bool(0.3 < sleeve < 0.7 and random.random() < 0.5),
        )

    def outer(self) -> Top:
        """Draw a jacket, coat or waistcoat."""
        random = self._random
        patterns = ("plain", "plain", "plain", "quilted", "heather", *self._patterns[3:6], "blocks")
        cloth = self.cloth(patterns, sober=0.45, printed=0.08)
        hem = pick(random, OUTER_HEMS)
        return Top(
            cloth,
            cloth,
            0.99 if random.random() < 0.88 else 0.0,
            hem,
            neck="collar" if random.integers(2) == 0 else "high",
            ease=random.uniform(0.020, 0.042),
            hang=random.uniform(0.5, 1.0),
            flare=random.uniform(0.02, 0.2),
            opening=pick(random, OPENINGS),
            trim=self._dye(0.25) if random.random() < 0.5 else None,
        )

    def skirt(self) -> Bottom:
        """Draw a skirt."""
        cloth, length = self.cloth(), float(self._random.choice([0.42, 0.55, 0.75]))
        return Bottom("skirt", cloth, length, 0.01, self._random.uniform(0.0, 0.14))

    def trousers(self) -> Bottom:
        """Draw trousers, long or short."""
        random = self._random
        cloth = self._jeans() if random.random() < 0.4 else self._suiting()
        length = pick(random, LEGS)
        stripe = self._dye(0.25) if random.random() < 0.1 else None
        ease, hem = random.uniform(0.004, 0.022), random.uniform(0.05, 0.1)
        return Bottom("trousers", cloth, length, ease, hem, stripe)

    def shoes(self) -> tuple[Colour, Colour, float]:
        """Draw the colour and the sole colour of shoes, and the height of the shaft as a share of the leg."""
        random = self._random
        sole = (235.0, 235.0, 230.0) if random.random() < 0.45 else (30.0, 28.0, 26.0)
        return self._dye(0.55), sole, pick(random, SHAFTS)

    def hair(self, *, female: bool) -> Hair:
        """Draw a haircut."""
        return pick(self._random, HAIR_OF_WOMEN if female else HAIR_OF_MEN)

    def carried(self) -> tuple[Carried, ...]:
        """Draw the things that a person carries or wears over the clothes."""
        random = self._random
        things = [
            Carried(kind, self._dye(0.35), self._dye(0.25), random.uniform(0.75, 1.2))
            for kind, chance in CARRIED.items()
            if random.random() < chance
        ]
        for group in ONE_OF:
            first = next((thing for thing in things if thing.kind in group), None)
            things = [thing for thing in things if thing.kind not in group or thing is first]
        return tuple(things)

    def manner(self) -> Manner:
        """Draw a way of moving."""
        random = self._random
        return Manner(
            swing=random.uniform(0.15, 0.55),
            elbow=random.uniform(0.12, 0.45),
            lean=random.uniform(-0.01, 0.1),
            sway=random.uniform(0.02, 0.12),
            apart=random.uniform(0.02, 0.08),
            arms_out=random.uniform(0.12, 0.24),
            toes_out=random.uniform(0.0, 0.3),
            left=pick(random, HOLDS),
            right=pick(random, HOLDS),
            bob=pick(random, BOBS),
        )

    def _dye(self, sober: float) -> Colour:
        """Draw a colour; `sober` is the chance of a sober one."""
        return of_dye(self._random, max(sober, self._sober))

    def _jeans(self) -> Cloth:
        """Draw the cloth of jeans."""
        blue = np.clip(DENIM * self._random.uniform(0.35, 1.3), 8, 235)
        return Cloth("denim", ((blue[0], blue[1], blue[2]),) * 4, int(self._random.integers(1 << 30)))

    def _suiting(self) -> Cloth:
        """Draw the cloth of other trousers, mostly plain."""
        any_pattern = self._random.random() < 0.12
        return self.cloth(None if any_pattern else ("plain", "plain", "heather"), sober=0.6)


def pick(random: Generator, shares: Mapping[Option, float]) -> Option:
    """Draw an option with the given shares, which sum to 1."""
    return list(shares)[int(random.choice(len(shares), p=list(shares.values())))]

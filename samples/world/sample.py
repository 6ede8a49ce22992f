"""What is the sample made of? One plan, three cameras: `python -m samples.world sample FOLDER`.

Of all that is drawn by chance only the seed was chosen, by what happens: somebody is out of all views and comes back,
somebody is seen by one camera alone, and twins are together before each. It was the first with which somebody stays
away for over five seconds; since the world changed it is 3.4 s. `samples/plaza/README.md` tells why it was kept.
Cameras look less close than usual, so that each sees most of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from samples.world.footage import Opening, Report, film, silent
from samples.world.production import Plan, open_production
from samples.world.sensor import Sensor, draw_sensor
from samples.world.truth import Frame

PLAN = Plan(
    "plaza",
    "day",
    seed=1,
    people=tuple(range(1, 17)),
    seconds=30.0,
    width=1280,
    height=720,
    wardrobe="test",
    looks=4,
    twins=((8, 7), (12, 11), (14, 13)),
    zoom=1.4,
)
"""Sixteen people; `samples/plaza/README.md` tells what they do."""
RATE, CRF = 8.0, 27


def sensors(seed: int, count: int) -> tuple[Sensor, ...]:
    """Draw ordinary cameras that begin together, with a frame rate and a size for a repository."""
    random = np.random.default_rng([seed, count])
    drawn = (draw_sensor(random, harshness=0.4) for _ in range(count))
    return tuple(replace(one, rate=RATE, crf=CRF, offset=0.0) for one in drawn)


def make_sample(folder: Path, *, workers: int = 1, report: Report = silent) -> list[Frame]:
    """Film `PLAN` into a folder; what `samples/plaza/` holds, byte for byte on the same drawing library."""
    opening = Opening(open_production, PLAN)
    return film(
        opening, sensors(PLAN.seed, PLAN.cameras), folder, seed=PLAN.seed, workers=workers, report=report
    )

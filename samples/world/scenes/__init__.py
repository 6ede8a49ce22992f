"""Places: four kinds of scene, each drawn from a seed."""

from __future__ import annotations

import numpy as np

from samples.world.scene import KINDS, Kind, Scene, Weather
from samples.world.scenes.carpark import carpark
from samples.world.scenes.corridor import corridor
from samples.world.scenes.plaza import plaza
from samples.world.scenes.street import road

BUILDERS = {"plaza": plaza, "street": road, "corridor": corridor, "carpark": carpark}


def scene(
    kind: Kind, weather: Weather, seed: int, *, cameras: int = 3, width: int = 960, height: int = 540
) -> Scene:
    """Build a place: the same arguments give the same bytes.

    Args:
        kind: of place.
        weather: what lights it.
        seed: what everything else is drawn from.
        cameras: how many watch, 1 to 6.
        width: of every camera's picture, in pixels.
        height: likewise.

    Raises:
        ValueError: more or fewer cameras than a place has room for.
    """
    if not 1 <= cameras <= 6:
        raise ValueError(f"a scene has 1 to 6 cameras, not {cameras}")
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    return BUILDERS[kind](weather, rng, cameras, (width, height))

"""Scenes of four kinds, each generated from a seed."""

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
    """Build a scene. The same arguments give the same bytes.

    Args:
        kind: kind of scene.
        weather: weather, which defines the light.
        seed: seed of everything else.
        cameras: number of cameras, 1 to 6.
        width: width of the images in pixels.
        height: height of the images in pixels.

    Raises:
        ValueError: the number of cameras is not from 1 to 6.
    """
    if not 1 <= cameras <= 6:
        raise ValueError(f"a scene has 1 to 6 cameras, got {cameras}")
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    return BUILDERS[kind](weather, rng, cameras, (width, height))

"""How long does the world take? Dressing a person, preparing a place, a frame, and making a camera's picture of it.

    python -m benchmarks.world --people 14 --frames 20

The prototype took 0.58 s for a frame of 960 x 540 pixels with 14 people, and 0.10 s for a person, on two cores without a
GPU; with 14 of 20 people in it, ours took 0.13 s and 0.04 s there.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import click
import numpy as np

from samples.world.dressing import dress
from samples.world.production import Plan, Production
from samples.world.sensor import develop, draw_sensor
from samples.world.wardrobe import draw_look


def milliseconds(work: Callable[[], object]) -> float:
    """Time one call."""
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1e3


@click.command()
@click.option("--people", default=14, show_default=True, type=click.IntRange(1))
@click.option(
    "--frames", default=20, show_default=True, type=click.IntRange(1), help="Of each of three cameras."
)
def main(people: int, frames: int) -> None:
    """Print milliseconds, the median of each, and of how many people the frames show something."""
    random = np.random.default_rng(0)
    dress(draw_look(1))  # reads what bodies are made of
    dressed = [milliseconds(lambda n=n: dress(draw_look(n))) for n in range(2, 12)]  # type: ignore[misc]
    production = Production(Plan("plaza", "day", 3, tuple(range(1, people + 1)), seconds=float(frames)))
    sensor = draw_sensor(random)
    first, drawn, developed, seen = [], [], [], []
    for camera in range(len(production.cameras)):
        first.append(milliseconds(lambda c=camera: production.picture(c, 0.0)))  # type: ignore[misc]
        for time in range(frames):
            begun = perf_counter()
            linear, sightings = production.picture(camera, float(time))
            drawn.append((perf_counter() - begun) * 1e3)
            developed.append(milliseconds(lambda p=linear: develop(p, sensor, random)))  # type: ignore[misc]
            seen.append(len(sightings))
    for words, times in (
        ("dress a person", dressed),
        ("first frame of a camera, its backdrop included", first),
        (f"frame of 960 x 540 with {np.mean(seen):.1f} of {people} people in it", drawn),
        ("picture of a frame", developed),
    ):
        click.echo(f"{np.median(times):7.0f} ms  {words}")


if __name__ == "__main__":
    main()

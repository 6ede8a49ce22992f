"""Measure how long `samples.world` takes to dress a person, prepare a place, draw a frame and simulate its camera.

python -m benchmarks.world --people 14 --frames 20
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter

import click
import numpy as np

from samples.world.dressing import dress
from samples.world.production import Plan, Production
from samples.world.sensor import develop, draw_sensor
from samples.world.wardrobe import draw_look


def milliseconds(work: Callable[[], object]) -> float:
    """Return the time of one call."""
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1e3


@click.command()
@click.option("--people", default=14, show_default=True, type=click.IntRange(1))
@click.option("--frames", default=20, show_default=True, type=click.IntRange(1), help="Frames per camera.")
def main(people: int, frames: int) -> None:
    """Print median times in milliseconds, and how many people a frame shows on average."""
    random = np.random.default_rng(0)
    dress(draw_look(1))  # the first call reads the data of the bodies
    dressing = [milliseconds(partial(dress, draw_look(number))) for number in range(2, 12)]
    production = Production(Plan("plaza", "day", 3, tuple(range(1, people + 1)), seconds=float(frames)))
    sensor = draw_sensor(random)
    preparing, drawing, developing, visible = [], [], [], []
    for camera in range(len(production.cameras)):
        preparing.append(milliseconds(partial(production.picture, camera, 0.0)))
        for second in range(frames):
            started = perf_counter()
            linear, sightings = production.picture(camera, float(second))
            drawing.append((perf_counter() - started) * 1e3)
            developing.append(milliseconds(partial(develop, linear, sensor, random)))
            visible.append(len(sightings))
    for name, times in (
        ("dress a person", dressing),
        ("first frame of a camera, with its background", preparing),
        (f"frame of 960 x 540 pixels with {np.mean(visible):.1f} of {people} people", drawing),
        ("sensor of the camera, for a frame", developing),
    ):
        click.echo(f"{np.median(times):7.0f} ms  {name}")


if __name__ == "__main__":
    main()

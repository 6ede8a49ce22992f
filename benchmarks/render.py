"""Measure how many seconds of 720p footage `render` draws in a second.

    python -m benchmarks.render [--seconds 20] [--cameras 2] [--people 10]

The footage is a textured picture that moves, at 25 frames per second; the run is made up. The first figure is for the
cameras alone, the second for cameras and grid.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import av
import click
import numpy as np

from pipeline.footage.fingerprint import fingerprint
from pipeline.render.videos import RenderRequest, render_run
from pipeline.results.records import read_run
from pipeline.results.run_record import CameraSettings
from tests.runs import camera_record, run_record, run_settings, write_run

RATE, WIDTH, HEIGHT = 25, 1280, 720


@click.command()
@click.option("--seconds", default=20, show_default=True)
@click.option("--cameras", default=2, show_default=True)
@click.option("--people", default=10, show_default=True)
def main(seconds: int, cameras: int, people: int) -> None:
    """Make a run, draw it, and print the speeds."""
    with tempfile.TemporaryDirectory() as folder:
        run = read_run(make_run(Path(folder), seconds, cameras, people))
        for name, grid in (("cameras", False), ("cameras and grid", True)):
            started = time.perf_counter()
            render_run(run, run.folder / "videos", RenderRequest("faces", grid=grid, overwrite=True))
            elapsed = time.perf_counter() - started
            click.echo(f"{name}: {seconds / elapsed:.2f} seconds of {cameras} cameras a second")


def make_run(folder: Path, seconds: int, cameras: int, people: int) -> Path:
    """Write footage and the tables of a run in which all people walk across the picture."""
    records, settings, boxes, tracklets = {}, {}, [], []
    for name in (f"c{number}" for number in range(cameras)):
        path = folder / f"{name}.mp4"
        write_footage(path, seconds)
        records[name] = camera_record(files=(str(path),))
        settings[name] = CameraSettings(fingerprint([path]), None, (), None)
        frames = seconds * RATE
        for person in range(people):
            span = f"0,{frames - 1},0.000,{(frames - 1) / RATE:.3f}"
            tracklets.append(f"{name},{person},{person + 1},person,{span},{frames},1,0.5000,linked")
        for frame in range(frames):
            for person in range(people):
                left = (frame * 2 + person * 120) % (WIDTH - 80)
                boxes.append(
                    f"{name},{frame},{frame / RATE:.3f},{person},{person + 1},person,{left},300,70,180,0.9"
                )
    record = run_record(cameras=records, settings=replace(run_settings(), cameras=settings))
    return write_run(folder, record=record, tracklets=tracklets, tracks=boxes)


def write_footage(path: Path, seconds: int) -> None:
    """Write a video of a textured picture that moves."""
    coarse = np.random.default_rng(0).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    picture = coarse.repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(seconds * RATE):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, number, axis=1), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()

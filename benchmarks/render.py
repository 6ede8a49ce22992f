"""How many seconds of 720p footage does `render` draw in a second?

python -m benchmarks.render [--seconds 20] [--cameras 2] [--people 10]

The footage is drawn (a textured picture that moves, 25 frames a second), the run is made up, the films are real.
One figure is for the cameras alone, one for cameras and grid.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import click
import numpy as np

from pipeline.footage.fingerprint import fingerprint
from pipeline.render.videos import Request, render_run
from pipeline.results.tables import TRACKS

RATE, WIDTH, HEIGHT = 25, 1280, 720


@click.command()
@click.option("--seconds", default=20, show_default=True)
@click.option("--cameras", default=2, show_default=True)
@click.option("--people", default=10, show_default=True)
def main(seconds: int, cameras: int, people: int) -> None:
    """Make a run, draw it, and print the speeds."""
    with tempfile.TemporaryDirectory() as folder:
        run = made_up(Path(folder), seconds, cameras, people)
        for name, grid in (("cameras", False), ("cameras and grid", True)):
            began = time.perf_counter()
            request = Request("faces", grid=grid, overwrite=True)
            render_run(run, run / "videos", request, moved={}, begin=_silent)
            spent = time.perf_counter() - began
            click.echo(f"{name}: {seconds / spent:.2f} seconds of {cameras} cameras a second")


def made_up(folder: Path, seconds: int, cameras: int, people: int) -> Path:
    """Write footage and the tables of a run in which everybody walks across."""
    names = [f"c{number}" for number in range(cameras)]
    rows = [TRACKS]
    for name in names:
        _film(folder / f"{name}.mp4", seconds)
        for frame in range(seconds * RATE):
            for person in range(people):
                left = (frame * 2 + person * 120) % (WIDTH - 80)
                rows.append(
                    f"{name},{frame},{frame / RATE:.3f},{person},{person},person,{left},300,70,180,0.9"
                )
    told = {name: {"file": str(folder / f"{name}.mp4"), "offset_s": 0.0} for name in names}
    seen = {name: {"footage": fingerprint(folder / f"{name}.mp4")} for name in names}
    tracking: dict[str, object] = {"start": None, "end": None, "vid_stride": 1, "classes": []}
    record = {"state": "done", "cameras": told, "settings": {"cameras": seen, "tracking": tracking}}
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "tracks.csv").write_text("\n".join(rows) + "\n")
    return folder


def _film(path: Path, seconds: int) -> None:
    coarse = np.random.default_rng(0).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    picture = coarse.repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(seconds * RATE):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, number, axis=1), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _silent(task: str) -> Callable[[int, int | None], None]:
    del task
    return lambda *_: None


if __name__ == "__main__":
    main()

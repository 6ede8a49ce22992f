"""Measure how well identities are linked in rendered scenes, for several sets of matching options.

    python -m benchmarks.scenes SCENES RUNS --film 9001 --detector-weights yolo11n.pt    # test: nothing was tuned on them
    python -m benchmarks.scenes TUNING RUNS --film 8001 --wardrobe validation            # scenes to tune options on

`--film` renders ten scenes, unless they exist: all kinds of places and weather, three cameras, 18 people, and six
vehicles on roads. Each scene is matched once per `--step`; only the first run of a scene detects and embeds. The table
shows means and standard deviations over scenes. IDF1 and HOTA leave out true boxes of which less than a quarter is
visible. `--true-boxes` uses the perfect boxes of detections.csv instead of a detector.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli.main import main as reid_pipeline
from pipeline.results.records import read_run
from pipeline.scoring.score import Score, score_run
from pipeline.scoring.truth import read_truth

VISIBLE = 0.25
SECONDS = {"plaza": 30, "street": 75, "corridor": 30, "carpark": 30}
"""Length of a scene by kind of place; in a street, people need 75 s to walk from one camera to the next."""
KINDS = tuple(SECONDS)
WEATHERS = ("day", "overcast", "dusk", "rain", "glare")
MEASURES = ("IDF1", "HOTA", "AssA", "precision", "recall", "recall of matched")
FOLDER = click.Path(file_okay=False, path_type=Path)


def film_scenes(folder: Path, first_seed: int, wardrobe: str, zoom: float) -> None:
    """Render ten scenes into folders named after their seeds, in processes without torch, which OpenGL needs."""
    for number in range(10):
        seed, kind, weather = first_seed + number, KINDS[number % 4], WEATHERS[number % 5]
        if not (folder / str(seed) / "cameras.toml").exists():
            vehicles = 6 if kind in ("street", "carpark") else 0
            options = (
                f"--seed {seed} --kind {kind} --weather {weather} --wardrobe {wardrobe} --people 18 "
                f"--vehicles {vehicles} --seconds {SECONDS[kind]} --rate 10 --zoom {zoom}"
            )
            command = ["footage", str(folder / str(seed)), *options.split()]
            subprocess.run([sys.executable, "-m", "samples.world", *command], check=True, stdout=sys.stderr)


def match_scene(scene: Path, run: Path, boxes: Sequence[str], options: str) -> Score:
    """Match a scene and evaluate the run against ground truth."""
    videos = [str(path) for path in sorted(scene.glob("*.mp4"))]
    command = ["match", *videos, "--cameras", str(scene / "cameras.toml"), "--out", str(run), *boxes]
    result = CliRunner().invoke(reid_pipeline, [*command, *shlex.split(options)])
    if result.exit_code:
        sys.exit(f"{scene}: {result.output}{result.exception or ''}")
    finished = read_run(run)
    return score_run(finished, read_truth(scene / "truth.csv", finished.cameras, visible=VISIBLE))


def measures(score: Score) -> list[float]:
    """Return the values of `MEASURES`."""
    overall, links = score.overall, score.all_links
    return [overall.idf1, overall.hota, overall.assa, links.precision, links.recall, links.offered_recall]


@click.command()
@click.argument("folder", type=FOLDER)
@click.argument("runs", type=FOLDER)
@click.option(
    "--film", "first_seed", type=int, metavar="SEED", help="First render ten scenes, seeds from this one."
)
@click.option("--wardrobe", default="test", show_default=True, help="Clothes in rendered scenes.")
@click.option(
    "--zoom", default=1.0, show_default=True, help="Zoom of rendered cameras; a wider view is harder."
)
@click.option("--true-boxes", is_flag=True, help="Use perfect boxes.")
@click.option("--detector-weights", default="shipped", show_default=True)
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="NAME=OPTIONS",
    default=("plain=",),
    show_default=True,
    help="A row of the table: its name and the options of `match`.",
)
@click.option("--each", is_flag=True, help="Also print a row per scene.")
def main(
    folder: Path,
    runs: Path,
    first_seed: int | None,
    wardrobe: str,
    zoom: float,
    true_boxes: bool,
    detector_weights: str,
    steps: tuple[str, ...],
    each: bool,
) -> None:
    """Match the scenes in FOLDER with each step's options; run folders are kept in RUNS."""
    results: dict[str, dict[str, list[float]]] = {}
    boxes_by_step: dict[str, Counter[str]] = {}
    if first_seed is not None:
        film_scenes(folder, first_seed, wardrobe, zoom)
    complete = [path.parent for path in sorted(folder.glob("*/cameras.toml"))]  # this file is written last
    for scene in track(complete, console=Console(stderr=True)):
        boxes = ["--detector-weights", detector_weights]
        if true_boxes:
            boxes = ["--detections", str(scene / "detections.csv")]
        run = runs / f"{scene.name}-{'true_boxes' if true_boxes else 'detected'}"
        for step in steps:
            name, _, options = step.partition("=")
            score = match_scene(scene, run, boxes, options)
            results.setdefault(name, {})[scene.name] = measures(score)
            boxes_by_step.setdefault(name, Counter()).update(score.steps)
    print_results(results, boxes_by_step, each=each)


def print_results(
    results: dict[str, dict[str, list[float]]], boxes_by_step: dict[str, Counter[str]], *, each: bool
) -> None:
    """Print the table, and which step of the pipeline lost which share of the true boxes."""
    table = Table("step", "scenes", *MEASURES)
    for name, scenes in results.items():
        values = np.array(list(scenes.values()))
        spreads = zip(values.mean(axis=0), values.std(axis=0), strict=True)
        table.add_row(name, str(len(values)), *(f"{mean:.3f} ± {spread:.3f}" for mean, spread in spreads))
        if each:
            for scene, row in scenes.items():
                table.add_row(f"  {scene}", "", *(f"{value:.3f}" for value in row))
    console = Console(width=150)
    console.print(table)
    for name, counts in boxes_by_step.items():
        total = max(1, counts.total())
        shares = ", ".join(f"{cause} {count / total:.3f}" for cause, count in counts.items())
        console.print(f"{name}: of {total} true boxes {shares}")


if __name__ == "__main__":
    main()

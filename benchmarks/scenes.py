"""How well are identities linked, and which step of matching earns its place?

    python -m benchmarks.scenes SCENES RUNS --film 9001 --detector-weights yolo11n.pt      # nobody chose anything by these
    python -m benchmarks.scenes TUNING RUNS --film 8001 --wardrobe validation              # these are there to choose by

Films ten scenes (`--film`, where they are not there yet): all kinds of places and weather, three cameras, 18 people,
and six vehicles where there are roads. Each is matched once with each set of options; only the first time detects and
embeds. Figures are means over scenes and their standard deviations. IDF1 and HOTA leave out true boxes that show less
than a quarter of somebody.
`--recorded` takes the perfect boxes of detections.csv instead of a detector's.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
from click.testing import CliRunner
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli.main import main as reid_pipeline
from pipeline.results.reading import cameras_of
from pipeline.scoring.score import Score, score_run
from pipeline.scoring.truth import read_truth

VISIBLE = 0.25
SECONDS = {"plaza": 30, "street": 75, "corridor": 30, "carpark": 30}
"""How long each kind of place is filmed; a street long enough to be walked from one camera to the next."""
KINDS = tuple(SECONDS)
WEATHERS = ("day", "overcast", "dusk", "rain", "glare")
FIGURES = ("IDF1", "HOTA", "AssA", "precision", "recall", "recall of matched")
FOLDER = click.Path(file_okay=False, path_type=Path)


def film(folder: Path, first: int, wardrobe: str, zoom: float) -> None:
    """Film ten scenes into folders named after their seeds; in a process that has no torch, as OpenGL asks for."""
    for number in range(10):
        seed, kind, weather = first + number, KINDS[number % 4], WEATHERS[number % 5]
        if not (folder / str(seed) / "cameras.toml").exists():
            vehicles = 6 if kind in ("street", "carpark") else 0
            plan = (
                f"--seed {seed} --kind {kind} --weather {weather} --wardrobe {wardrobe} --people 18 "
                f"--vehicles {vehicles} --seconds {SECONDS[kind]} --rate 10 --zoom {zoom}"
            )
            command = ["footage", str(folder / str(seed)), *plan.split()]
            subprocess.run([sys.executable, "-m", "samples.world", *command], check=True, stdout=sys.stderr)


def scenes(folder: Path) -> Iterator[Path]:
    """Find the scenes that are whole: cameras.toml is written last."""
    return (path.parent for path in sorted(folder.glob("*/cameras.toml")))


def matched(scene: Path, run: Path, boxes: Sequence[str], options: str) -> Score:
    """Match a scene and hold it against its truth."""
    videos = [str(path) for path in sorted(scene.glob("*.mp4"))]
    command = ["match", *videos, "--cameras", str(scene / "cameras.toml"), "--out", str(run), *boxes]
    done = CliRunner().invoke(reid_pipeline, [*command, *shlex.split(options)])
    if done.exit_code:
        sys.exit(f"{scene}: {done.output}{done.exception or ''}")
    return score_run(run, read_truth(scene / "truth.csv", cameras_of(run), visible=VISIBLE))


def figures(score: Score) -> list[float]:
    """Take out what the table shows, as numbers."""
    own = score.overall
    links = score.all_links
    return [own.idf1, own.hota, own.assa, links.precision, links.recall, links.offered_recall]


@click.command()
@click.argument("folder", type=FOLDER)
@click.argument("runs", type=FOLDER)
@click.option(
    "--film", "first", type=int, metavar="SEED", help="First film ten scenes, with seeds from this one."
)
@click.option(
    "--wardrobe", default="test", show_default=True, help="Whose clothes are worn in scenes filmed."
)
@click.option(
    "--zoom", default=1.0, show_default=True, help="Of the cameras that film; the wider, the harder."
)
@click.option("--recorded", is_flag=True, help="Perfect boxes.")
@click.option("--detector-weights", default="shipped", show_default=True)
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="NAME=OPTIONS",
    help="A row of the table: how it is called, and what `match` is told.  [default: plain=]",
)
@click.option("--each", is_flag=True, help="A line a scene, too.")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path))
def main(
    folder: Path,
    runs: Path,
    first: int | None,
    wardrobe: str,
    zoom: float,
    recorded: bool,
    detector_weights: str,
    steps: tuple[str, ...],
    each: bool,
    out: Path | None,
) -> None:
    """Match the scenes in FOLDER with each step's options, working in RUNS."""
    kind = "recorded" if recorded else "detected"
    result: dict[str, dict[str, list[float]]] = {}
    lost: dict[str, dict[str, int]] = {}
    if first is not None:
        film(folder, first, wardrobe, zoom)
    for scene in track(list(scenes(folder)), console=Console(stderr=True)):
        boxes = ["--detections", str(scene / "detections.csv")] if recorded else []
        boxes += [] if recorded else ["--detector-weights", detector_weights]
        for step in steps or ("plain=",):
            name, _, options = step.partition("=")
            score = matched(scene, runs / f"{scene.name}-{kind}", boxes, options)
            result.setdefault(name, {})[scene.name] = figures(score)
            own = lost.setdefault(name, {})
            for cause, count in score.steps.items():
                own[cause] = own.get(cause, 0) + count
    show(result, lost, each=each)
    if out is not None:
        out.write_text(json.dumps({"figures": result, "boxes": lost}, indent=1), encoding="utf-8")


def show(result: dict[str, dict[str, list[float]]], lost: dict[str, dict[str, int]], *, each: bool) -> None:
    """Print the table."""
    table = Table("step", "scenes", *FIGURES)
    for name, scores in result.items():
        rows = np.array(list(scores.values()))
        means, spreads = rows.mean(axis=0), rows.std(axis=0)
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(means, spreads, strict=True)]
        table.add_row(name, str(len(rows)), *cells)
        for scene, row in scores.items() if each else ():
            table.add_row(f"  {scene}", "", *(f"{value:.3f}" for value in row))
    console = Console(width=150)
    console.print(table)
    for name, counts in lost.items():
        total = max(1, sum(counts.values()))
        console.print(
            f"{name}: of {total} true boxes " + ", ".join(f"{c} {n / total:.3f}" for c, n in counts.items())
        )


if __name__ == "__main__":
    main()

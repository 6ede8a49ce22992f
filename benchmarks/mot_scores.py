"""Compare the scores of this project with those of TrackEval on the same MOTChallenge files.

    python -m benchmarks.mot_scores

The sequences are made here: pedestrians, vehicles, boxes that are not to be scored, and distractors, with a tracker that
misses, jitters, invents and mixes them up.
"""

from __future__ import annotations

import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import click
import numpy as np

from pipeline.export.mot import export_mot
from pipeline.results.records import read_run
from pipeline.scoring.score import score_run
from pipeline.scoring.truth import read_truth
from tests.pipeline.scoring.drawn import Box, Trail, View, at, draw_run

BENCHMARKS = ("MOT15", "MOT16", "MOT17", "MOT20")
MEASURES = ("IDF1", "IDP", "IDR", "HOTA", "DetA", "AssA")
CLASSES = (1, 1, 1, 1, 1, 1, 2, 3, 3, 4, 6, 7, 8, 9, 12, 1)
"""Class of each object; the last one, a pedestrian, is marked as not to be scored."""


def compare(folder: Path, benchmark: str, seed: int) -> dict[str, tuple[list[float], list[float]]]:
    """Return our measures and TrackEval's of each sequence of a benchmark, in the order of `MEASURES`."""
    import trackeval

    rng = np.random.default_rng(seed)
    lengths = {f"{benchmark}-{place:02d}": int(rng.integers(30, 60)) for place in (1, 2)}
    truth = folder / "truth" / benchmark
    views = {name: _draw_sequence(rng, truth / name, frames) for name, frames in lengths.items()}
    run = read_run(draw_run(folder / "run", views))
    score = score_run(run, read_truth(truth, list(lengths)))
    export_mot(run, folder / "found" / "ours")
    silent = dict.fromkeys(
        (
            "PRINT_RESULTS",
            "PRINT_CONFIG",
            "TIME_PROGRESS",
            "OUTPUT_SUMMARY",
            "OUTPUT_DETAILED",
            "PLOT_CURVES",
        ),
        False,
    )
    data = trackeval.datasets.MotChallenge2DBox(
        {
            "GT_FOLDER": str(truth),
            "TRACKERS_FOLDER": str(folder / "found"),
            "TRACKER_SUB_FOLDER": "",
            "BENCHMARK": benchmark,
            "SKIP_SPLIT_FOL": True,
            "SEQ_INFO": lengths,
            "PRINT_CONFIG": False,
        }
    )
    metrics = [trackeval.metrics.HOTA(), trackeval.metrics.Identity({"PRINT_CONFIG": False})]
    evaluated = trackeval.Evaluator(silent).evaluate([data], metrics)[0]["MotChallenge2DBox"]["ours"]
    result = {}
    for name in lengths:
        ours, theirs = score.cameras[name], evaluated[name]["pedestrian"]
        identity = [float(theirs["Identity"][measure]) for measure in MEASURES[:3]]
        hota = [float(np.mean(theirs["HOTA"][measure])) for measure in MEASURES[3:]]
        result[name] = (
            [ours.idf1, ours.idp, ours.idr, ours.hota, ours.deta, ours.assa],
            [*identity, *hota],
        )
    return result


def _draw_sequence(rng: np.random.Generator, folder: Path, frames: int) -> View:
    """Write the ground truth of a sequence, and return a view with noisy tracklets, two per object."""
    has_classes = "MOT15" not in folder.name
    classes = CLASSES if has_classes else (1,) * len(CLASSES)
    start, pace = rng.uniform(0, 300, len(classes)), rng.uniform(-4, 4, len(classes))
    lines: list[str] = []
    trails: list[Trail] = []
    for who, kind in enumerate(classes):
        is_scored = int(kind == 1 and who < len(classes) - 1)
        real = {frame: at(round(start[who] + pace[who] * frame, 2), 40) for frame in range(frames)}
        tail = f"{kind},{rng.random():.2f}" if has_classes else "-1,-1,-1"
        lines += [
            f"{frame + 1},{who + 1},{box[0] + 1:.2f},1.00,40.00,20.00,{is_scored},{tail}"
            for frame, box in real.items()
        ]
        seen = _noisy(rng, real)
        for piece in (0, 1):
            boxes = {frame: box for frame, box in seen.items() if (frame >= frames // 3) == piece}
            trails.append(Trail(2 * who + piece + 1, boxes, 1 + who // 2 * 2 + (who + piece) % 2))
    (folder / "gt").mkdir(parents=True)
    (folder / "gt" / "gt.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "seqinfo.ini").write_text(
        f"[Sequence]\nname={folder.name}\nseqLength={frames}\n", encoding="utf-8"
    )
    return View(range(frames), trails)


def _noisy(rng: np.random.Generator, real: dict[int, Box]) -> dict[int, Box]:
    """Return four fifths of the boxes, moved."""
    return {
        frame: at(round(box[0] + rng.normal(0, 5), 2), 40)
        for frame, box in real.items()
        if rng.random() < 0.8
    }


@click.command()
def main() -> None:
    """Print the figures of both as a table."""
    print(f"| sequence | | {' | '.join(MEASURES)} |\n|---|---|{'---|' * len(MEASURES)}")
    largest = 0.0
    for seed, benchmark in enumerate(BENCHMARKS):
        with tempfile.TemporaryDirectory() as folder:
            with redirect_stdout(None):
                compared = compare(Path(folder), benchmark, seed)
            for name, (ours, theirs) in compared.items():
                for who, figures in (("ours", ours), ("TrackEval", theirs)):
                    print(f"| {name} | {who} | {' | '.join(f'{figure:.6f}' for figure in figures)} |")
                largest = max(largest, *(abs(a - b) for a, b in zip(ours, theirs, strict=True)))
    print(f"\nlargest difference: {largest:.1e}")


if __name__ == "__main__":
    main()

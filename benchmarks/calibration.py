"""Measure whether calibration without labels keeps its false match rates: requested against true rates, many seeds.

    python -m benchmarks.calibration --seeds 20 --plot rates.png
    python -m benchmarks.calibration --run RUN --truth FILE --run RUN2 --truth FILE2

The scenes are simulated galleries, or finished runs of `match` with ground truth. Each row is a requested rate; "given"
is the fixed threshold. The columns, means over scenes:

    threshold, estimated, true       chosen threshold, estimated and true false match rate
    over, beyond                     share of scenes with a true rate over the estimate, and over its 90% interval
    missed: halves, est., true       missed halves of tracklets; estimated and true share of missed pairs of one person
    false links: est., made          expected and actual number of false links
    precision, recall                of links between cameras
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product, zip_longest
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.match import match_tracklets
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.pairs.rules import Rule, find_rules
from pipeline.matching.thresholds.calibration import calibrate_thresholds
from pipeline.matching.thresholds.known_pairs import KnownPairs, pairs_seen_together, score_halves
from pipeline.matching.thresholds.tail import FEWEST
from pipeline.results.records import FinishedRun, read_run
from pipeline.scoring.labels import label_tracklets
from pipeline.scoring.truth import read_truth
from pipeline.tracking.tracklets import Key, Tracklet
from reid.ranking.distances import unit_vectors

RATES = (0.03, 0.01, 0.003, 0.001)
GIVEN = (Chosen(0.6), Chosen(0.95))
"""Thresholds of the shipped network for people, between cameras and within one."""
DIMENSIONS = 48
LEVELS = {"easy": (0.5, 0.2, 0.1), "medium": (0.8, 0.4, 0.25), "hard": (1.0, 0.7, 0.4)}
"""Spread of a tracklet and of a camera, relative to that of people; share of people who dress like another person."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Tracklets with their true identities."""

    name: str
    """Scenes of one name are averaged."""
    gallery: Gallery
    identities: NDArray[np.int64]
    """(n,)"""
    known: KnownPairs


@dataclass(frozen=True)
class Trial:
    """Estimates and true values for one scene and one threshold; estimates may be NaN."""

    threshold: float
    estimated: float
    """Estimated false match rate."""
    true: float
    """True false match rate."""
    beyond: bool
    """Whether the true rate is above the 90% interval, as in one of twenty cases."""
    missed_halves: float
    estimated_missed: float
    missed: float
    expected_false: float
    false: int
    right: int
    possible: int


def simulate_scene(seed: int, level: str, people: int) -> Scene:
    """Simulate people who each pass most of three cameras."""
    rng = np.random.default_rng(seed)
    blur, shift, alike = LEVELS[level]
    looks = rng.normal(size=(people, DIMENSIONS))
    outfits = rng.integers(people, size=people)
    same = rng.random(people) < alike
    looks[same] = 0.7 * looks[outfits[same]] + 0.5 * looks[same]
    looks += 0.6 * rng.normal(size=DIMENSIONS)  # what all people have in common
    records, identities = [], []
    for camera in "abc":
        camera_shift = shift * rng.normal(size=DIMENSIONS)
        for person in np.flatnonzero(rng.random(people) < 0.75).tolist():
            view = looks[person] + camera_shift + blur * rng.normal(size=DIMENSIONS)
            clips = unit_vectors((view + 0.5 * rng.normal(size=(8, DIMENSIONS))).astype(np.float32))
            records.append(_record(camera, person + 1, clips, float(rng.uniform(0, 40))))
            identities.append(person)
    return _scene(f"simulated, {level}, {people} people", records, identities)


def _record(camera: str, track: int, clips: NDArray[np.float32], start: float) -> EmbeddedTracklet:
    """Return clips as a tracklet of 20 seconds whose boxes overlap no other tracklet's."""
    frames = np.arange(round(2 * start), round(2 * start) + 40)
    ones = np.ones(len(frames), np.float32)
    boxes = np.tile(np.array([100 * track, 0, 100 * track + 50, 100], np.float32), (len(frames), 1))
    tracklet = Tracklet(camera, track, "person", frames, frames / 2, boxes, ones, ones)
    weights = np.ones(len(clips), np.float32)
    return EmbeddedTracklet(tracklet, clips, weights, frames[np.linspace(0, 39, len(clips)).astype(int)])


def _scene(name: str, records: Sequence[EmbeddedTracklet], identities: Sequence[int]) -> Scene:
    """Build a scene from records that are sorted by camera and track."""
    config = MatchingConfig()
    tracklets = [record.tracklet for record in records]
    gallery = build_gallery(
        tracklets,
        [record.vectors for record in records],
        weights=[record.weights for record in records],
        prototypes=config.prototypes,
    )
    known = KnownPairs(pairs_seen_together(gallery, tracklets), score_halves(gallery, records, config))
    return Scene(name, gallery, np.array(identities, np.int64), known)


def read_scenes(folder: Path, truth: Path) -> Iterator[Scene]:
    """Yield a scene per gallery of a finished run; a run does not keep the halves of tracklets."""
    run = read_run(folder)
    tracklets = _tracklets(run)
    labels = label_tracklets(run, read_truth(truth, run.cameras))
    for saved in run.galleries:
        keys = saved.gallery.keys
        if not keys:
            continue
        labelled = [labels.get(key) for key in keys]
        identities = [-1 - n if label is None else label for n, label in enumerate(labelled)]
        different = pairs_seen_together(saved.gallery, [tracklets[key] for key in keys])
        known = KnownPairs(different, np.empty(0, np.float32))
        yield Scene("runs", saved.gallery, np.array(identities, np.int64), known)


def _tracklets(run: FinishedRun) -> dict[Key, Tracklet]:
    """Return the tracklets of a run with all their boxes; frame numbers stand for seconds."""
    tracklets = {}
    for camera, track in run.by_key:
        boxes = run.boxes.select((run.boxes.cameras == camera) & (run.boxes.tracks == track))
        ones = np.ones(len(boxes), np.float32)
        corners = boxes.corners.astype(np.float32)
        seconds = boxes.frames.astype(np.float64)
        tracklets[camera, track] = Tracklet(camera, track, "", boxes.frames, seconds, corners, ones, ones)
    return tracklets


def run_trials(scene: Scene) -> dict[float | None, Trial]:
    """Calibrate a scene at every rate; None is the given threshold."""
    return {rate: _trial(scene, rate) for rate in (*RATES, None)}


def _trial(scene: Scene, rate: float | None) -> Trial:
    """Calibrate a scene at one rate, and evaluate the estimates."""
    gallery, config = scene.gallery, MatchingConfig()
    cameras = CameraSet(
        tuple(Camera(name, Recording((Path(name),))) for name in np.unique(gallery.cameras).tolist())
    )
    scores, rules = score_gallery(gallery, config), find_rules(gallery, cameras, config)
    calibration = calibrate_thresholds(
        gallery, scores, rules, scene.known, given=GIVEN, margin=config.margin, rate=rate
    ).calibration
    across = np.triu(gallery.cameras[:, None] != gallery.cameras, 1) & (rules == Rule.ALLOWED)
    same = scene.identities[:, None] == scene.identities
    config = replace(
        config,
        threshold=Chosen(calibration.threshold),
        stitch_threshold=Chosen(calibration.stitch_threshold),
    )
    identities = match_tracklets(gallery, cameras, config).identities
    linked = across & (identities[:, None] == identities)
    true = float((scores[across & ~same] >= calibration.threshold).mean())
    return Trial(
        threshold=calibration.threshold,
        estimated=_number(calibration.false_match),
        true=true,
        beyond=calibration.interval is not None and true > calibration.interval[1],
        missed_halves=_number(calibration.halves_missed),
        estimated_missed=_number(calibration.false_non_match),
        missed=float((scores[across & same] < calibration.threshold).mean()),
        expected_false=_number(calibration.expected_false),
        false=int((linked & ~same).sum()),
        right=int((linked & same).sum()),
        possible=int((across & same).sum()),
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else value


HEADER = (
    "      rate  threshold  estimated    true   over  beyond | missed: halves, est., true | false links: est., made "
    "| precision recall"
)


def format_row(rate: float | None, trials: Sequence[Trial]) -> str:
    """Return the row of one rate, over many scenes."""

    def mean(name: str) -> float:
        values = np.array([getattr(trial, name) for trial in trials], float)
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else np.nan

    over = np.mean([trial.true > trial.estimated for trial in trials])
    right = sum(trial.right for trial in trials)
    precision = right / max(right + sum(trial.false for trial in trials), 1)
    recall = right / max(sum(trial.possible for trial in trials), 1)
    name = "given" if rate is None else f"{rate:g}"
    return (
        f"{name:>10}  {mean('threshold'):9.3f}  {mean('estimated'):9.3%} {mean('true'):7.3%}"
        f"  {over:5.0%}  {mean('beyond'):6.0%} |        {mean('missed_halves'):6.1%} {mean('estimated_missed'):6.1%}"
        f" {mean('missed'):5.1%} |             {mean('expected_false'):5.2f} {mean('false'):5.2f}"
        f" | {precision:9.3f} {recall:6.3f}"
    )


def draw_rates(results: dict[str, dict[float, list[Trial]]], path: Path) -> None:
    """Draw true false match rates over requested ones: a dot per scene, and a line for their mean."""
    from matplotlib.figure import Figure

    columns = min(len(results), 3)
    lines = -(-len(results) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.6 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for panel, entry in zip_longest(panels, results.items()):
        if entry is None:
            panel.set_visible(False)
            continue
        name, by_rate = entry
        panel.loglog(RATES, RATES, color="black", linewidth=1, label="requested rate")
        for rate, trials in by_rate.items():
            heights = [max(trial.true, 1e-4) for trial in trials]
            places = rate * np.geomspace(0.85, 1.18, len(heights))  # side by side
            panel.plot(places, heights, ".", color="#8C8C8C", markersize=4)
        means = [max(np.mean([trial.true for trial in trials]), 1e-4) for trials in by_rate.values()]
        panel.plot(list(by_rate), means, "o-", color="#D55E00", label="true rate, mean of scenes")
        panel.set_title(f"{name} ({len(next(iter(by_rate.values())))} scenes)", fontsize=9)
        panel.set_xlabel("requested false match rate")
        panel.set_ylabel("true false match rate (0 is drawn at 0.0001)")
    panels[0].legend(fontsize=8)
    figure.savefig(path, dpi=110)


FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, path_type=Path)


@click.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(1), help="Scenes per kind.")
@click.option("--first-seed", default=0, show_default=True, type=click.IntRange(0))
@click.option("--people", multiple=True, default=(24, 48), show_default=True, type=click.IntRange(2))
@click.option("--run", "runs", multiple=True, type=FOLDER, help="A finished run; give --truth for each.")
@click.option("--truth", "truths", multiple=True, type=FILE, help="Ground truth of a run.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the rates into this PNG.")
def main(
    seeds: int,
    first_seed: int,
    people: tuple[int, ...],
    runs: tuple[Path, ...],
    truths: tuple[Path, ...],
    plot: Path | None,
) -> None:
    """Print requested, estimated and true false match rates."""
    if len(runs) != len(truths):
        raise click.UsageError(f"{len(runs)} --run and {len(truths)} --truth; give a --truth for each --run")
    scenes: dict[str, list[Scene]] = defaultdict(list)
    for run, truth in zip(runs, truths, strict=True):
        scenes["runs"] += read_scenes(run, truth)
    if not runs:
        for level, count in product(LEVELS, people):
            for seed in range(first_seed, first_seed + seeds):
                scene = simulate_scene(seed, level, count)
                scenes[scene.name].append(scene)
    results: dict[str, dict[float, list[Trial]]] = {}
    for name, same_name in scenes.items():
        counts = [len(scene.known.different) for scene in same_name]
        usable = [scene for scene, count in zip(same_name, counts, strict=True) if count >= FEWEST]
        click.echo(
            f"{name}: {len(usable)} of {len(same_name)} scenes have at least {FEWEST} pairs seen together, "
            f"median {np.median(counts):g}"
        )
        if usable:
            click.echo(HEADER)
            trials = [run_trials(scene) for scene in usable]
            for rate in (*RATES, None):
                click.echo(format_row(rate, [trial[rate] for trial in trials]))
            results[name] = {rate: [trial[rate] for trial in trials] for rate in RATES}
    if plot is not None and results:
        draw_rates(results, plot)


if __name__ == "__main__":
    main()

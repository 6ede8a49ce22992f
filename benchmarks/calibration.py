"""Does calibration without labels keep its promise? Rates promised to it against the true ones, many seeds each.

    python -m benchmarks.calibration --seeds 20 --plot rates.png
    python -m benchmarks.calibration --data-root plaza-validation
    python -m benchmarks.calibration --run RUN --truth FILE --run RUN2 --truth FILE2

Simulated galleries first: people as directions, some dressed alike, cameras that shift all they see; then, of a
labelled set in MARS's layout, people drawn by seed and embedded with the shipped network; then finished runs of `match`
with their truth. Told for each promised rate are the threshold, the true rate, in how many scenes it was over the
promised one and in how many beyond the stated interval; false non-matches as told by halves of tracklets, as stated
and as they are; false links expected and made; links' precision and recall. "given" is the fixed threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from pipeline.results.reading import rows

from benchmarks.thresholds import Labelled, embed_labelled
from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.match import match_tracklets
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.pairs.rules import Rule, forbidden
from pipeline.matching.thresholds.calibration import calibrate_thresholds
from pipeline.matching.thresholds.known_pairs import KnownPairs, pairs_seen_together, score_halves
from pipeline.results.galleries import read_galleries
from pipeline.results.tables import TRACKS
from pipeline.scoring.labels import label_tracklets
from pipeline.scoring.truth import read_truth
from pipeline.tracking.tracklets import Tracklet
from reid.ranking.distances import unit_vectors
from reid.weights import shipped

RATES = (0.03, 0.01, 0.003, 0.001)
GIVEN = (Chosen(0.6), Chosen(0.95))
"""Thresholds of the shipped network for people, between cameras and within one."""
DIMENSIONS = 48
LEVELS = {"easy": (0.5, 0.2, 0.1), "medium": (0.8, 0.4, 0.25), "hard": (1.0, 0.7, 0.4)}
"""Spread of a tracklet and of a camera, relative to that of people; share of people who wear what others wear."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Tracklets of which it is known who they are."""

    kind: str
    gallery: Gallery
    identities: NDArray[np.int64]
    """(n,)"""
    known: KnownPairs


@dataclass(frozen=True)
class Trial:
    """What was promised and what is true, of one scene."""

    threshold: float
    promised: float
    beyond: bool
    """Whether the true rate lies over the stated interval, as it should in one of twenty cases."""
    true: float
    halves: float
    missed_said: float
    missed: float
    expected_false: float
    false: int
    right: int
    possible: int


def simulate(seed: int, level: str, people: int) -> Scene:
    """Draw people who each pass most of three cameras."""
    rng = np.random.default_rng(seed)
    blur, shift, alike = LEVELS[level]
    looks = rng.normal(size=(people, DIMENSIONS))
    outfits = rng.integers(people, size=people)
    same = rng.random(people) < alike
    looks[same] = 0.7 * looks[outfits[same]] + 0.5 * looks[same]
    looks += 0.6 * rng.normal(size=DIMENSIONS)  # what all people have in common
    records, owners = [], []
    for camera in "abc":
        own = shift * rng.normal(size=DIMENSIONS)
        for person in np.flatnonzero(rng.random(people) < 0.75).tolist():
            view = looks[person] + own + blur * rng.normal(size=DIMENSIONS)
            clips = unit_vectors((view + 0.5 * rng.normal(size=(8, DIMENSIONS))).astype(np.float32))
            records.append(_record(camera, person + 1, clips, float(rng.uniform(0, 40))))
            owners.append(person)
    return _scene(f"simulated, {level}, {people} people", records, owners, MatchingConfig())


def _record(camera: str, track: int, clips: NDArray[np.float32], start: float) -> EmbeddedTracklet:
    """Give clips a tracklet of 20 seconds that never comes near any other."""
    frames = np.arange(round(2 * start), round(2 * start) + 40)
    ones = np.ones(len(frames), np.float32)
    boxes = np.tile(np.array([100 * track, 0, 100 * track + 50, 100], np.float32), (len(frames), 1))
    tracklet = Tracklet(camera, track, "person", frames, frames / 2, boxes, ones, ones)
    weights = np.ones(len(clips), np.float32)
    return EmbeddedTracklet(tracklet, clips, weights, frames[np.linspace(0, 39, len(clips)).astype(int)])


def _scene(
    kind: str, records: Sequence[EmbeddedTracklet], owners: Sequence[int], config: MatchingConfig
) -> Scene:
    """Put a gallery together of records that are sorted by camera and track."""
    gallery = build_gallery(
        [one.tracklet for one in records],
        [one.vectors for one in records],
        weights=[one.weights for one in records],
        prototypes=config.prototypes,
    )
    different = pairs_seen_together(gallery, [one.tracklet for one in records])
    known = KnownPairs(different, score_halves(gallery, records, config))
    return Scene(kind, gallery, np.array(owners, np.int64), known)


def drawn(labelled: Labelled, seed: int, people: int, name: str) -> Scene:
    """Draw people and three cameras of a labelled set; when each is seen is drawn, too."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(np.unique(labelled.identities))[:people]
    cameras = rng.permutation(np.unique(labelled.cameras))[:3]
    usable = np.isin(labelled.identities, chosen) & np.isin(labelled.cameras, cameras)
    order = np.flatnonzero(usable)[np.argsort(labelled.cameras[usable], kind="stable")].tolist()
    records = [
        _record(str(labelled.cameras[i]), track, labelled.clips[i], float(rng.uniform(0, 40)))
        for track, i in enumerate(order, start=1)
    ]
    owners = [int(labelled.identities[i]) for i in order]
    scene = _scene(f"{name}, {people} people", records, owners, MatchingConfig())
    a, b = scene.known.different.T  # one person's tracklets would not be side by side
    apart = scene.known.different[scene.identities[a] != scene.identities[b]]
    return replace(scene, known=replace(scene.known, different=apart))


def finished(run: Path, truth: Path) -> Iterator[Scene]:
    """Read the galleries of a finished run; of its tracklets' halves nothing is left."""
    saved = [one for one in read_galleries(run) if len(one.gallery)]
    tracklets = _tracklets(run)
    names = sorted({camera for camera, _ in tracklets})
    labels = label_tracklets(run, read_truth(truth, names))
    for one in saved:
        people = [labels.get(key) for key in one.gallery.keys]
        owners = [-1 - index if person is None else person for index, person in enumerate(people)]
        different = pairs_seen_together(one.gallery, [tracklets[key] for key in one.gallery.keys])
        known = KnownPairs(different, np.empty(0, np.float32))
        yield Scene(f"{run.name}, {one.network.classes}", one.gallery, np.array(owners, np.int64), known)


def _tracklets(run: Path) -> dict[tuple[str, int], Tracklet]:
    """Read every box of a run; seconds stand for frames."""
    boxes: dict[tuple[str, int], list[list[float]]] = defaultdict(list)
    for camera, frame, _, number, _, _, left, top, width, height, _ in rows(run, "tracks.csv", TRACKS):
        x, y = float(left), float(top)
        boxes[camera, int(number)].append([float(frame), x, y, x + float(width), y + float(height)])
    found = {}
    for (camera, track), values in boxes.items():
        table = np.array(values)
        ones = np.ones(len(table), np.float32)
        corners = table[:, 1:].astype(np.float32)
        frames = table[:, 0].astype(np.int64)
        found[camera, track] = Tracklet(camera, track, "", frames, table[:, 0], corners, ones, ones)
    return found


def tried(scene: Scene) -> dict[float | None, Trial]:
    """Calibrate one scene at every rate, and keep the given threshold last."""
    gallery, config = scene.gallery, MatchingConfig()
    cameras = CameraSet(tuple(Camera(name, Path(name)) for name in np.unique(gallery.cameras).tolist()))
    scores, rules = score_gallery(gallery, config), forbidden(gallery, cameras, config)
    return {rate: _tried(scene, cameras, scores, rules, rate) for rate in (*RATES, None)}


def _tried(
    scene: Scene,
    cameras: CameraSet,
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
    rate: float | None,
) -> Trial:
    """Calibrate one scene and hold the promise against the truth."""
    gallery, config = scene.gallery, MatchingConfig()
    found = calibrate_thresholds(
        gallery, scores, rules, scene.known, given=GIVEN, margin=config.margin, rate=rate
    ).calibration
    across = np.triu(gallery.cameras[:, None] != gallery.cameras, 1) & (rules == Rule.ADMISSIBLE)
    same = scene.identities[:, None] == scene.identities
    true = float((scores[across & ~same] >= found.threshold).mean())
    config = replace(
        config, threshold=Chosen(found.threshold), stitch_threshold=Chosen(found.stitch_threshold)
    )
    identities = match_tracklets(gallery, cameras, config).identities
    linked = across & (identities[:, None] == identities)
    _, high = found.interval or (np.nan, np.nan)
    return Trial(
        found.threshold,
        np.nan if found.false_match is None else found.false_match,
        true > high,
        true,
        np.nan if found.halves_missed is None else found.halves_missed,
        np.nan if found.false_non_match is None else found.false_non_match,
        float((scores[across & same] < found.threshold).mean()),
        np.nan if found.expected_false is None else found.expected_false,
        int((linked & ~same).sum()),
        int((linked & same).sum()),
        int((across & same).sum()),
    )


HEADER = (
    "      rate  threshold  promised    true   over  beyond | missed: halves, said, true | false: said, made "
    "| precision recall"
)


def row(rate: float | None, trials: Sequence[Trial]) -> str:
    """Say what came of many scenes at one rate."""

    def mean(name: str) -> float:
        told = [value for trial in trials if not np.isnan(value := getattr(trial, name))]
        return float(np.mean(told)) if told else np.nan

    over = np.mean([trial.true > trial.promised for trial in trials])
    made = sum(trial.false + trial.right for trial in trials)
    precision = sum(trial.right for trial in trials) / max(made, 1)
    recall = sum(trial.right for trial in trials) / max(sum(trial.possible for trial in trials), 1)
    name = "given" if rate is None else f"{rate:g}"
    return (
        f"{name:>10}  {mean('threshold'):9.3f}  {mean('promised'):8.3%} {mean('true'):7.3%}"
        f"  {over:5.0%}  {mean('beyond'):6.0%} |        {mean('halves'):6.1%} {mean('missed_said'):6.1%}"
        f" {mean('missed'):5.1%} |        {mean('expected_false'):5.2f} {mean('false'):5.2f}"
        f" | {precision:9.3f} {recall:6.3f}"
    )


def draw(results: dict[str, dict[float, list[Trial]]], path: Path) -> None:
    """Plot promised rates against true ones: a dot a scene, a line for their mean."""
    from matplotlib.figure import Figure

    columns = min(len(results), 3)
    lines = -(-len(results) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.6 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for panel, entry in zip_longest(panels, results.items()):
        if entry is None:
            panel.set_visible(False)
            continue
        kind, trials = entry
        panel.loglog(RATES, RATES, color="black", linewidth=1, label="as promised")
        for rate, own in trials.items():
            spots = [max(trial.true, 1e-4) for trial in own]
            sideways = rate * np.geomspace(0.85, 1.18, len(spots))
            panel.plot(sideways, spots, ".", color="#8C8C8C", markersize=4)
        means = [max(np.mean([trial.true for trial in own]), 1e-4) for own in trials.values()]
        panel.plot(list(trials), means, "o-", color="#D55E00", label="true, mean")
        panel.set_title(f"{kind} ({len(next(iter(trials.values())))} scenes)", fontsize=9)
        panel.set_xlabel("promised rate of false matches")
        panel.set_ylabel("true rate (none: 0.0001)")
    panels[0].legend(fontsize=8)
    figure.savefig(path, dpi=110)


def _scenes(
    seeds: range, data_roots: Sequence[Path], runs: Sequence[tuple[Path, Path]], people: Sequence[int]
) -> Iterator[Scene]:
    if not data_roots and not runs:
        for level in LEVELS:
            for count in people:
                yield from (simulate(seed, level, count) for seed in seeds)
    for root in data_roots:
        weights = shipped("people", seed=0)
        assert weights is not None
        labelled = embed_labelled(root, weights)
        for count in people:
            yield from (drawn(labelled, seed, count, root.name) for seed in seeds)
    for run, truth in runs:
        yield from finished(run, truth)


FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, path_type=Path)


@click.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(1))
@click.option("--first-seed", default=0, show_default=True, type=click.IntRange(0))
@click.option("--people", multiple=True, default=(24, 48), show_default=True, type=click.IntRange(2))
@click.option("--data-root", "data_roots", multiple=True, type=FOLDER, help="Labelled set, as MARS has it.")
@click.option("--run", "runs", multiple=True, type=FOLDER, help="A finished run; each needs its --truth.")
@click.option("--truth", "truths", multiple=True, type=FILE)
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="PNG of promised and true rates."
)
def main(
    seeds: int,
    first_seed: int,
    people: tuple[int, ...],
    data_roots: tuple[Path, ...],
    runs: tuple[Path, ...],
    truths: tuple[Path, ...],
    plot: Path | None,
) -> None:
    """Print what was promised and what is true."""
    if len(runs) != len(truths):
        raise click.UsageError(f"{len(runs)} runs and {len(truths)} truths; give each --run its --truth")
    scenes: dict[str, list[Scene]] = defaultdict(list)
    for scene in _scenes(
        range(first_seed, first_seed + seeds), data_roots, list(zip(runs, truths, strict=True)), people
    ):
        scenes["runs" if runs else scene.kind].append(scene)
    results: dict[str, dict[float, list[Trial]]] = {}
    for kind, own in scenes.items():
        enough = [one for one in own if len(one.known.different) >= 100]
        counts = [len(one.known.different) for one in own]
        click.echo(
            f"{kind}: {len(enough)} of {len(own)} scenes tell enough, {np.median(counts):g} pairs seen side by side"
        )
        if enough:
            click.echo(HEADER)
            trials = [tried(one) for one in enough]
            for rate in (*RATES, None):
                click.echo(row(rate, [trial[rate] for trial in trials]))
            results[kind] = {rate: [trial[rate] for trial in trials] for rate in RATES}
    if plot is not None and results:
        draw(results, plot)


if __name__ == "__main__":
    main()

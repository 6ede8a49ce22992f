"""Measure links at several margins, on a labelled set in MARS's layout that the network was not trained on.

    python -m tools.choose_margin CHECKPOINT --data-root plaza-validation

Each of 150 samples takes 18 people, each seen once by each of two or three cameras, and links them as `match` does. The
table shows precision and recall of links between cameras. Travel times are not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.linking.link import link
from reid.evaluation.plaza import load_plaza
from reid.weights import resolve
from tools.choose_thresholds import EmbeddedSet, embed_data_set, score_all_pairs

PEOPLE, SAMPLES, SEED = 18, 150, 7
SCENES = (("1", "2", "3"), ("4", "5", "6"))
"""Cameras of one scene; MARS has six cameras, so sets of three-camera scenes alternate between these."""


def sample_tracklets(
    embedded: EmbeddedSet, twins: dict[int, int], cameras: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Sample people and cameras, and one tracklet per person and camera; return (n,) indices, sorted by camera.

    A person with a twin in `twins` is sampled together with the twin.
    """
    cameras_of_scene = rng.choice(SCENES)
    chosen_cameras = sorted(rng.permutation(cameras_of_scene)[:cameras].tolist())
    people: list[int] = []
    for person in rng.permutation(np.unique(embedded.identities)).tolist():
        if len(people) < PEOPLE and person not in people:
            people += [person, twins[person]] if person in twins else [person]
    candidates = [
        np.flatnonzero((embedded.cameras == camera) & (embedded.identities == person))
        for camera in chosen_cameras
        for person in sorted(people)
    ]
    return np.array([rng.choice(tracklets) for tracklets in candidates if len(tracklets)], np.intp)


def score_links(
    embedded: EmbeddedSet,
    scores: NDArray[np.float32],
    samples: Sequence[NDArray[np.intp]],
    config: MatchingConfig,
) -> tuple[float, float]:
    """Return precision and recall of links between cameras over all samples."""
    right = made = possible = 0
    for chosen in samples:
        cameras, identities = embedded.cameras[chosen], embedded.identities[chosen]
        across = cameras[:, None] != cameras
        admissible = np.where(across, scores[np.ix_(chosen, chosen)], -np.inf)
        groups = link(admissible, cameras, config).groups
        linked = np.triu(across) & (groups[:, None] == groups)
        same = np.triu(across) & (identities[:, None] == identities)
        right += int((linked & same).sum())
        made += int(linked.sum())
        possible += int(same.sum())
    return right / max(1, made), right / max(1, possible)


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data-root", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--threshold", "thresholds", multiple=True, default=[0.6], show_default=True)
@click.option("--margin", "margins", multiple=True, default=[0.0, 0.02, 0.05, 0.08], show_default=True)
def main(
    checkpoint: Path, data_root: Path, thresholds: tuple[float, ...], margins: tuple[float, ...]
) -> None:
    """Print precision and recall of CHECKPOINT's links at each threshold and margin."""
    embedded = embed_data_set(data_root, resolve(checkpoint, seed=0))
    scores = score_all_pairs(embedded, MatchingConfig())
    pairs = [sorted(map(int, pair)) for pair in load_plaza(data_root)[1]]
    twins = {person: twin for a, b in pairs for person, twin in ((a, b), (b, a))}
    for cameras in (2, 3):
        for name, together in (("random people", {}), ("twins together", twins)):
            rng = np.random.default_rng(SEED)
            samples = [sample_tracklets(embedded, together, cameras, rng) for _ in range(SAMPLES)]
            for threshold in thresholds:
                for margin in margins:
                    config = MatchingConfig(Chosen(threshold), stitch_threshold=Chosen(1.0), margin=margin)
                    precision, recall = score_links(embedded, scores, samples, config)
                    click.echo(
                        f"{cameras} cameras, {name}, threshold {threshold:g}, margin {margin:g}: "
                        f"precision {precision:.3f}, recall {recall:.3f}"
                    )


if __name__ == "__main__":
    main()

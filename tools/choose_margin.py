"""How large a lead must a link have? Drawn from a labelled set in MARS's layout that nobody trained on.

    python -m benchmarks.margin CHECKPOINT --data-root plaza-validation

Again and again draws 18 people, each of whom two or three cameras saw once, links them as `match` does at each margin, and
prints the precision and recall of links between cameras. Nothing but looks speaks: there are no times.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.thresholds import Labelled, embed_labelled, scores_of
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.linking.link import link
from reid.evaluation.plaza import load_plaza
from reid.weights import resolve

PEOPLE, DRAWS = 18, 150
SCENES = (("1", "2", "3"), ("4", "5", "6"))
"""Cameras that filmed together: sets of three-camera scenes count them on from scene to scene, up to six."""


def draw(
    labelled: Labelled, twins: dict[int, int], cameras: int, random: np.random.Generator
) -> NDArray[np.intp]:
    """Choose tracklets, by camera: one of each of some people in each of some cameras that saw them; (n,).

    Whoever has a twin in `twins` brings it.
    """
    place = random.choice(SCENES)
    places = sorted(random.permutation(place)[:cameras].tolist())
    people: list[int] = []
    for one in random.permutation(np.unique(labelled.identities)).tolist():
        if len(people) < PEOPLE and one not in people:
            people += [one, twins[one]] if one in twins else [one]
    seen = [
        np.flatnonzero((labelled.cameras == place) & (labelled.identities == one))
        for place in places
        for one in sorted(people)
    ]
    return np.array([random.choice(tracklets) for tracklets in seen if len(tracklets)], np.intp)


def links(
    labelled: Labelled, scores: NDArray[np.float32], draws: list[NDArray[np.intp]], config: MatchingConfig
) -> tuple[float, float]:
    """Give precision and recall of links between cameras over all draws."""
    right = made = possible = 0
    for chosen in draws:
        here, who = labelled.cameras[chosen], labelled.identities[chosen]
        across = np.triu(here[:, None] != here)
        groups = link(
            np.where(across | across.T, scores[np.ix_(chosen, chosen)], -np.inf), here, config
        ).groups
        linked, same = (groups[:, None] == groups) & across, (who[:, None] == who) & across
        right, made, possible = (
            right + int((linked & same).sum()),
            made + int(linked.sum()),
            possible + int(same.sum()),
        )
    return right / max(1, made), right / max(1, possible)


def draws(labelled: Labelled, twins: dict[int, int], cameras: int) -> Iterator[NDArray[np.intp]]:
    """Draw as often as is scored, the same whatever is asked."""
    random = np.random.default_rng(7)
    return (draw(labelled, twins, cameras, random) for _ in range(DRAWS))


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data-root", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--threshold", "thresholds", multiple=True, default=[0.6], show_default=True)
@click.option("--margin", "margins", multiple=True, default=[0.0, 0.02, 0.05, 0.08], show_default=True)
def main(
    checkpoint: Path, data_root: Path, thresholds: tuple[float, ...], margins: tuple[float, ...]
) -> None:
    """Print precision and recall for CHECKPOINT."""
    labelled = embed_labelled(data_root, resolve(checkpoint, seed=0))
    scores = scores_of(labelled, MatchingConfig())
    pairs = [sorted(map(int, pair)) for pair in load_plaza(data_root)[1]]
    twins = {one: other for a, b in pairs for one, other in ((a, b), (b, a))}
    for cameras in (2, 3):
        for words, with_twins in (("as they come", {}), ("twins together", twins)):
            chosen = list(draws(labelled, with_twins, cameras))
            for threshold in thresholds:
                for margin in margins:
                    config = MatchingConfig(Chosen(threshold), stitch_threshold=Chosen(1.0), margin=margin)
                    precision, recall = links(labelled, scores, chosen, config)
                    click.echo(
                        f"{cameras} cameras, {words}, threshold {threshold:g}, margin {margin:g}: "
                        f"precision {precision:.3f}, recall {recall:.3f}"
                    )


if __name__ == "__main__":
    main()

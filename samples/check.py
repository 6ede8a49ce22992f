"""Evaluate the identities of a run against ground truth: `python -m samples.check RUN FOLDER [--picture FILE]`.

RUN is a folder that `reid-pipeline match` wrote. FOLDER holds the truth.csv and the NAME.mp4 recordings that
`samples.world` wrote. A tracklet shows the person whose true boxes it covers in most of its frames. Only tracklets
that took part in matching count; people who have none in a second camera, because they are too small or too briefly
visible there, are listed separately. `reid-pipeline score` reports more measures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from pipeline.errors import PipelineError
from pipeline.results.records import FinishedRun, read_run
from pipeline.scoring.labels import label_tracklets
from pipeline.scoring.links import Links, ScoredTracklet, count_links, made_links, possible_links
from pipeline.scoring.truth import CameraTruth, read_truth


def judge_people(tracklets: Sequence[ScoredTracklet]) -> dict[int, str]:
    """Return a verdict for each person with tracklets in at least two cameras, by increasing person.

    A person is "right" if all their tracklets have one identity that holds nobody else, "wrong" if a link joins them
    to another person, and "missed" if their tracklets have different identities.

    >>> a, b = ScoredTracklet(("east", 1), 7, 3), ScoredTracklet(("west", 4), 7, 3)
    >>> judge_people([a, b, ScoredTracklet(("west", 5), 8, 4)])
    {3: 'right'}
    """
    pairs = [(a, b, a.person) for a, b in possible_links(tracklets) if a.person is not None]
    verdicts = {person: "right" for _, _, person in pairs}
    verdicts |= {person: "missed" for a, b, person in pairs if a.identity != b.identity}
    false_links = [(a, b) for a, b in made_links(tracklets) if a.person != b.person]
    mixed = {tracklet.person for false_link in false_links for tracklet in false_link}
    verdicts |= {person: "wrong" for person in verdicts if person in mixed}
    return dict(sorted(verdicts.items()))


def people_in_two_cameras(truth: Mapping[str, CameraTruth]) -> set[int]:
    """Return the people whom the ground truth shows in at least two cameras."""
    cameras = Counter(person for camera in truth.values() for person in set(camera.identities.tolist()))
    return {person for person, count in cameras.items() if count > 1}


def score_tracklets(run: FinishedRun, truth: Mapping[str, CameraTruth]) -> list[ScoredTracklet]:
    """Return the run's identity and the true person of each tracklet that took part in matching."""
    people = label_tracklets(run, truth)
    return [
        ScoredTracklet(tracklet.key, tracklet.identity, people[tracklet.key])
        for tracklet in run.tracklets
        if tracklet.identity is not None
    ]


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write a JPEG of the run's first two cameras side by side.",
)
def main(run: Path, folder: Path, picture: Path | None) -> None:
    """Evaluate the identities of RUN against the ground truth in FOLDER."""
    try:
        finished = read_run(run)
        truth = read_truth(folder / "truth.csv", finished.cameras)
        tracklets = score_tracklets(finished, truth)
        if picture is not None:
            from samples.pictures import draw_moment

            draw_moment(finished, folder, picture)
    except PipelineError as error:
        raise click.ClickException(str(error)) from error
    print_scores(tracklets, truth)


def print_scores(tracklets: Sequence[ScoredTracklet], truth: Mapping[str, CameraTruth]) -> None:
    """Print how many people are right, and the precision and the recall of the links."""
    verdicts = judge_people(tracklets)
    counts = Counter(verdicts.values())
    click.echo(
        f"Correct identities: {counts['right']} of {len(verdicts)} people with tracklets in at least two of "
        f"{', '.join(truth)} ({counts['wrong']} wrong, {counts['missed']} missed)"
    )
    for person, verdict in verdicts.items():
        if verdict != "right":
            click.echo(f"  person {person}: {verdict}")
    links = sum(count_links(tracklets, {}).values(), Links())
    click.echo(
        f"Links: precision {links.precision:.3f} ({links.right} of {links.made}), "
        f"recall {links.recall:.3f} ({links.right} of {links.possible})"
    )
    unmatched = sorted(people_in_two_cameras(truth) - verdicts.keys())
    if unmatched:
        click.echo(
            "In two cameras in the ground truth, but without matchable tracklets in both: "
            f"people {', '.join(map(str, unmatched))}"
        )


if __name__ == "__main__":
    main()

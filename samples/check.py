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
from pipeline.results.reading import cameras_of, tracklet_rows
from pipeline.scoring.labels import label_tracklets
from pipeline.scoring.links import Answer, Links, count_links, linked, possible
from pipeline.scoring.truth import CameraTruth, read_truth


def judge_people(answers: Sequence[Answer]) -> dict[int, str]:
    """Return a verdict for each person with tracklets in at least two cameras, by increasing person.

    A person is "right" if all their tracklets have one identity that holds nobody else, "wrong" if a link joins them
    to another person, and "missed" if their tracklets have different identities.

    >>> a, b = Answer(("east", 1), 7, 3), Answer(("west", 4), 7, 3)
    >>> judge_people([a, b, Answer(("west", 5), 8, 4)])
    {3: 'right'}
    """
    pairs = [(a, b, a.person) for a, b in possible(answers) if a.person is not None]
    verdicts = {person: "right" for _, _, person in pairs}
    verdicts |= {person: "missed" for a, b, person in pairs if a.identity != b.identity}
    false_links = [(a, b) for a, b in linked(answers) if a.person != b.person]
    mixed = {answer.person for false_link in false_links for answer in false_link}
    verdicts |= {person: "wrong" for person in verdicts if person in mixed}
    return dict(sorted(verdicts.items()))


def people_in_two_cameras(truth: Mapping[str, CameraTruth]) -> set[int]:
    """Return the people whom the ground truth shows in at least two cameras."""
    cameras = Counter(person for camera in truth.values() for person in set(camera.identities.tolist()))
    return {person for person, count in cameras.items() if count > 1}


def read_answers(run: Path, truth: Mapping[str, CameraTruth]) -> list[Answer]:
    """Return the run's identity and the true person of each tracklet that took part in matching."""
    people = label_tracklets(run, truth)
    rows = [((row["camera"], int(row["track"])), row["identity"]) for row in tracklet_rows(run)]
    return [Answer(tracklet, int(identity), people[tracklet]) for tracklet, identity in rows if identity]


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
        truth = read_truth(folder / "truth.csv", cameras_of(run))
        answers = read_answers(run, truth)
        if picture is not None:
            from samples.pictures import draw_moment

            draw_moment(run, folder, picture)
    except PipelineError as error:
        raise click.ClickException(str(error)) from error
    print_scores(answers, truth)


def print_scores(answers: Sequence[Answer], truth: Mapping[str, CameraTruth]) -> None:
    """Print how many people are right, and the precision and the recall of the links."""
    verdicts = judge_people(answers)
    counts = Counter(verdicts.values())
    click.echo(
        f"Correct identities: {counts['right']} of {len(verdicts)} people with tracklets in at least two of "
        f"{', '.join(truth)} ({counts['wrong']} wrong, {counts['missed']} missed)"
    )
    for person, verdict in verdicts.items():
        if verdict != "right":
            click.echo(f"  person {person}: {verdict}")
    links = sum(count_links(answers, {}).values(), Links())
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

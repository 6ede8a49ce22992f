"""How many identities of a run are right? `python -m samples.check RUN FOLDER [--picture FILE]`.

RUN is what `reid-pipeline match` wrote, FOLDER what `samples.world` filmed (truth.csv and NAME.mp4). A tracklet is
whoever it lies on in most of its frames. Counted are tracklets good enough to be matched: who is in two cameras but
too small or too briefly in one of them is named apart, as no network ever saw them. `reid-pipeline score` tells more.
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


def people(answers: Sequence[Answer]) -> dict[int, str]:
    """Judge everybody whom tracklets of two cameras show.

    Somebody is right if all their tracklets are one identity that holds nobody else, wrong if it does hold somebody
    else, missed if their tracklets were left apart.

    >>> a, b = Answer(("east", 1), 7, 3), Answer(("west", 4), 7, 3)
    >>> people([a, b, Answer(("west", 5), 8, 4)])
    {3: 'right'}
    """
    pairs = [(a, b, a.person) for a, b in possible(answers) if a.person is not None]
    verdicts = {person: "right" for _, _, person in pairs}
    verdicts |= {person: "missed" for a, b, person in pairs if a.identity != b.identity}
    mixed = {one.person for a, b in linked(answers) if a.person != b.person for one in (a, b)}
    verdicts |= {person: "wrong" for person in verdicts if person in mixed}
    return dict(sorted(verdicts.items()))


def present(truth: Mapping[str, CameraTruth]) -> set[int]:
    """Find everybody in at least two cameras' pictures."""
    views = Counter(person for one in truth.values() for person in set(one.identities.tolist()))
    return {person for person, count in views.items() if count > 1}


def read_answers(run: Path, truth: Mapping[str, CameraTruth]) -> list[Answer]:
    """Read what a run says of each tracklet that it matched."""
    shown = label_tracklets(run, truth)
    keys = [((row["camera"], int(row["track"])), row["identity"]) for row in tracklet_rows(run)]
    return [Answer(key, int(identity), shown[key]) for key, identity in keys if identity]


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw two cameras side by side."
)
def main(run: Path, folder: Path, picture: Path | None) -> None:
    """Hold the identities of RUN against the truth in FOLDER."""
    try:
        truth = read_truth(folder / "truth.csv", cameras_of(run))
        answers = read_answers(run, truth)
        if picture is not None:
            from samples.pictures import draw_moment

            draw_moment(run, folder, picture)
    except PipelineError as error:
        raise click.ClickException(str(error)) from error
    show(answers, truth)


def show(answers: Sequence[Answer], truth: Mapping[str, CameraTruth]) -> None:
    """Print the figures."""
    verdicts = people(answers)
    counts = Counter(verdicts.values())
    click.echo(
        f"identities right: {counts['right']} of {len(verdicts)} people followed in two of "
        f"{', '.join(truth)}; wrong {counts['wrong']}, missed {counts['missed']}"
    )
    for person, verdict in verdicts.items():
        if verdict != "right":
            click.echo(f"  {person}: {verdict}")
    links = sum(count_links(answers, {}).values(), Links())
    click.echo(
        f"link precision {links.precision:.3f} ({links.right} of {links.made}), "
        f"recall {links.recall:.3f} ({links.right} of {links.possible})"
    )
    unseen = sorted(present(truth) - verdicts.keys())
    if unseen:
        click.echo(
            f"in two pictures, but not followed well enough to be matched: {', '.join(map(str, unseen))}"
        )


if __name__ == "__main__":
    main()

"""`reid-pipeline score`: how good is a run, and which step holds it back?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import FiniteRange, refuse_overwriting

if TYPE_CHECKING:  # what they import takes longer than --help may
    from pipeline.scoring.links import Links
    from pipeline.scoring.measures import Figures
    from pipeline.scoring.score import Score

ROWS = 20
"""Longest list on the screen; --json gives all of it."""
WIDE = 1000
"""Columns to which no table comes: a terminal may break lines, but no figure is cut."""


@click.command(short_help="Hold a run against the truth.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--truth",
    "truths",
    multiple=True,
    required=True,
    metavar="[NAME=]PATH",
    help="Who was really where: our CSV, AI City, or MOTChallenge: a folder with NAME.txt or NAME/gt/gt.txt for each "
    "camera, or NAME=FILE for each.",
)
@click.option(
    "--visible",
    default=0.0,
    show_default=True,
    type=FiniteRange(0, 1),
    help="True boxes that show a smaller share of their object are neither demanded nor punished, where the truth "
    "knows it.",
)
@click.option(
    "--first-frame",
    type=click.IntRange(min=0),
    help="Number of a recording's first frame in the truth.  [default: 0 in our CSV, 1 in MOTChallenge; in AI City 0 "
    "if there is a frame 0, else 1]",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write everything to a file, too.",
)
def score(
    run: Path, truths: tuple[str, ...], visible: float, first_frame: int | None, json_file: Path | None
) -> None:
    """Hold the finished RUN against the truth.

    Told are IDF1 and HOTA over all cameras at once, by camera and by class; which links between cameras are right;
    what became of everybody's boxes, by the step that lost them; and the identities and tracklets that went wrong.
    """
    from pipeline.results.reading import cameras_of

    from pipeline.folder.atomic import whole_file
    from pipeline.scoring.score import score_run
    from pipeline.scoring.truth import read_truths

    refuse_overwriting(json_file, [run, *truths])
    truth = read_truths(truths, cameras_of(run), visible=visible, first_frame=first_frame)
    result = score_run(run, truth)
    show_score(result)
    if json_file is not None:
        with whole_file(json_file) as file:
            json.dump(result.as_json(), file, ensure_ascii=False, indent=1)
            file.write("\n")


def show_score(score: Score) -> None:
    """Print a score as tables."""
    from pipeline.scoring.losses_by_step import MEANING

    for note in score.notes:
        click.echo(note)
    rows = [("all", score.overall), *score.cameras.items(), *score.classes.items()]
    _table(
        ("", "IDF1", "IDP", "IDR", "HOTA", "DetA", "AssA", "true boxes", "found"),
        [_figures(*row) for row in rows],
    )
    ways = [(f"{a} → {b}", links) for (a, b), links in score.links.items()]
    header = (
        "links",
        "made",
        "right",
        "precision",
        "possible",
        "recall",
        "of matched",
        "people",
        "of people",
    )
    _table(header, [_links(*row) for row in [*ways, ("all", score.all_links)]])
    click.echo(
        "A link is two tracklets of different cameras in one identity, under the way from who appeared first. recall: of\n"
        "all pairs of tracklets that show one and the same; of matched: without tracklets left out of matching; of\n"
        "people: of everybody seen by both cameras, followed or not, the share with a right link."
    )
    total = max(sum(score.steps.values()), 1)
    steps = [(MEANING[step], str(n), f"{n / total:.3f}") for step, n in score.steps.items()]
    _table(("what became of the true boxes", "boxes", "share"), steps)
    _show_identities(score)
    _show_people(score)
    _show_tracklets(score)


def _figures(name: str, one: Figures) -> list[str]:
    if not one.truth_boxes + one.found_boxes:
        return [name, *["-"] * 6, "0", "0"]
    shares = (one.idf1, one.idp, one.idr, one.hota, one.deta, one.assa)
    return [name, *(f"{share:.3f}" for share in shares), str(one.truth_boxes), str(one.found_boxes)]


def _links(name: str, one: Links) -> list[str]:
    def share(value: float, of: int) -> str:
        return f"{value:.3f}" if of else "-"

    return [
        *(name, str(one.made), str(one.right), share(one.precision, one.made)),
        *(str(one.possible), share(one.recall, one.possible), share(one.offered_recall, one.offered)),
        *(str(one.people), share(one.people_recall, one.people)),
    ]


def _show_identities(score: Score) -> None:
    """Print the identities that hold others, too, or not all of theirs."""
    boxes = sum(row.boxes for row in score.identities)
    pure = sum(row.on_person for row in score.identities) / max(boxes, 1)
    click.echo(f"identities: {len(score.identities)}, purity {pure:.3f} over all their boxes")
    worst = sorted(score.identities, key=lambda row: (row.purity + row.completeness, row.identity))
    faulty = [row for row in worst if min(row.purity, row.completeness) < 0.9]
    header = ("identity", "shows", "purity", "completeness", "boxes", "tracklets", "cameras")
    rows = [
        [
            *(str(row.identity), "nobody" if row.person is None else str(row.person)),
            *(f"{row.purity:.3f}", f"{row.completeness:.3f}", str(row.boxes), str(row.tracklets)),
            " ".join(row.cameras),
        ]
        for row in faulty
    ]
    _worst(header, rows, "identities under 0.9 in purity or completeness")


def _show_people(score: Score) -> None:
    """Print who was lost where."""
    lost = [row for row in score.people if 2 * row.steps.get("right", 0) < row.boxes]
    lost.sort(key=lambda row: (row.steps.get("right", 0) - row.boxes, row.person, row.camera))
    rows = [
        [str(row.person), row.camera, str(row.boxes), str(row.steps.get("right", 0)), _worded(row.worst)]
        for row in lost
    ]
    _worst(
        ("true identity", "camera", "boxes", "right", "mostly"),
        rows,
        "true identities lost for most of a camera",
    )


def _show_tracklets(score: Score) -> None:
    """Print the tracklets that went wrong."""
    wrong = sorted(
        (one for one in score.verdicts if one.step != "right"), key=lambda one: (-one.boxes, one.tracklet)
    )
    rows = [
        [
            f"{one.tracklet[0]}/{one.tracklet[1]}",
            "" if one.identity is None else str(one.identity),
            "nobody" if one.person is None else str(one.person),
            *(str(one.boxes), str(one.on_person), one.status, _worded(one.step)),
        ]
        for one in wrong
    ]
    _worst(
        ("tracklet", "identity", "shows", "boxes", "on them", "status", "fault"),
        rows,
        "tracklets that went wrong",
    )


def _worded(step: str) -> str:
    return step.replace("_", " ")


def _worst(header: Sequence[str], rows: Sequence[Sequence[str]], what: str) -> None:
    """Print the head of a list, if there is any."""
    click.echo(f"{what}: {len(rows)}" + (f", the worst {ROWS}:" if len(rows) > ROWS else ""))
    if rows:
        _table(header, rows[:ROWS])


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for place, name in enumerate(header):
        numeric = place and name not in ("cameras", "camera", "status", "fault", "mostly")
        table.add_column(name, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False, width=WIDE).print(table)

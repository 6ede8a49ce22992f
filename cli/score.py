"""`reid-pipeline score`: evaluate a run against ground truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import RUN, FiniteRange, refuse_overwriting, truth_option

if TYPE_CHECKING:  # their import takes longer than --help may
    from pipeline.scoring.links import Links
    from pipeline.scoring.measures import TrackingMetrics
    from pipeline.scoring.score import Score

ROWS = 20
"""Maximum number of rows of a printed list; --json has all of them."""
WIDTH = 1000
"""Width of the printed tables in columns: a terminal may wrap lines, but no number is cut."""
TEXT_COLUMNS = ("cameras", "camera", "status", "outcome", "main outcome", "true boxes by outcome")


@click.command("score", short_help="Evaluate a run against ground truth.")
@RUN
@truth_option(required=True)
@click.option(
    "--visible",
    default=0.0,
    show_default=True,
    type=FiniteRange(0, 1),
    help="Ignore true boxes that show a smaller share of their object, if the ground truth has the shares.",
)
@click.option(
    "--first-frame",
    type=click.IntRange(min=0),
    help="Number of the first frame in the ground truth.  [default: 0 in our CSV, 1 in MOTChallenge; in AI City 0 if "
    "there is a frame 0, else 1]",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write everything to a file.",
)
def score_command(
    run: Path, truths: tuple[str, ...], visible: float, first_frame: int | None, json_file: Path | None
) -> None:
    """Evaluate the finished RUN against ground truth.

    Reports IDF1 and HOTA for all cameras together, by camera and by class; the links between cameras; which step of
    the run lost each true box; and the identities and tracklets with errors.
    """
    from pipeline.folder.atomic import whole_file
    from pipeline.results.records import read_run
    from pipeline.scoring.score import score_run
    from pipeline.scoring.truth import read_truths

    refuse_overwriting(json_file, run, truths)
    finished = read_run(run)
    truth = read_truths(truths, finished.cameras, visible=visible, first_frame=first_frame)
    score = score_run(finished, truth)
    print_score(score)
    if json_file is not None:
        with whole_file(json_file) as file:
            json.dump(score.as_json(), file, ensure_ascii=False, indent=1)
            file.write("\n")


def print_score(score: Score) -> None:
    """Print a score as tables."""
    from pipeline.scoring.lost_boxes import MEANING

    for note in score.notes:
        click.echo(note)
    metrics = [("all", score.overall), *score.cameras.items(), *score.classes.items()]
    _print_table(
        ("", "IDF1", "IDP", "IDR", "HOTA", "DetA", "AssA", "true boxes", "boxes"),
        [_metric_cells(name, values) for name, values in metrics],
    )
    links = [(f"{a} → {b}", values) for (a, b), values in score.links.items()]
    _print_table(
        ("links", "made", "correct", "precision", "possible", "recall", "of matched", "people", "of people"),
        [_link_cells(name, values) for name, values in [*links, ("all", score.all_links)]],
    )
    click.echo(
        "A link is a pair of tracklets of different cameras with one identity; its first camera saw the identity first.\n"
        "recall: of all pairs of tracklets that show the same true identity. of matched: of the pairs whose tracklets were\n"
        "both matched. of people: share of the true identities seen by both cameras that have a correct link."
    )
    total = max(sum(score.steps.values()), 1)
    _print_table(
        ("outcome", "true boxes by outcome", "boxes", "share"),
        [
            (step.replace("_", " "), MEANING[step], str(count), f"{count / total:.3f}")
            for step, count in score.steps.items()
        ],
    )
    _print_identities(score)
    _print_people(score)
    _print_tracklets(score)


def _metric_cells(name: str, metrics: TrackingMetrics) -> list[str]:
    if not metrics.truth_boxes + metrics.found_boxes:
        return [name, *["-"] * 6, "0", "0"]
    shares = (metrics.idf1, metrics.idp, metrics.idr, metrics.hota, metrics.deta, metrics.assa)
    return [name, *(f"{share:.3f}" for share in shares), str(metrics.truth_boxes), str(metrics.found_boxes)]


def _link_cells(name: str, links: Links) -> list[str]:
    def share(value: float, total: int) -> str:
        return f"{value:.3f}" if total else "-"

    return [
        name,
        str(links.made),
        str(links.right),
        share(links.precision, links.made),
        str(links.possible),
        share(links.recall, links.possible),
        share(links.offered_recall, links.offered),
        str(links.people),
        share(links.people_recall, links.people),
    ]


def _print_identities(score: Score) -> None:
    """Print the identities that also show other objects, or only a part of theirs."""
    boxes = sum(row.boxes for row in score.identities)
    purity = sum(row.on_person for row in score.identities) / max(boxes, 1)
    click.echo(f"identities: {len(score.identities)}, purity {purity:.3f} over all their boxes")
    rows = sorted(score.identities, key=lambda row: (row.purity + row.completeness, row.identity))
    cells = [
        [
            str(row.identity),
            "none" if row.person is None else str(row.person),
            f"{row.purity:.3f}",
            f"{row.completeness:.3f}",
            str(row.boxes),
            str(row.tracklets),
            " ".join(row.cameras),
        ]
        for row in rows
        if min(row.purity, row.completeness) < 0.9
    ]
    header = ("identity", "true identity", "purity", "completeness", "boxes", "tracklets", "cameras")
    _print_worst(header, cells, "identities with purity or completeness below 0.9")


def _print_people(score: Score) -> None:
    """Print the true identities that were lost in most of a camera."""
    lost = [row for row in score.people if 2 * row.steps.get("right", 0) < row.boxes]
    lost.sort(key=lambda row: (row.steps.get("right", 0) - row.boxes, row.person, row.camera))
    cells = [
        [
            str(row.person),
            row.camera,
            str(row.boxes),
            str(row.steps.get("right", 0)),
            row.worst.replace("_", " "),
        ]
        for row in lost
    ]
    header = ("true identity", "camera", "boxes", "correct", "main outcome")
    _print_worst(header, cells, "true identities lost in most of a camera")


def _print_tracklets(score: Score) -> None:
    """Print the tracklets with errors."""
    wrong = [verdict for verdict in score.verdicts if verdict.step != "right"]
    wrong.sort(key=lambda verdict: (-verdict.boxes, verdict.key))
    cells = [
        [
            f"{verdict.key[0]}/{verdict.key[1]}",
            "" if verdict.identity is None else str(verdict.identity),
            "none" if verdict.person is None else str(verdict.person),
            str(verdict.boxes),
            str(verdict.on_person),
            verdict.status,
            verdict.step.replace("_", " "),
        ]
        for verdict in wrong
    ]
    header = ("tracklet", "identity", "true identity", "boxes", "boxes on it", "status", "outcome")
    _print_worst(header, cells, "tracklets with errors")


def _print_worst(header: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Print the number of rows and the first `ROWS` of them."""
    click.echo(f"{title}: {len(rows)}" + (f", the worst {ROWS}:" if len(rows) > ROWS else ""))
    if rows:
        _print_table(header, rows[:ROWS])


def _print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for place, name in enumerate(header):
        table.add_column(name, justify="right" if place and name not in TEXT_COLUMNS else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False, width=WIDTH).print(table)

"""`reid-pipeline review`: correct the links of a finished run in the browser, and match it again."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from pathlib import Path

import click

from cli.options import RUN


@click.command("review", short_help="Correct the links of a run in the browser.")
@RUN
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Port of the page.  [default: a free port]",
)
@click.option("--no-browser", is_flag=True, help="Print the page's address without opening a browser.")
def review_command(run: Path, port: int, no_browser: bool) -> None:
    """Correct the doubtful links of the finished RUN by hand.

    Serves the page of `report` with a review of the links, to this computer only and at a secret
    address. Every decision is written to RUN/corrections.csv at once. "Apply" matches again, which needs no footage,
    and lists what changed. Ctrl-C ends the review.
    """
    from pipeline.review.review import open_review  # slow to import; --help must be fast
    from pipeline.review.server import serve_review

    def show_address(address: str) -> None:
        click.echo(
            f"{address}\nPeople can be recognised on this page. It answers this computer only. Press Ctrl-C to end."
        )
        if not no_browser:
            webbrowser.open(address)

    with open_review(run) as review:
        with suppress(KeyboardInterrupt):  # uvicorn either raises it or returns
            serve_review(review, port, show_address)
        rows = len(review.corrections.rows)
        changes = review.unapplied
        pending = f"; {changes} change{'' if changes == 1 else 's'} not applied yet" if changes else ""
        click.echo(
            f"\n{review.file}: {rows} row{'' if rows == 1 else 's'}{pending}"
            if rows
            else "\nnothing was decided"
        )

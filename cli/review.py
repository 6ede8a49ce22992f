"""`reid-pipeline review`: look a finished run through, say what is right and wrong, and match it again."""

from __future__ import annotations

import webbrowser
from contextlib import suppress
from pathlib import Path

import click


@click.command(short_help="Correct a run by hand, in the browser.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Where to serve the page.  [default: a free one]",
)
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
def review(run: Path, port: int, no_browser: bool) -> None:
    """Settle the doubtful links of the finished RUN by hand.

    The page of `report` is served to this computer alone, at an address that nobody can guess. What you say on
    it stands in RUN/corrections.csv at once; "apply" matches again (footage is not needed) and tells what
    changed. Ctrl-C ends it.
    """
    from pipeline.review.review import review_of  # what they import takes longer than --help may
    from pipeline.review.server import serve

    def opened(address: str) -> None:
        click.echo(
            f"{address}\npeople can be recognised on it; only this computer is answered; Ctrl-C ends it"
        )
        if not no_browser:
            webbrowser.open(address)

    with review_of(run) as found:
        with suppress(KeyboardInterrupt):  # it may also end in good order
            serve(found, port, opened)
        rows = len(found.corrections.rows)
        waiting = found.unapplied
        left = f"; {waiting} change{'' if waiting == 1 else 's'} not applied yet" if waiting else ""
        click.echo(f"\n{found.file}: {rows} row{'' if rows == 1 else 's'}{left}")

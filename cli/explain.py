"""`reid-pipeline explain`: why tracklets are one identity, or are not."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import RUN


@click.command("explain", short_help="Explain why a run linked what it linked.")
@RUN
@click.argument("tracklets", nargs=-1, metavar="[CAMERA/TRACK [CAMERA/TRACK]]")
@click.option("--identity", type=int, help="Explain this identity.")
def explain_command(run: Path, tracklets: tuple[str, ...], identity: int | None) -> None:
    """Explain an identity of RUN, a tracklet, or a pair of tracklets.

    Shows the links with their reasons, the other candidates, and the runner-up of each link. Name tracklets as
    camera/track, such as gate/17; tracklets.csv lists them.
    """
    if (identity is None) == (not tracklets) or len(set(tracklets)) < len(tracklets) or len(tracklets) > 2:
        raise click.UsageError(
            "give --identity N, or one tracklet, or two different ones, such as gate/17 yard/4"
        )
    from pipeline.explain.story import explain_identity, explain_pair, explain_tracklet
    from pipeline.results.records import read_run

    finished = read_run(run)
    if identity is not None:
        lines = explain_identity(finished, identity)
    elif len(tracklets) == 1:
        lines = explain_tracklet(finished, tracklets[0])
    else:
        lines = explain_pair(finished, *tracklets)
    click.echo("\n".join(lines))

"""`reid-pipeline explain`: why two tracklets are one identity, or are not."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Tell why a run found what it found.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("tracklets", nargs=-1, metavar="[CAMERA/TRACK [CAMERA/TRACK]]")
@click.option("--identity", type=int, help="Tell the story of this identity.")
def explain(run: Path, tracklets: tuple[str, ...], identity: int | None) -> None:
    """Tell the story of an identity of RUN, of a tracklet, or of a pair of tracklets.

    Who was considered for each link, what spoke for it and against it, who the runner-up was, and why it
    won or lost. Tracklets are named as in gate/17: camera and track of tracklets.csv.
    """
    if (identity is None) == (not tracklets) or len(set(tracklets)) < len(tracklets) or len(tracklets) > 2:
        raise click.UsageError("give --identity N, or one tracklet, or two different ones as gate/17 yard/4")
    from pipeline.explain.account import read_account
    from pipeline.explain.story import explain_identity, explain_pair, explain_tracklet

    account = read_account(run)
    if identity is not None:
        lines = explain_identity(account, identity)
    elif len(tracklets) == 1:
        lines = explain_tracklet(account, tracklets[0])
    else:
        lines = explain_pair(account, *tracklets)
    click.echo("\n".join(lines))

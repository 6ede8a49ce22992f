"""The closing table of a run: what each camera gave, who was seen where, where the files are."""

from __future__ import annotations

from collections import defaultdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.run import RunResult


def show_summary(result: RunResult) -> None:
    """Print what was found."""
    seen = defaultdict(set)
    for one in result.outcomes:
        if one.identity is not None:
            seen[one.identity].add(one.tracklet.camera)
    several = sum(len(cameras) > 1 for cameras in seen.values())
    console = Console(highlight=False, soft_wrap=True)
    console.print(_table(result))
    console.print(f"identities: {len(seen)}, seen by several cameras: {several}")
    if not several and (near := _nearest(result)):
        console.print(Text(near))
    for classes, learnt in result.learnt.items():
        for sentence in learnt.sentences:
            console.print(Text(f"{classes}: {sentence}"))
        if learnt.proposal:
            console.print(Text(learnt.proposal.fragment))
    if not result.reports:
        console.print(Text(f"nothing was matched; {result.folder} tells why in run.json"))
        return
    console.print(
        Text(
            f"tracks.csv, tracklets.csv, matches.csv and run.json are in {result.folder}; report.html shows them"
        )
    )


def _nearest(result: RunResult) -> str | None:
    """Tell how far from a link the most alike of different cameras were."""
    scored = [
        (one.score, one.threshold, f"{one.camera_a}/{one.track_a} and {one.camera_b}/{one.track_b}")
        for one in result.matches
        if one.camera_a != one.camera_b and one.score is not None and one.threshold is not None
    ]
    if not scored:
        return None
    score, threshold, pair = max(scored)
    why = "either nobody went from one to the other, or the network does not know them again"
    if score >= threshold:
        why = "what stood against a link, matches.csv says"
    return (
        f"the likeliest pair of two cameras, {pair}, comes to {score:.3f} of {threshold:.3f} needed: {why}; "
        "report.html shows such pairs side by side"
    )


def _table(result: RunResult) -> Table:
    table = Table()
    table.add_column("camera")
    for column in ("frames", "tracklets", "linked", "one camera", "ambiguous", "left out"):
        table.add_column(column, justify="right")
    for name, report in sorted(result.reports.items()):
        statuses = [one.status for one in result.outcomes if one.tracklet.camera == name]
        counts = [statuses.count("linked"), statuses.count("single_camera"), statuses.count("ambiguous")]
        numbers = [report.frames_decoded, len(statuses), *counts, len(statuses) - sum(counts)]
        table.add_row(Text(name), *map(str, numbers))
    for name in sorted(result.failures):
        table.add_row(Text(name), "failed")
    return table

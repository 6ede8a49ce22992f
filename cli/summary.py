"""The summary that `match` prints: a table of cameras, expected errors, and where the files are."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.results.records import FinishedRun, MatchRecord
from pipeline.run import RunResult


def show_summary(result: RunResult) -> None:
    """Print the summary of a run."""
    run = result.run
    shared = sum(len(identity.cameras) > 1 for identity in run.identities)
    console = Console(highlight=False, soft_wrap=True)
    console.print(_camera_table(result))
    console.print(f"identities: {len(run.identities)}, seen by several cameras: {shared}")
    if not shared and (line := _best_pair(run)):
        console.print(Text(line))
    for classes, learnt in result.learnt.items():
        calibrations = [learnt.calibrated.calibration.summary] if learnt.calibrated else []
        for sentence in [*calibrations, *learnt.sentences]:
            console.print(Text(f"{classes}: {sentence}"))
        if learnt.proposal:
            console.print(Text(learnt.proposal.fragment))
    if result.reports:
        line = f"Results are in {result.folder}. Open {result.folder / 'report.html'} to look at them."
    else:
        line = f"No camera was processed; the warnings above say why, and {result.folder / 'run.json'} has them, too."
    console.print(Text(line))


def summarise(result: RunResult) -> dict[str, Any]:
    """Return the summary of a run as JSON knows it."""
    run = result.run
    cameras: dict[str, dict[str, Any]] = {}
    for name in run.cameras:
        statuses = Counter(tracklet.status for tracklet in result.tracklets if tracklet.camera == name)
        report = result.reports.get(name)
        cameras[name] = {
            "failed": result.failures.get(name),
            "frames": report.frames_decoded if report else 0,
            "truncated": report.truncated if report else None,
            "tracklets": statuses.total(),
            "statuses": dict(sorted(statuses.items())),
        }
    return {
        "run": str(result.folder),
        "state": run.record.state,
        "cameras": cameras,
        "identities": len(run.identities),
        "seen_by_several_cameras": sum(len(identity.cameras) > 1 for identity in run.identities),
        "links": sum(match.decision == "accepted" for match in run.matches),
        "expected_errors": {
            classes: learnt.calibrated.calibration.summary
            for classes, learnt in result.learnt.items()
            if learnt.calibrated
        },
        "warnings": list(run.warnings),
        "seconds": run.record.seconds,
    }


def _best_pair(run: FinishedRun) -> str | None:
    """Return a sentence on the pair of two cameras with the highest score; None without any."""

    def score(match: MatchRecord) -> float:
        return -1.0 if match.score is None else match.score

    pairs = [match for match in run.matches if match.camera_a != match.camera_b and match.score is not None]
    if not pairs:
        return None
    best = max(pairs, key=score)
    text = f"No link was made. The best pair, {best.a} and {best.b}, scores {score(best):.3f}"
    if best.threshold is None or score(best) >= best.threshold:
        return f"{text}; matches.csv has the reason against it."
    return f"{text}, below the threshold {best.threshold:.3f}; report.html shows both."


def _camera_table(result: RunResult) -> Table:
    table = Table()
    table.add_column("camera", overflow="fold")
    for column in ("frames", "tracklets", "linked", "one camera only", "ambiguous", "excluded"):
        table.add_column(column, justify="right")
    for name, report in sorted(result.reports.items()):
        statuses = [tracklet.status for tracklet in result.tracklets if tracklet.camera == name]
        counts = [statuses.count(status) for status in ("linked", "single_camera", "ambiguous")]
        numbers = [report.frames_decoded, len(statuses), *counts, len(statuses) - sum(counts)]
        table.add_row(Text(name), *map(str, numbers))
    for name in sorted(result.failures):
        table.add_row(Text(name), "failed")
    return table

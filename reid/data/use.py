"""Use: can a benchmark be trained on and scored, as far as its parts are there?"""

from __future__ import annotations

from reid.data.holdout import FEWEST
from reid.data.records import Benchmark


def faults(benchmark: Benchmark) -> list[str]:
    """Say what makes a part useless that is there, and what to do; training alone will do, and so will a test alone.

    Returns:
        A clause a fault; none if all that is there can be used.
    """
    if not (benchmark.train or benchmark.query or benchmark.gallery):
        return ["it holds no pictures; put some in, to train on or to score"]
    found = []
    people = len({entry.identity for entry in benchmark.train})
    if 0 < people < FEWEST:
        found.append(
            f"train has {people} identity, from which nobody can be told apart; add identities, or leave train out"
        )
    for part, other in (("query", "gallery"), ("gallery", "query")):
        if getattr(benchmark, other) and not getattr(benchmark, part):
            found.append(f"{part} is empty, and {other} is not; fill it, or leave both out")
    if benchmark.query and benchmark.gallery and not _matches(benchmark):
        where = " from another camera" if benchmark.rule == "cross-camera" else ""
        found.append(
            f"nobody in query is in gallery{where}, so that nothing can be found; add such tracklets to gallery"
        )
    return found


def _matches(benchmark: Benchmark) -> bool:
    """Tell whether any query has something right to find."""
    cameras: dict[str, set[str]] = {}
    for entry in benchmark.gallery:
        cameras.setdefault(entry.identity, set()).add(entry.camera)
    own_camera_counts = benchmark.rule == "any-camera"
    return any(
        cameras.get(entry.identity, set()) - (set() if own_camera_counts else {entry.camera})
        for entry in benchmark.query
    )

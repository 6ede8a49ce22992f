"""Check that a benchmark can be trained on and scored."""

from __future__ import annotations

from reid.data.holdout import FEWEST
from reid.data.records import Benchmark


def find_faults(benchmark: Benchmark) -> list[str]:
    """Return one clause per fault: what makes a split unusable, and what to do.

    A benchmark may have a training split only, or query and gallery only.
    """
    if not (benchmark.train or benchmark.query or benchmark.gallery):
        return ["it holds no images; add some, to train on or to score"]
    faults = []
    identities = len({tracklet.identity for tracklet in benchmark.train})
    if 0 < identities < FEWEST:
        faults.append(
            f"train has {identities} identity, and training needs {FEWEST}; add identities, or leave train out"
        )
    for empty, filled in (("query", "gallery"), ("gallery", "query")):
        if getattr(benchmark, filled) and not getattr(benchmark, empty):
            faults.append(f"{empty} is empty, and {filled} is not; fill it, or leave both out")
    if benchmark.query and benchmark.gallery and not _has_match(benchmark):
        where = " from another camera" if benchmark.rule == "cross-camera" else ""
        faults.append(
            f"no identity of query is in gallery{where}, so no query has a match; add such tracklets to gallery"
        )
    return faults


def _has_match(benchmark: Benchmark) -> bool:
    """Return whether any query has a match in the gallery."""
    cameras: dict[str, set[str]] = {}
    for tracklet in benchmark.gallery:
        cameras.setdefault(tracklet.identity, set()).add(tracklet.camera)
    for tracklet in benchmark.query:
        matching = cameras.get(tracklet.identity, set())
        if benchmark.rule == "cross-camera":
            matching = matching - {tracklet.camera}
        if matching:
            return True
    return False

"""Counts of identities, tracklets, images and cameras in each split of a benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from reid.data.records import Benchmark


@dataclass(frozen=True)
class Count:
    """Counts of one split; None if a count is unknown."""

    identities: int | None = None
    tracklets: int | None = None
    """A single image counts as a tracklet."""
    images: int | None = None
    cameras: int | None = None
    """Cameras that the data set names."""


def count_splits(benchmark: Benchmark) -> dict[str, Count]:
    """Return the counts of `train`, `query`, `gallery` and `all`, which is the three together."""
    splits = {"train": benchmark.train, "query": benchmark.query, "gallery": benchmark.gallery}
    everything = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    return {
        name: Count(
            identities=len({tracklet.identity for tracklet in tracklets}),
            tracklets=len(tracklets),
            images=sum(len(tracklet.images) for tracklet in tracklets),
            cameras=len({tracklet.camera for tracklet in tracklets if tracklet.camera}),
        )
        for name, tracklets in {**splits, "all": everything}.items()
    }


def count_differences(counted: Mapping[str, Count], expected: Mapping[str, Count]) -> list[str]:
    """Return one clause per count that differs from the expected one; unknown counts are not compared.

    >>> count_differences({"train": Count(3, 12)}, {"train": Count(4)})
    ['train: 3 identities, not 4']
    """
    differences = []
    for split, counts in expected.items():
        for field in fields(Count):
            number, wanted = getattr(counted[split], field.name), getattr(counts, field.name)
            if wanted is not None and number != wanted:
                differences.append(f"{split}: {number} {field.name}, not {wanted}")
    return differences

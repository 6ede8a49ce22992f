"""Counting: what a benchmark holds in each split, as papers tabulate it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from reid.data.records import Benchmark, LabelledTracklet


@dataclass(frozen=True)
class Count:
    """A split in numbers; None where nothing is known or said."""

    identities: int | None = None
    tracklets: int | None = None
    """Single images count as tracklets."""
    images: int | None = None
    cameras: int | None = None
    """Of the cameras that are told."""


def count(benchmark: Benchmark) -> dict[str, Count]:
    """Count each split, and all of them together."""
    splits = {"train": benchmark.train, "query": benchmark.query, "gallery": benchmark.gallery}
    together = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    return {name: _count(entries) for name, entries in {**splits, "all": together}.items()}


def _count(entries: Sequence[LabelledTracklet]) -> Count:
    return Count(
        identities=len({entry.identity for entry in entries}),
        tracklets=len(entries),
        images=sum(len(entry.images) for entry in entries),
        cameras=len({entry.camera for entry in entries if entry.camera}),
    )


def differences(found: Mapping[str, Count], told: Mapping[str, Count]) -> list[str]:
    """Say where what was found is not what was told; what was not told cannot differ.

    >>> differences({"train": Count(3, 12)}, {"train": Count(4)})
    ['train: 3 identities, not 4']
    """
    return [
        f"{split}: {getattr(found[split], field.name)} {field.name}, not {number}"
        for split, counts in told.items()
        for field in fields(Count)
        if (number := getattr(counts, field.name)) not in (None, getattr(found[split], field.name))
    ]

"""Market-1501: people in front of a supermarket, single images from six cameras (Zheng et al., ICCV 2015)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="Market-1501",
    folders=("Market-1501-v15.09.15", "Market-1501"),
    sign="bounding_box_train",
    source="from its authors' page (search for 'Market-1501 person re-identification dataset')",
    tree="""\
Market-1501-v15.09.15/
  bounding_box_train/0002_c1s1_000451_03.jpg ...
  query/0001_c1s1_001051_00.jpg ...
  bounding_box_test/-1_c1s1_000401_03.jpg 0000_c1s1_000151_01.jpg ...""",
)
NAME = re.compile(r"(-1|\d+)_c(\d+)s(\d+)_(\d+)_")
JUNK = "-1"
"""Identity of bad detections, which are left out. Identity 0000, other people, stays in the gallery."""


class Shot(NamedTuple):
    """Fields of an image's name."""

    path: str
    identity: str
    camera: str
    sequence: int
    frame: int


def load_market_1501(root: Path, split: int) -> Benchmark:
    """Load Market-1501 with its single queries."""
    del split  # there is only one
    folder = LAYOUT.locate(root)
    train = _shots(folder / "bounding_box_train")
    query = _shots(folder / "query")
    gallery = _shots(folder / "bounding_box_test")
    starts = sequence_starts((*train, *query, *gallery))
    return LAYOUT.benchmark(
        "market-1501",
        folder,
        train=_tracklets(train, starts),
        query=_tracklets(query, starts),
        gallery=_tracklets(gallery, starts),
    )


def _shots(folder: Path) -> list[Shot]:
    shots = []
    for name in LAYOUT.pictures(folder):
        identity, camera, sequence, frame = LAYOUT.parse(NAME, folder, name, "0002_c1s1_000451_03.jpg")
        shots.append(Shot(f"{folder}/{name}", identity, camera, int(sequence), int(frame)))
    return shots


def sequence_starts(shots: Iterable[Shot]) -> dict[tuple[str, int], int]:
    """Return the first frame number of each camera's sequences on one clock per camera.

    Frame numbers restart in every sequence, and transition times need one clock per camera (Wang et al.,
    AAAI 2019). A sequence starts at the sum of the highest frame numbers of the camera's earlier sequences.

    >>> starts = sequence_starts([Shot("", "2", "1", 1, 90), Shot("", "2", "1", 3, 7), Shot("", "2", "1", 2, 40)])
    >>> starts["1", 1], starts["1", 2], starts["1", 3]
    (0, 90, 130)
    """
    ends: dict[tuple[str, int], int] = {}
    for shot in shots:
        key = shot.camera, shot.sequence
        ends[key] = max(ends.get(key, 0), shot.frame)
    return {
        (camera, sequence): sum(end for (c, s), end in ends.items() if c == camera and s < sequence)
        for camera, sequence in ends
    }


def _tracklets(shots: list[Shot], starts: dict[tuple[str, int], int]) -> list[LabelledTracklet]:
    return [
        LabelledTracklet((shot.path,), shot.identity, shot.camera, starts[shot.camera, shot.sequence] + shot.frame)
        for shot in shots
        if shot.identity != JUNK
    ]  # fmt: skip

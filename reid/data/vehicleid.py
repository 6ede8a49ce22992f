"""VehicleID: vehicles by day, single images without camera names (Liu et al., CVPR 2016)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="VehicleID",
    folders=("VehicleID_V1.0", "VehicleID"),
    sign="train_test_split",
    source="from its authors at Peking University, on request (search for 'PKU VehicleID dataset')",
    tree="""\
VehicleID_V1.0/
  image/0000001.jpg ...
  train_test_split/train_list.txt  test_list_800.txt  test_list_1600.txt  test_list_2400.txt
    (a line each: name of the image, identity)""",
)
LINE = re.compile(r"(\S+)\s+(\d+)$")
UNKNOWN = ""
"""Camera of every image, because the data set does not name cameras."""


def load_vehicleid_800(root: Path, split: int) -> Benchmark:
    """Load VehicleID with its test list of 800 vehicles."""
    return _load(root, split, 800)


def load_vehicleid_1600(root: Path, split: int) -> Benchmark:
    """Load VehicleID with its test list of 1600 vehicles."""
    return _load(root, split, 1600)


def load_vehicleid_2400(root: Path, split: int) -> Benchmark:
    """Load VehicleID with its test list of 2400 vehicles."""
    return _load(root, split, 2400)


def _load(root: Path, split: int, test: int) -> Benchmark:
    folder = LAYOUT.locate(root)
    existing = frozenset(LAYOUT.names(folder / "image"))
    train = _images(folder, "train_list.txt", existing)
    tested = _images(folder, f"test_list_{test}.txt", existing)
    gallery = _draw_one_per_identity(tested, split)
    return LAYOUT.benchmark(
        f"vehicleid-{test}",
        folder,
        train=train,
        query=[image for i, image in enumerate(tested) if i not in gallery],
        gallery=[tested[i] for i in gallery],
        rule="any-camera",
    )


def _images(folder: Path, listing: str, existing: frozenset[str]) -> list[LabelledTracklet]:
    """Return the images of a list, sorted by identity and name."""
    path = folder / "train_test_split" / listing
    images = set()
    for line in LAYOUT.lines(path):
        match = LINE.match(line)
        if match is None:
            raise LAYOUT.malformed(path, f"line {line!r} is not a name and an identity")
        if f"{match[1]}.jpg" not in existing:
            raise LAYOUT.missing(folder / "image" / f"{match[1]}.jpg")
        images.add((int(match[2]), f"{folder}/image/{match[1]}.jpg"))
    return [LabelledTracklet((image,), str(number), UNKNOWN) for number, image in sorted(images)]


def _draw_one_per_identity(images: list[LabelledTracklet], split: int) -> list[int]:
    """Return the index of one image per identity, drawn with the split's number as seed."""
    random = np.random.default_rng(split)
    by_identity: dict[str, list[int]] = {}
    for i, image in enumerate(images):
        by_identity.setdefault(image.identity, []).append(i)
    return [indices[random.integers(len(indices))] for indices in by_identity.values()]

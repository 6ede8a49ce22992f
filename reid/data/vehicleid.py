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


def load_vehicleid(root: Path, split: int, *, test: int) -> Benchmark:
    """Load VehicleID with its test list of 800, 1600 or 2400 vehicles; `split` seeds the choice of gallery images."""
    folder = LAYOUT.locate(root)
    existing = frozenset(LAYOUT.names(folder / "image"))
    train = _images(folder, "train_list.txt", existing)
    tested = _images(folder, f"test_list_{test}.txt", existing)
    by_identity: dict[str, list[int]] = {}
    for i, image in enumerate(tested):
        by_identity.setdefault(image.identity, []).append(i)
    random = np.random.default_rng(split)
    gallery = [indices[random.integers(len(indices))] for indices in by_identity.values()]
    return LAYOUT.benchmark(
        f"vehicleid-{test}",
        folder,
        train=train,
        query=[image for i, image in enumerate(tested) if i not in gallery],
        gallery=[tested[i] for i in gallery],
        rule="any-camera",
    )


def _images(folder: Path, listing: str, existing: frozenset[str]) -> list[LabelledTracklet]:
    """Return the images of a list, sorted by identity and name; the data set does not name cameras."""
    path = folder / "train_test_split" / listing
    images = set()
    for line in LAYOUT.lines(path):
        match = LINE.match(line)
        if match is None:
            raise LAYOUT.malformed(path, f"line {line!r} is not a name and an identity")
        if f"{match[1]}.jpg" not in existing:
            raise LAYOUT.missing(folder / "image" / f"{match[1]}.jpg")
        images.add((int(match[2]), f"{folder}/image/{match[1]}.jpg"))
    return [LabelledTracklet((image,), str(number), camera="") for number, image in sorted(images)]

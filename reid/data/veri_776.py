"""VeRi-776: vehicles on city roads, single images from twenty cameras (Liu et al., ECCV 2016)."""

from __future__ import annotations

import re
from pathlib import Path

from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="VeRi-776",
    folders=("VeRi", "VeRi-776"),
    sign="image_train",
    source="from its authors, on request (search for 'VeRi-776 vehicle re-identification dataset')",
    tree="""\
VeRi/
  image_train/0001_c001_00016450_0.jpg ...
  image_query/0002_c002_00030600_0.jpg ...
  image_test/0002_c002_00030605_1.jpg ...""",
)
NAME = re.compile(r"(\d+)_c(\d+)_(\d+)_")


def load_veri_776(root: Path, split: int) -> Benchmark:
    """Load VeRi-776 with single images as queries; the third number in a name is its frame on a common clock."""
    del split  # there is only one
    folder = LAYOUT.locate(root)
    return LAYOUT.benchmark(
        "veri-776",
        folder,
        train=_images(folder / "image_train"),
        query=_images(folder / "image_query"),
        gallery=_images(folder / "image_test"),
    )


def _images(folder: Path) -> list[LabelledTracklet]:
    images = []
    for name in LAYOUT.pictures(folder):
        identity, camera, frame = LAYOUT.parse(NAME, folder, name, "0001_c001_00016450_0.jpg")
        images.append(LabelledTracklet((f"{folder}/{name}",), identity, camera, int(frame)))
    return images

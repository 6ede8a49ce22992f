"""CUHK01: people on a campus, two images from each of two views (Li, Zhao and Wang, ACCV 2012)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="CUHK01",
    folders=("CUHK01", "campus"),
    sign="0001001.png",
    source="from its authors, on request (search for 'CUHK01 person re-identification dataset')",
    tree="""\
CUHK01/
  0001001.png 0001002.png   (person 1, view A)
  0001003.png 0001004.png   (person 1, view B) ...""",
)
NAME = re.compile(r"(\d{4})(00[1-4])\.png")


def load_cuhk01(root: Path, split: int, *, test: int) -> Benchmark:
    """Load CUHK01 with 486 or 100 people in `test`, drawn with the split's number as seed."""
    folder = LAYOUT.locate(root)
    images = []
    for name in LAYOUT.pictures(folder):
        identity, number = LAYOUT.parse(NAME, folder, name, "0001001.png")
        camera = "A" if int(number) <= 2 else "B"
        images.append(LabelledTracklet((f"{folder}/{name}",), identity, camera))
    people = sorted({image.identity for image in images})
    if len(people) <= test:
        raise LAYOUT.malformed(folder, f"holds {len(people)} people, and the test alone needs {test}")
    order = np.random.default_rng(split).permutation(len(people))
    tested = {people[i] for i in order[:test]}
    return LAYOUT.benchmark(
        f"cuhk01-{test}",
        folder,
        train=[image for image in images if image.identity not in tested],
        query=[image for image in images if image.identity in tested and image.camera == "A"],
        gallery=[image for image in images if image.identity in tested and image.camera == "B"],
    )

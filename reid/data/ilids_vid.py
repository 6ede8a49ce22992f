"""iLIDS-VID: people at an airport, a tracklet from each of two cameras (Wang et al., ECCV 2014)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reid.data.matlab import read_matrix
from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="iLIDS-VID",
    folders=("i-LIDS-VID",),
    sign="sequences",
    source="from its authors' page (search for 'iLIDS-VID person re-identification dataset')",
    tree="""\
i-LIDS-VID/
  sequences/cam1/person001/*.png ...
  sequences/cam2/person001/*.png ...
  train-test people splits/train_test_splits_ilidsvid.mat   (or next to i-LIDS-VID/)""",
)
SPLITS = Path("train-test people splits", "train_test_splits_ilidsvid.mat")


def load_ilids_vid(root: Path, split: int) -> Benchmark:
    """Load one of the ten splits; queries are from camera 1, and the gallery is camera 2."""
    folder = LAYOUT.locate(root)
    people = LAYOUT.names(folder / "sequences" / "cam1")  # sorted: the splits number people in this order
    order = _read_split(folder, split, len(people))
    half = len(order) // 2
    test = [people[i] for i in sorted(order[:half])]
    train = [people[i] for i in sorted(order[half:])]
    return LAYOUT.benchmark(
        "ilids-vid",
        folder,
        train=[_tracklet(folder, camera, person) for person in train for camera in ("cam1", "cam2")],
        query=[_tracklet(folder, "cam1", person) for person in test],
        gallery=[_tracklet(folder, "cam2", person) for person in test],
    )


def _read_split(folder: Path, split: int, n: int) -> NDArray[np.int64]:
    """Return one split's people as (n,) indices: the first half is the test, the second half the training."""
    path = folder / SPLITS if (folder / SPLITS).is_file() else folder.parent / SPLITS
    if not path.is_file():
        raise LAYOUT.missing(folder / SPLITS)
    rows = read_matrix(LAYOUT, path, "ls_set")
    if not split < len(rows) or sorted(rows[split]) != list(range(1, n + 1)):
        raise LAYOUT.malformed(
            path, f"split {split} does not name each of the {n} people of sequences/cam1 once"
        )
    order: NDArray[np.int64] = rows[split] - 1
    return order


def _tracklet(folder: Path, camera: str, person: str) -> LabelledTracklet:
    images = folder / "sequences" / camera / person
    return LabelledTracklet(tuple(f"{images}/{name}" for name in LAYOUT.pictures(images)), person, camera)

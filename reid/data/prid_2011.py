"""PRID 2011: people in the street, a tracklet from each of two cameras (Hirzer et al., SCIA 2011)."""

from __future__ import annotations

import json
from pathlib import Path

from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="PRID 2011",
    folders=("prid2011",),
    sign="multi_shot",
    source="from its authors at TU Graz (search for 'PRID 2011 person re-identification dataset'; the ten splits, "
    "splits_prid2011.json, come with most re-identification libraries)",
    tree="""\
prid_2011/
  multi_shot/cam_a/person_0001/*.png ...
  multi_shot/cam_b/person_0001/*.png ...
  splits_prid2011.json: ten of {"train": ["person_0001", ...], "test": [...]}   (or next to prid_2011/)""",
)
SPLITS = "splits_prid2011.json"


def load_prid_2011(root: Path, split: int) -> Benchmark:
    """Load one of the ten splits; queries are from camera a, and the gallery is camera b."""
    folder = LAYOUT.locate(root)
    people = {part: _people(folder, split, part) for part in ("train", "test")}
    return LAYOUT.benchmark(
        "prid-2011",
        folder,
        train=[_tracklet(folder, camera, person) for person in people["train"] for camera in ("cam_a", "cam_b")],
        query=[_tracklet(folder, "cam_a", person) for person in people["test"]],
        gallery=[_tracklet(folder, "cam_b", person) for person in people["test"]],
    )  # fmt: skip


def _people(folder: Path, split: int, part: str) -> list[str]:
    """Return the people of the training or test part of one split, sorted."""
    path = folder / SPLITS if (folder / SPLITS).is_file() else folder.parent / SPLITS
    if not path.is_file():
        raise LAYOUT.missing(folder / SPLITS)
    try:
        people = json.loads(path.read_text(encoding="utf-8"))[split][part]
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise LAYOUT.malformed(path, f'is not a list with an entry {split} that has "{part}"') from error
    if not isinstance(people, list) or not all(isinstance(person, str) for person in people):
        raise LAYOUT.malformed(path, f'"{part}" of entry {split} is not a list of names')
    return sorted(set(people))


def _tracklet(folder: Path, camera: str, person: str) -> LabelledTracklet:
    images = folder / "multi_shot" / camera / person
    return LabelledTracklet(tuple(f"{images}/{name}" for name in LAYOUT.pictures(images)), person, camera)

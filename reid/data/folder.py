"""Data sets of your own: `train|query|gallery/<identity>/<camera>_<tracklet>/*.jpg`."""

from __future__ import annotations

from pathlib import Path

from reid.data.reading import PICTURES, FolderLayout
from reid.data.records import Benchmark, LabelledTracklet
from reid.errors import DatasetError

UNREAD = (".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".avif", ".jp2")
"""Suffixes of images that are not read; they raise an error instead of being ignored."""
LAYOUT = FolderLayout(
    title="a folder of your own",
    folders=(),
    sign="train",
    source="by sorting your own pictures",
    tree="""\
FOLDER/
  train/<identity>/<camera>_<tracklet>/*.jpg or *.png     enough to train
  query/<identity>/<camera>_<tracklet>/*.jpg or *.png     with gallery/ enough to evaluate
  gallery/<identity>/<camera>_<tracklet>/*.jpg or *.png
  (pictures in time order by name; a single picture is a tracklet too)""",
)


def load_folder(root: Path, split: int) -> Benchmark:
    """Load the training split, or query and gallery, or all three."""
    del split  # there is only one
    train, query, gallery = (root / part for part in ("train", "query", "gallery"))
    if query.is_dir() != gallery.is_dir():
        raise LAYOUT.missing(gallery if query.is_dir() else query)
    if not train.is_dir() and not query.is_dir():
        raise LAYOUT.missing(train)
    return LAYOUT.benchmark(
        "folder", root, train=_tracklets(train), query=_tracklets(query), gallery=_tracklets(gallery)
    )


def _tracklets(part: Path) -> list[LabelledTracklet]:
    if not part.is_dir():
        return []
    tracklets = []
    for identity in LAYOUT.names(part):
        names = LAYOUT.names(part / identity)
        if not names:
            raise LAYOUT.malformed(part / identity, "holds no tracklet")
        tracklets += [_tracklet(part / identity, name) for name in names]
    return tracklets


def _tracklet(identity: Path, name: str) -> LabelledTracklet:
    """Read one tracklet; the camera's name may contain underscores, the tracklet's may not."""
    camera, _, number = name.rpartition("_")
    folder = identity / name
    if not camera or not number:
        raise DatasetError(f"{folder}: the name is not <camera>_<tracklet>, such as door_1; rename it")
    for file in LAYOUT.names(folder):
        if file.lower().endswith(UNREAD):
            raise LAYOUT.malformed(
                folder / file, f"is an image in a format that is not read; save it as {PICTURES[0]}"
            )
    images = tuple(f"{folder}/{image}" for image in LAYOUT.pictures(folder))
    return LabelledTracklet(images, identity.name, camera)

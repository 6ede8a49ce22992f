"""People's own data: `train|query|gallery/<identity>/<camera>_<tracklet>/*.jpg`."""

from __future__ import annotations

from pathlib import Path

from reid.data.reading import PICTURES, Layout
from reid.data.records import Benchmark, LabelledTracklet
from reid.errors import DatasetError

UNREAD = (".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".avif", ".jp2")
"""Endings of pictures that are not read, and so must not be passed over."""
LAYOUT = Layout(
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
    """Read training, query and gallery; training alone will do, and so will query with gallery."""
    del split  # there is one
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
    """Read one tracklet; the camera's own name may have underscores, the tracklet's not."""
    camera, _, number = name.rpartition("_")
    if not camera or not number:
        raise DatasetError(
            f"{identity / name}: the name is not <camera>_<tracklet>, such as door_1; rename it"
        )
    place = identity / name
    for file in LAYOUT.names(place):
        if file.lower().endswith(UNREAD):
            raise LAYOUT.malformed(
                place / file, f"is a picture of a kind that is not read; save it as {PICTURES[0]}"
            )
    return LabelledTracklet(
        tuple(f"{place}/{image}" for image in LAYOUT.pictures(place)), identity.name, camera
    )

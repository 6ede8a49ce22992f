"""MARS: tracklets of people from six cameras, as its own lists define them (Zheng et al., ECCV 2016)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reid.data.matlab import read_matrix
from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = FolderLayout(
    title="MARS",
    folders=("MARS", "MARS-v160809"),
    sign="info",
    source="from its authors' page (search for 'MARS motion analysis and re-identification set'; the lists of "
    "info/ are in their repository 'MARS-evaluation')",
    tree="""\
MARS/
  bbox_train/0001/0001C1T0001F001.jpg ...
  bbox_test/0000/ 00-1/ 0002/ ...
  info/train_name.txt  test_name.txt
  info/tracks_train_info.mat  tracks_test_info.mat  query_IDX.mat""",
)
JUNK = -1
"""Identity of tracklets that show no person; they are left out.

Identity 0, passers-by, stays in the gallery: no query asks for it, and it makes the search harder.
"""


def load_mars(root: Path, split: int) -> Benchmark:
    """Load MARS; its gallery is the test tracklets that are neither query nor junk."""
    del split  # there is only one
    folder = LAYOUT.locate(root)
    rows = _rows(folder, "test")
    is_query = _query_mask(folder, len(rows))
    return LAYOUT.benchmark(
        "mars",
        folder,
        train=_tracklets(folder, "train", _rows(folder, "train")),
        query=_tracklets(folder, "test", rows[is_query]),
        gallery=_tracklets(folder, "test", rows[~is_query]),
    )


def _rows(folder: Path, part: str) -> NDArray[np.int64]:
    """Return a part's tracklets as (n, 4) rows of first line, last line, identity and camera.

    The lines are those of the part's list of names; they count from 1, and both are included.
    """
    path = folder / "info" / f"tracks_{part}_info.mat"
    rows = read_matrix(LAYOUT, path, f"track_{part}_info")
    if rows.shape[1] != 4:
        raise LAYOUT.malformed(
            path, f"has {rows.shape[1]} columns, not the 4 of start, end, identity and camera"
        )
    return rows


def _query_mask(folder: Path, n: int) -> NDArray[np.bool_]:
    """Return which of the n test tracklets are queries, (n,); the file counts them from 1."""
    path = folder / "info" / "query_IDX.mat"
    numbers = read_matrix(LAYOUT, path, "query_IDX").ravel()
    if len(numbers) and not 1 <= numbers.min() <= numbers.max() <= n:
        raise LAYOUT.malformed(path, f"names a tracklet outside 1 to {n}")
    is_query = np.zeros(n, np.bool_)
    is_query[numbers - 1] = True
    return is_query


def _tracklets(folder: Path, part: str, rows: NDArray[np.int64]) -> list[LabelledTracklet]:
    """Return a part's tracklets; each identity's folder is listed once."""
    info = folder / "info" / f"{part}_name.txt"
    boxes = folder / f"bbox_{part}"
    names = LAYOUT.lines(info)
    existing: dict[str, frozenset[str]] = {}
    tracklets = []
    for start, end, number, camera in rows.tolist():
        if number == JUNK:
            continue
        identity = f"{number:04d}"
        if not 1 <= start <= end <= len(names):
            raise LAYOUT.malformed(info, f"has {len(names)} names, but a tracklet goes from {start} to {end}")
        images = names[start - 1 : end]
        for name in images:
            if name[:6] != f"{identity}C{camera}":
                raise LAYOUT.malformed(info, f"{name} is not of identity {identity} in camera {camera}")
        if identity not in existing:
            existing[identity] = frozenset(LAYOUT.names(boxes / identity))
        if missing := set(images) - existing[identity]:
            raise LAYOUT.missing(boxes / identity / min(missing))
        paths = tuple(f"{boxes}/{identity}/{name}" for name in images)
        tracklets.append(LabelledTracklet(paths, identity, str(camera)))
    return tracklets

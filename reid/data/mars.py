"""MARS: people in tracklets from six cameras, as its own lists cut them (Zheng et al., ECCV 2016)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reid.data.matlab import read_matrix
from reid.data.reading import Layout
from reid.data.records import Benchmark, LabelledTracklet

LAYOUT = Layout(
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
"""Identity of the tracklets that are nobody's; they are neither right nor wrong and are left out.

Identity 0, passers-by, stays in the gallery: nobody asks for it, and it makes the search harder.
"""


def load_mars(root: Path, split: int) -> Benchmark:
    """Read MARS: training, query, and as gallery the test tracklets that are neither query nor junk."""
    del split  # there is one
    folder = LAYOUT.locate(root)
    rows = _rows(folder, "test")
    asked = _query(folder, len(rows))
    return LAYOUT.benchmark(
        "mars",
        folder,
        train=_tracklets(folder, "train", _rows(folder, "train")),
        query=_tracklets(folder, "test", rows[asked]),
        gallery=_tracklets(folder, "test", rows[~asked]),
    )


def _rows(folder: Path, part: str) -> NDArray[np.int64]:
    """Read a part's tracklets, (n, 4): first and last line of its names from 1, both included; identity; camera."""
    path = folder / "info" / f"tracks_{part}_info.mat"
    rows = read_matrix(LAYOUT, path, f"track_{part}_info")
    if rows.shape[1] != 4:
        raise LAYOUT.malformed(
            path, f"has {rows.shape[1]} columns, not the 4 of start, end, identity and camera"
        )
    return rows


def _query(folder: Path, n: int) -> NDArray[np.bool_]:
    """Read which of the n test tracklets are queries, (n,); the file counts from 1."""
    path = folder / "info" / "query_IDX.mat"
    numbers = read_matrix(LAYOUT, path, "query_IDX").ravel()
    if len(numbers) and not 1 <= numbers.min() <= numbers.max() <= n:
        raise LAYOUT.malformed(path, f"names a tracklet outside 1 to {n}")
    asked = np.zeros(n, np.bool_)
    asked[numbers - 1] = True
    return asked


def _tracklets(folder: Path, part: str, rows: NDArray[np.int64]) -> list[LabelledTracklet]:
    """Look up the pictures of a part's tracklets; each identity's folder is listed once."""
    info, boxes = folder / "info" / f"{part}_name.txt", folder / f"bbox_{part}"
    names = LAYOUT.lines(info)
    there: dict[str, frozenset[str]] = {}
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
        if identity not in there:
            there[identity] = frozenset(LAYOUT.names(boxes / identity))
        if absent := set(images) - there[identity]:
            raise LAYOUT.missing(boxes / identity / min(absent))
        paths = tuple(f"{boxes}/{identity}/{name}" for name in images)
        tracklets.append(LabelledTracklet(paths, identity, str(camera)))
    return tracklets

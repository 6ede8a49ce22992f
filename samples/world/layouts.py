"""Writers of data sets in the layouts of MARS and VeRi-776.

Both write to a folder with a temporary name, which gets its final name on closing. So the files of a killed
run are not mistaken for a data set; the next run deletes them.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid.files import PARTIAL, write_json
from samples.miniatures.benchmarks import write_matrix, write_text
from samples.world.errors import WorldError
from samples.world.programme import Part

NOBODY, PASSER_BY = -1, 0
"""Identities of junk and of distractors in MARS; both occur only in the test part."""
MARS_CAMERAS, VERI_CAMERAS = 6, 999
FRAMES_A_SECOND = 25
"""Rate of the frame numbers in VeRi file names."""


@dataclass(frozen=True)
class Row:
    """One tracklet of MARS as listed in its files."""

    label: str
    camera: int
    tracklet: int
    """Number of the tracklet of this identity in this camera, from 1."""
    names: tuple[str, ...]
    """File names of the images."""


class MarsWriter:
    """Writer of people's tracklets as MARS. Readers of MARS distinguish six cameras only."""

    def __init__(self, root: Path) -> None:
        """Start `root/MARS`.

        Raises:
            WorldError: the folder already exists.
        """
        self._folder, self._partial = _begin(root / "MARS")
        self._rows: dict[Part, list[Row]] = {"train": [], "test": []}
        self._tracklet_counts: Counter[tuple[Part, str, int]] = Counter()

    def add(self, identity: int, part: Part, camera: int, pictures: Sequence[bytes]) -> None:
        """Add one tracklet.

        Args:
            identity: from 1; in the test also 0 for a distractor and -1 for junk.
            part: training or test; the caller puts each identity in one part only.
            camera: from 1 to 6.
            pictures: 1 to 999 JPEG images.

        Raises:
            WorldError: the layout has no name for such a tracklet.
        """
        if not -1 <= identity <= 9999 or (identity < 1 and part == "train"):
            raise WorldError(
                f"MARS has identities 1 to 9999, and 0 and -1 in its test; got {identity} in {part}"
            )
        if not 1 <= camera <= MARS_CAMERAS or not 1 <= len(pictures) <= 999:
            raise WorldError(
                f"MARS has cameras 1 to 6 and 1 to 999 frames; got camera {camera} and {len(pictures)} frames"
            )
        label = "00-1" if identity == NOBODY else f"{identity:04d}"
        self._tracklet_counts[part, label, camera] += 1
        number = self._tracklet_counts[part, label, camera]
        names = tuple(
            f"{label}C{camera}T{number:04d}F{frame:03d}.jpg" for frame in range(1, len(pictures) + 1)
        )
        _put(self._partial / f"bbox_{part}" / label, names, pictures)
        self._rows[part].append(Row(label, camera, number, names))

    def close(self, twins: Iterable[Sequence[int]] = ()) -> None:
        """Write the lists and give the data set its final name.

        Args:
            twins: groups of test identities that look alike.

        Raises:
            WorldError: a part has no tracklet.
        """
        info = self._partial / "info"
        for part, rows in self._rows.items():
            if not rows:
                raise WorldError(
                    f"{self._folder}: no person was visible long enough for the {part} part; use more people"
                )
            rows.sort(key=lambda row: (row.label, row.camera, row.tracklet))
            write_text(info / f"{part}_name.txt", [name for row in rows for name in row.names])
            write_matrix(info / f"tracks_{part}_info.mat", f"track_{part}_info", _numbered(rows))
        write_matrix(info / "query_IDX.mat", "query_IDX", np.array([queries(self._rows["test"])], np.int64))
        groups = sorted(sorted(group) for group in twins)
        if groups:
            write_json(info / "twins.json", {"groups": groups})
        self._partial.rename(self._folder)


class VeriWriter:
    """Writer of vehicles as VeRi-776: single images with frame numbers of a common clock in their names."""

    def __init__(self, root: Path) -> None:
        """Start `root/VeRi`.

        Raises:
            WorldError: the folder already exists.
        """
        self._folder, self._partial = _begin(root / "VeRi")
        self._pictures: dict[Part, Counter[tuple[int, int]]] = {"train": Counter(), "test": Counter()}

    def add(self, identity: int, part: Part, camera: int, pictures: Mapping[float, bytes]) -> None:
        """Add the images of one vehicle in one camera.

        In the test the first image of each vehicle in each camera is a query and the others are in the
        gallery, as in VeRi. A single image goes to the gallery.

        Args:
            identity: from 1 to 9999.
            part: training or test.
            camera: from 1 to 999.
            pictures: JPEG images by seconds on the common clock.

        Raises:
            WorldError: the identity or the camera is out of range.
        """
        if not 1 <= identity <= 9999 or not 1 <= camera <= VERI_CAMERAS:
            raise WorldError(
                f"VeRi has identities 1 to 9999 and cameras 1 to 999; got identity {identity} and camera {camera}"
            )
        for i, (seconds, picture) in enumerate(sorted(pictures.items())):
            is_query = part == "test" and len(pictures) > 1 and not self._pictures[part][identity, camera]
            number = round(seconds * FRAMES_A_SECOND)
            name = f"{identity:04d}_c{camera:03d}_{number:08d}_{i}.jpg"
            _put(self._partial / ("image_query" if is_query else f"image_{part}"), [name], [picture])
            self._pictures[part][identity, camera] += 1

    def close(self) -> None:
        """Give the data set its final name.

        Raises:
            WorldError: the training set, the queries or the gallery have no image.
        """
        for part in ("image_train", "image_query", "image_test"):
            if not (self._partial / part).is_dir():
                raise WorldError(
                    f"{self._folder}: no vehicle was visible long enough for {part}; use more vehicles"
                )
        self._partial.rename(self._folder)


def camera_number(before: int, camera: int, numbers: int) -> int:
    """Return the number, from 1, of a camera whose production follows after `before` cameras of earlier productions.

    Numbers continue from production to production, so that cameras of different days have different numbers.
    They start again at 1 after the last number of the layout. Two days may then share a number, and images of
    one person in both do not count as a match. The cameras of one production have different numbers unless it
    has more cameras than `numbers`.

    >>> [camera_number(4, camera, 6) for camera in range(3)]
    [5, 6, 1]
    """
    return 1 + (before + camera) % numbers


def queries(rows: Sequence[Row]) -> list[int]:
    """Return the queries as numbers, from 1, of sorted rows.

    The queries of an identity are its first tracklets in the cameras in which it has several. If it has one
    tracklet in each camera, only its first tracklet is a query, because a query is not in the gallery and a
    match must remain. An identity that is in one camera only has no query.

    >>> row = lambda camera, tracklet: Row("0002", camera, tracklet, ())
    >>> queries([row(1, 1), row(1, 2), row(2, 1), row(2, 2)]), queries([row(1, 1), row(2, 1)]), queries([row(1, 1)])
    ([1, 3], [1], [])
    """
    identities: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(rows, start=1):
        if row.label not in ("00-1", "0000"):
            identities[row.label][row.camera].append(number)
    chosen: list[int] = []
    for cameras in identities.values():
        if len(cameras) > 1:
            firsts = [numbers[0] for numbers in cameras.values()]
            chosen += [numbers[0] for numbers in cameras.values() if len(numbers) > 1] or firsts[:1]
    return sorted(chosen)


def _numbered(rows: Sequence[Row]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return (n, 4) rows of first and last image (from 1), identity and camera of each tracklet."""
    ends = np.cumsum([len(row.names) for row in rows])
    starts = ends - [len(row.names) for row in rows] + 1
    identities = [NOBODY if row.label == "00-1" else int(row.label) for row in rows]
    return np.column_stack([starts, ends, identities, [row.camera for row in rows]])


def _begin(folder: Path) -> tuple[Path, Path]:
    """Return a data set's final folder and its temporary folder, which is new and empty."""
    partial = folder.with_name(folder.name + PARTIAL)
    if folder.exists():
        raise WorldError(f"{folder} already exists; name another folder or delete it")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return folder, partial


def _put(folder: Path, names: Sequence[str], pictures: Sequence[bytes]) -> None:
    """Write images to a folder, which is created if it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in zip(names, pictures, strict=True):
        (folder / name).write_bytes(picture)

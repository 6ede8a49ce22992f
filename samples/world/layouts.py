"""How do tracklets of many productions become one data set, laid out as MARS or VeRi-776 are?

Both are written under another name, which takes its own on closing: what a killed run leaves is not taken for
a data set, and the next one clears it away.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reid.files import PARTIAL, write_json
from samples.benchmarks import write_matrix, write_text
from samples.world.errors import WorldError
from samples.world.programme import Part

NOBODY, PASSER_BY = -1, 0
"""Identities of MARS's junk and of its distractors; both lie in the test alone."""
MARS_CAMERAS, VERI_CAMERAS = 6, 999
FRAMES_A_SECOND = 25
"""Of the clock in VeRi's names."""


@dataclass(frozen=True)
class Row:
    """One tracklet of MARS as its lists have it."""

    label: str
    camera: int
    tracklet: int
    """Of this identity in this camera, from 1."""
    names: tuple[str, ...]


class MarsWriter:
    """Collects people's tracklets as MARS; its six cameras are all that our reader, and others', can tell apart."""

    def __init__(self, root: Path) -> None:
        """Begin `root/MARS`.

        Raises:
            WorldError: It is there already.
        """
        self._folder, self._partial = _begin(root / "MARS")
        self._rows: dict[Part, list[Row]] = {"train": [], "test": []}
        self._passages: Counter[tuple[Part, str, int]] = Counter()

    def add(self, identity: int, part: Part, camera: int, pictures: Sequence[bytes]) -> None:
        """Add one tracklet.

        Args:
            identity: From 1; 0 is one of the passers-by nobody asks for, -1 a bad detection.
            part: An identity lies in one of them.
            camera: From 1 to 6.
            pictures: JPEG, at most 999.
        """
        if not -1 <= identity <= 9999 or (identity < 1 and part == "train"):
            raise WorldError(
                f"MARS has identities 1 to 9999, and in its test 0 and -1; not {identity} in {part}"
            )
        if not 1 <= camera <= MARS_CAMERAS or not 1 <= len(pictures) <= 999:
            raise WorldError(f"MARS has cameras 1 to 6 and 1 to 999 frames; not {camera} and {len(pictures)}")
        label = "00-1" if identity == NOBODY else f"{identity:04d}"
        self._passages[part, label, camera] += 1
        number = self._passages[part, label, camera]
        names = tuple(f"{label}C{camera}T{number:04d}F{i:03d}.jpg" for i in range(1, len(pictures) + 1))
        _put(self._partial / f"bbox_{part}" / label, names, pictures)
        self._rows[part].append(Row(label, camera, number, names))

    def close(self, twins: Iterable[Sequence[int]] = ()) -> None:
        """Write the lists; then it has its name. `twins` are groups of test identities that look alike."""
        info = self._partial / "info"
        for part, rows in self._rows.items():
            if not rows:
                raise WorldError(
                    f"{self._folder}: nobody was seen long enough for its {part} part; ask for more people"
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
    """Collects vehicles' pictures as VeRi-776: single images, frames on one clock in their names."""

    def __init__(self, root: Path) -> None:
        """Begin `root/VeRi`.

        Raises:
            WorldError: It is there already.
        """
        self._folder, self._partial = _begin(root / "VeRi")
        self._pictures: dict[Part, Counter[tuple[int, int]]] = {"train": Counter(), "test": Counter()}

    def add(self, identity: int, part: Part, camera: int, pictures: Mapping[float, bytes]) -> None:
        """Add what one camera, from 1 to 999, saw of one vehicle: JPEG pictures by seconds on one clock.

        In the test the first picture of each vehicle in each camera is asked for, and the others are what is
        searched, as in VeRi; where there is no other, it is searched.
        """
        if not 1 <= identity <= 9999 or not 1 <= camera <= VERI_CAMERAS:
            raise WorldError(
                f"VeRi has identities 1 to 9999 and cameras 1 to 999; not {identity} and {camera}"
            )
        for i, (seconds, picture) in enumerate(sorted(pictures.items())):
            asked = part == "test" and len(pictures) > 1 and not self._pictures[part][identity, camera]
            number = round(seconds * FRAMES_A_SECOND)
            name = f"{identity:04d}_c{camera:03d}_{number:08d}_{i}.jpg"
            _put(self._partial / ("image_query" if asked else f"image_{part}"), [name], [picture])
            self._pictures[part][identity, camera] += 1

    def close(self) -> None:
        """Give the data set its name."""
        for part in ("image_train", "image_query", "image_test"):
            if not (self._partial / part).is_dir():
                raise WorldError(
                    f"{self._folder}: no vehicle was seen long enough for {part}; ask for more vehicles"
                )
        self._partial.rename(self._folder)


def camera_number(before: int, camera: int, numbers: int) -> int:
    """Number a production's camera, from 1, where `before` cameras of earlier productions were numbered.

    Numbers go on counting, so that somebody seen on two days is seen by different cameras, and begin again after
    the layout's last: then two days may share one, and pictures of one person in it are no match that counts. In
    one production all numbers differ as long as it has no more cameras than there are numbers.

    >>> [camera_number(4, camera, 6) for camera in range(3)]
    [5, 6, 1]
    """
    return 1 + (before + camera) % numbers


def queries(rows: Sequence[Row]) -> list[int]:
    """Choose who is asked for, as numbers from 1 of sorted rows: per identity and camera the first tracklet.

    Where one has a single tracklet in each camera, only the very first is asked for: what is asked for is not
    searched, and something must be left to find. Whoever is left to be found in no other camera is not asked for.

    >>> row = lambda camera, tracklet: Row("0002", camera, tracklet, ())
    >>> queries([row(1, 1), row(1, 2), row(2, 1), row(2, 2)]), queries([row(1, 1), row(2, 1)]), queries([row(1, 1)])
    ([1, 3], [1], [])
    """
    own: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(rows, start=1):
        if row.label not in ("00-1", "0000"):
            own[row.label][row.camera].append(number)
    asked: list[int] = []
    for cameras in own.values():
        several = [numbers[0] for numbers in cameras.values() if len(numbers) > 1]
        first = [numbers[0] for numbers in cameras.values()][:1]
        asked += (several or first) if len(cameras) > 1 else []
    return sorted(asked)


def _numbered(rows: Sequence[Row]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Give first and last name from 1, identity and camera of each tracklet, (n, 4)."""
    ends = np.cumsum([len(row.names) for row in rows])
    starts = ends - [len(row.names) for row in rows] + 1
    identities = [NOBODY if row.label == "00-1" else int(row.label) for row in rows]
    return np.column_stack([starts, ends, identities, [row.camera for row in rows]])


def _begin(folder: Path) -> tuple[Path, Path]:
    partial = folder.with_name(folder.name + PARTIAL)
    if folder.exists():
        raise WorldError(f"{folder} is there already; name another folder, or delete it")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return folder, partial


def _put(folder: Path, names: Sequence[str], pictures: Sequence[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in zip(names, pictures, strict=True):
        (folder / name).write_bytes(picture)

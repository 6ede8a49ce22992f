"""Which pictures of each tracklet a report shows, and how they are made small and, if wished, anonymous."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.boxes import PERSON
from pipeline.folder.store import CORNERS, CameraParts, RunFolder
from pipeline.page.document import Sighting
from pipeline.results.reading import rows
from pipeline.results.tables import TRACKS
from pipeline.tracking.crops import StoredCrop

Blur = Literal["none", "faces", "people"]
Corners = tuple[float, float, float, float]

MOST_EACH, MOST = 4, 12_000
"""Pictures of one tracklet, and of all (but at least one of each): a page of some 50 MB opens at once."""
SIZE = 160
"""Pixels to which the longer side is reduced: sharp enough on a phone's fine display."""
QUALITY = 75
"""Of WebP; half the bytes of a JPEG that looks alike."""
HEAD = 0.2
"""Share of a person's picture, from above, that holds the head."""
WIDE = 0.5
"""Height of a head over the width of its box: of who is cut off below or sits, a fifth is not the head."""
COARSE = 4
"""Pixels across that are left of what is blurred: no face can be told."""


def pictures(run: Path, tracklets: Sequence[Sighting], *, blur: Blur, size: int = SIZE) -> list[list[bytes]]:
    """Choose and encode the pictures of each tracklet: the best of each of some equal stretches of it.

    Args:
        run: folder of a run; pictures that it no longer has are left out.
        tracklets: of that run.
        blur: what of people is made unrecognisable.
        size: pixels to which the longer side is reduced.

    Returns:
        WebP files of each tracklet, by time.
    """
    found: list[list[bytes]] = [[] for _ in tracklets]
    for place, shown in best_pictures(run, tracklets, blur):
        own = blur_of(tracklets[place].kind, blur)
        found[place] = [small(one, own, size) for one in shown]
    return found


def blur_of(kind: str, blur: Blur) -> Blur:
    """Tell how an object of a class is blurred: nothing but people is."""
    return blur if kind == "person" else "none"


def best_pictures(
    run: Path, tracklets: Sequence[Sighting], blur: Blur
) -> Iterator[tuple[int, list[NDArray[np.uint8]]]]:
    """Choose the pictures of each tracklet, as they were kept but for the people who were found in them.

    Args:
        run: folder of a run; pictures that it no longer has are left out.
        tracklets: of that run.
        blur: what of people is made unrecognisable, whoever the picture is of.

    Yields:
        A tracklet's place in the list, and its (h, w, 3) RGB pictures by time; camera by camera.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(tracklets):
        places[one.camera].append(place)
    each = max(1, min(MOST_EACH, MOST // max(len(tracklets), 1)))
    for camera, own in places.items():
        parts = RunFolder(run).camera(camera)
        sources = _sources(run, parts, [tracklets[place] for place in own])
        best = _best(parts, [tracklets[place] for place in own], sources, each)
        people = _People.of(
            parts, {crop.frame for crops in best for crop in crops} if blur != "none" else set()
        )
        for place, crops in zip(own, best, strict=True):
            yield place, [people.hidden(crop, blur) for crop in crops]


def small(pixels: NDArray[np.uint8], blur: Blur, longest: int = SIZE) -> bytes:
    """Encode an (h, w, 3) RGB picture of a person as WebP, small and blurred."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture = np.array(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    low = {"none": 0, "faces": max(1, round(head_height(size[1], size[0]))), "people": size[1]}[blur]
    if low:
        pixelate(picture[:low])
    settings = [cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    return bytes(cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), settings)[1])


def head_height(height: float, width: float) -> float:
    """Tell how far down a person's box holds the head.

    >>> head_height(100, 40), head_height(60, 60)
    (20.0, 30.0)
    """
    return max(HEAD * height, WIDE * width)


def pixelate(region: NDArray[np.uint8]) -> None:
    """Leave only coarse patches of colour in a (h, w, 3) part of a picture, in place."""
    height, width = region.shape[:2]
    if not height or not width:
        return
    across = min(COARSE, width)
    size = across, max(1, round(height * across / width))
    left = cv2.resize(region, size, interpolation=cv2.INTER_AREA)
    region[:] = cv2.resize(left, (width, height), interpolation=cv2.INTER_NEAREST)


@dataclass(frozen=True)
class _People:
    """Where in some frames of a camera people were found, and where each track was."""

    found: Mapping[int, Sequence[Corners]]
    """By frame."""
    tracks: Mapping[tuple[int, int], Corners]
    """By track and frame."""

    @classmethod
    def of(cls, parts: CameraParts, frames: set[int]) -> _People:
        """Look up some frames."""
        found: dict[int, list[Corners]] = defaultdict(list)
        tracks: dict[tuple[int, int], Corners] = {}
        for frame, kind, *corners in _rows(parts, "boxes", frames, "class"):
            if kind == PERSON:
                found[frame].append((corners[0], corners[1], corners[2], corners[3]))
        for frame, track, *corners in _rows(parts, "tracks", frames, "track"):
            tracks[track, frame] = (corners[0], corners[1], corners[2], corners[3])
        return cls(found, tracks)

    def hidden(self, crop: StoredCrop, blur: Blur) -> NDArray[np.uint8]:
        """Decode a picture in which the heads, or all, of whoever was found there cannot be told; (h, w, 3) RGB."""
        picture = crop.pixels()
        there = self.found.get(crop.frame, ())
        if blur == "none" or not there:
            return picture
        x0, y0, x1, y1 = self.tracks[crop.track, crop.frame]
        left, top = math.floor(max(x0, 0)), math.floor(max(y0, 0))
        height, width = picture.shape[:2]
        # tall ones were made smaller
        scale = max(height / (math.ceil(y1) - top), width / (math.ceil(x1) - left))
        for x0, y0, x1, y1 in there:
            low = y1 if blur == "people" else y0 + head_height(y1 - y0, x1 - x0)
            begin, above = (max(0, math.floor(edge * scale)) for edge in (x0 - left, y0 - top))
            end, below = (max(0, math.ceil(edge * scale)) for edge in (x1 - left, low - top))
            pixelate(picture[above:below, begin:end])
        return picture


def _rows(parts: CameraParts, kind: str, frames: set[int], name: str) -> Iterator[tuple[Any, ...]]:
    """Read frame, one more column and corners of the boxes of some frames."""
    for table in parts.read(kind) if frames else ():
        own = table.select(["frame", name, *CORNERS]).filter(
            pc.is_in(table["frame"], pa.array(sorted(frames)))
        )
        yield from zip(*(column.to_pylist() for column in own.drop_null().columns), strict=True)


def _best(
    parts: CameraParts, tracklets: Sequence[Sighting], sources: Sequence[int], each: int
) -> list[list[StoredCrop]]:
    """Find the best crop of each of `each` equal stretches of one camera's tracklets."""
    of_track: dict[int, list[int]] = defaultdict(list)
    for place, source in enumerate(sources):
        of_track[source].append(place)
    best: dict[tuple[int, int], StoredCrop] = {}
    for table in parts.read("crops"):
        names = ("track", "frame", "quality")
        for row, (track, frame, quality) in enumerate(
            zip(*(table[n].to_pylist() for n in names), strict=True)
        ):
            for place in of_track[track]:
                one = tracklets[place]
                stretch = (frame - one.first_frame) * each // (one.last_frame - one.first_frame + 1)
                if not 0 <= stretch < each:  # of another piece of a track that was split
                    continue
                if (place, stretch) not in best or quality > best[place, stretch].quality:
                    best[place, stretch] = StoredCrop(track, frame, quality, table["jpeg"][row].as_py())
    return [
        [best[place, stretch] for stretch in range(each) if (place, stretch) in best]
        for place in range(len(tracklets))
    ]


def _sources(run: Path, parts: CameraParts, tracklets: Sequence[Sighting]) -> list[int]:
    """Tell under which number the crops of each of a camera's tracklets are kept.

    That is its own, but for the later pieces of a track that was split: their numbers are new, and the box
    at their first frame tells which track they were cut from.
    """
    tables = list(parts.read("tracks"))
    known = {track for table in tables for track in table["track"].unique().to_pylist()}
    cut = {(one.first_frame, one.track) for one in tracklets if one.track not in known}
    if not cut or not tables:
        return [one.track for one in tracklets]
    corners = {
        track: corner for track, frame, corner in _corners(run, tracklets[0].camera) if (frame, track) in cut
    }
    boxes = _boxes(tables, {frame for frame, _ in cut})
    return [
        one.track
        if one.track in known or one.track not in corners or not boxes[one.first_frame]
        else _nearest(boxes[one.first_frame], corners[one.track])
        for one in tracklets
    ]


def _corners(run: Path, camera: str) -> Iterator[tuple[int, int, tuple[float, float]]]:
    """Read track, frame and top left corner of each box of a camera from tracks.csv."""
    for name, frame, _, track, _, _, left, top, *_ in rows(run, "tracks.csv", TRACKS):
        if name == camera:
            yield int(track), int(frame), (float(left), float(top))


def _boxes(tables: Sequence[pa.Table], frames: set[int]) -> dict[int, list[tuple[int, float, float]]]:
    """Look up track and top left corner of all boxes of some frames."""
    boxes: dict[int, list[tuple[int, float, float]]] = {frame: [] for frame in frames}
    for table in tables:
        columns = (table[name].to_pylist() for name in ("frame", "track", "x0", "y0"))
        for frame, *box in zip(*columns, strict=True):
            if frame in frames:
                boxes[frame].append((box[0], box[1], box[2]))
    return boxes


def _nearest(boxes: Sequence[tuple[int, float, float]], corner: tuple[float, float]) -> int:
    return min(boxes, key=lambda box: abs(box[1] - corner[0]) + abs(box[2] - corner[1]))[0]

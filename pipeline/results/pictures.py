"""Pictures of tracklets, chosen from the stored crops, made small and blurred on request."""

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

from detectors.class_names import PERSON
from pipeline.errors import RunError
from pipeline.folder.store import CORNERS, CameraParts
from pipeline.results.records import FinishedRun, TrackletRecord
from pipeline.tracking.crops import StoredCrop
from reid.files import real_path

Blur = Literal["none", "faces", "people"]
Corners = tuple[float, float, float, float]

PER_TRACKLET, IN_ALL = 4, 12_000
"""Maximum number of pictures of a tracklet, and of a run (but at least one of each tracklet): a page of some 50 MB opens
at once."""
SIZE = 160
"""Longer side of a picture in pixels: sharp enough on the fine display of a phone."""
QUALITY = 75
"""Quality of WebP: half the bytes of a JPEG that looks the same."""
HEAD = 0.2
"""Share of the height of a person's box that holds the head."""
HEAD_OF_WIDTH = 0.5
"""Height of the head over the width of the box: a box of a person who sits or is cut off below is not five heads high."""
COARSE = 4
"""Width in pixels of what remains of a blurred region: no face can be recognised."""


def default_blur(run: Path, path: Path) -> Blur:
    """Return the default blur of a file: heads are blurred in files outside the run folder."""
    return "none" if real_path(path).is_relative_to(real_path(run)) else "faces"


def check_blur(run: FinishedRun, blur: Blur) -> None:
    """Raise `RunError` if people are to be blurred in a run that did not detect people."""
    classes = run.record.settings.tracking.classes
    if blur != "none" and classes and PERSON not in classes:
        raise RunError(
            f"{run.folder}: the run did not detect people (--classes), so they cannot be blurred; use --blur none"
        )


def tracklet_pictures(
    run: FinishedRun, tracklets: Sequence[TrackletRecord], *, blur: Blur, size: int = SIZE
) -> list[list[bytes]]:
    """Return WebP pictures of each tracklet by time: the best crop of each of some equal stretches of its time.

    A tracklet whose crops are deleted has no pictures. `size` is the longer side in pixels.
    """
    files: list[list[bytes]] = [[] for _ in tracklets]
    for place, pictures in best_pictures(run, tracklets, blur):
        own_blur = blur_of(tracklets[place].kind, blur)
        files[place] = [encode_small(picture, own_blur, size) for picture in pictures]
    return files


def blur_of(kind: str, blur: Blur) -> Blur:
    """Return the blur of an object's own picture: only people are blurred."""
    return blur if kind == PERSON else "none"


def best_pictures(
    run: FinishedRun, tracklets: Sequence[TrackletRecord], blur: Blur
) -> Iterator[tuple[int, list[NDArray[np.uint8]]]]:
    """Yield the pictures of each tracklet in their stored size, with the people in them blurred.

    Yields:
        The place of a tracklet in the list and its (h, w, 3) RGB pictures by time, camera by camera.

    Raises:
        RunError: people are to be blurred, but the run did not detect people; or a stored picture is damaged.
    """
    check_blur(run, blur)
    places: dict[str, list[int]] = defaultdict(list)
    for place, tracklet in enumerate(tracklets):
        places[tracklet.camera].append(place)
    count = max(1, min(PER_TRACKLET, IN_ALL // max(len(tracklets), 1)))
    for camera, camera_places in places.items():
        parts = run.parts(camera)
        members = [tracklets[place] for place in camera_places]
        crops = _best_crops(parts, members, _stored_tracks(run, parts, members), count)
        frames = {crop.frame for kept in crops for crop in kept} if blur != "none" else set()
        people = _PeopleBoxes.read(parts, frames)
        for place, kept in zip(camera_places, crops, strict=True):
            yield place, [people.blurred(crop, blur) for crop in kept]


def encode_small(pixels: NDArray[np.uint8], blur: Blur, longest: int = SIZE) -> bytes:
    """Return an (h, w, 3) RGB picture of a person as WebP, scaled down and blurred."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture = np.array(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if blur == "faces":
        pixelate(picture[: max(1, round(head_height(size[1], size[0])))])
    elif blur == "people":
        pixelate(picture)
    settings = [cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    return bytes(cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), settings)[1])


def head_height(height: float, width: float) -> float:
    """Return how far down the head reaches in a person's box.

    >>> head_height(100, 40), head_height(60, 60)
    (20.0, 30.0)
    """
    return max(HEAD * height, HEAD_OF_WIDTH * width)


def pixelate(region: NDArray[np.uint8]) -> None:
    """Reduce an (h, w, 3) region of a picture to coarse patches of colour, in place."""
    height, width = region.shape[:2]
    if not height or not width:
        return
    across = min(COARSE, width)
    size = across, max(1, round(height * across / width))
    coarse = cv2.resize(region, size, interpolation=cv2.INTER_AREA)
    region[:] = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST)


@dataclass(frozen=True)
class _PeopleBoxes:
    """Boxes of people in some frames of a camera, and the boxes of its tracks there."""

    people: Mapping[int, Sequence[Corners]]
    """By frame."""
    tracks: Mapping[tuple[int, int], Corners]
    """By track and frame."""

    @classmethod
    def read(cls, parts: CameraParts, frames: set[int]) -> _PeopleBoxes:
        """Read the boxes in some frames."""
        people: dict[int, list[Corners]] = defaultdict(list)
        tracks: dict[tuple[int, int], Corners] = {}
        for frame, kind, x0, y0, x1, y1 in _boxes_in(parts, "boxes", frames, "class"):
            if kind == PERSON:
                people[frame].append((x0, y0, x1, y1))
        for frame, track, x0, y0, x1, y1 in _boxes_in(parts, "tracks", frames, "track"):
            tracks[track, frame] = (x0, y0, x1, y1)
        return cls(people, tracks)

    def blurred(self, crop: StoredCrop, blur: Blur) -> NDArray[np.uint8]:
        """Return a crop, (h, w, 3) RGB, in which the head (`faces`) or the box (`people`) of each person is blurred."""
        picture = crop.pixels()
        people = self.people.get(crop.frame, ())
        if blur == "none" or not people:
            return picture
        x0, y0, x1, y1 = self.tracks[crop.track, crop.frame]
        left, top = math.floor(max(x0, 0)), math.floor(max(y0, 0))
        height, width = picture.shape[:2]
        # A tall crop was scaled down when it was stored.
        scale = max(height / (math.ceil(y1) - top), width / (math.ceil(x1) - left))
        for x0, y0, x1, y1 in people:
            bottom = y1 if blur == "people" else y0 + head_height(y1 - y0, x1 - x0)
            first_column = max(0, math.floor((x0 - left) * scale))
            first_row = max(0, math.floor((y0 - top) * scale))
            last_column = max(0, math.ceil((x1 - left) * scale))
            last_row = max(0, math.ceil((bottom - top) * scale))
            pixelate(picture[first_row:last_row, first_column:last_column])
        return picture


def _boxes_in(parts: CameraParts, kind: str, frames: set[int], name: str) -> Iterator[tuple[Any, ...]]:
    """Yield frame, one more column and the corners of the boxes in some frames."""
    if not frames:
        return
    for table in parts.read(kind):
        in_frames = pc.is_in(table["frame"], pa.array(sorted(frames)))
        rows = table.select(["frame", name, *CORNERS]).filter(in_frames).drop_null()
        yield from zip(*(column.to_pylist() for column in rows.columns), strict=True)


def _best_crops(
    parts: CameraParts, tracklets: Sequence[TrackletRecord], tracks: Sequence[int], count: int
) -> list[list[StoredCrop]]:
    """Return the best crop of each of `count` equal stretches of each of one camera's tracklets."""
    places_of: dict[int, list[int]] = defaultdict(list)
    for place, track in enumerate(tracks):
        places_of[track].append(place)
    best: dict[tuple[int, int], StoredCrop] = {}
    for table in parts.read("crops"):
        columns = (table[name].to_pylist() for name in ("track", "frame", "quality"))
        for row, (track, frame, quality) in enumerate(zip(*columns, strict=True)):
            for place in places_of[track]:
                tracklet = tracklets[place]
                frames = tracklet.end_frame - tracklet.start_frame + 1
                stretch = (frame - tracklet.start_frame) * count // frames
                if not 0 <= stretch < count:  # the crop belongs to another piece of a split track
                    continue
                if (place, stretch) not in best or quality > best[place, stretch].quality:
                    best[place, stretch] = StoredCrop(track, frame, quality, table["jpeg"][row].as_py())
    return [
        [best[place, stretch] for stretch in range(count) if (place, stretch) in best]
        for place in range(len(tracklets))
    ]


def _stored_tracks(run: FinishedRun, parts: CameraParts, tracklets: Sequence[TrackletRecord]) -> list[int]:
    """Return the track number under which the crops of each of one camera's tracklets are stored.

    It is the tracklet's own number, except for the later pieces of a split track, which have new numbers. The box at
    the first frame of such a piece shows which track it was cut from.
    """
    tables = list(parts.read("tracks"))
    stored = {track for table in tables for track in table["track"].unique().to_pylist()}
    pieces = [tracklet for tracklet in tracklets if tracklet.track not in stored]
    if not pieces or not tables:
        return [tracklet.track for tracklet in tracklets]
    starts = {(piece.track, piece.start_frame) for piece in pieces}
    run_boxes = run.boxes.select(run.boxes.cameras == pieces[0].camera)
    rows = zip(run_boxes.tracks.tolist(), run_boxes.frames.tolist(), run_boxes.sides.tolist(), strict=True)
    corners = {track: (sides[0], sides[1]) for track, frame, sides in rows if (track, frame) in starts}
    boxes = _boxes_of_frames(tables, {piece.start_frame for piece in pieces})
    tracks = []
    for tracklet in tracklets:
        candidates = boxes.get(tracklet.start_frame, ())
        if tracklet.track in stored or tracklet.track not in corners or not candidates:
            tracks.append(tracklet.track)
        else:
            left, top = corners[tracklet.track]
            distances = {track: abs(x0 - left) + abs(y0 - top) for track, x0, y0 in candidates}
            tracks.append(min(distances, key=distances.__getitem__))
    return tracks


def _boxes_of_frames(
    tables: Sequence[pa.Table], frames: set[int]
) -> dict[int, list[tuple[int, float, float]]]:
    """Return track and top left corner of all boxes in some frames, by frame."""
    boxes: dict[int, list[tuple[int, float, float]]] = {frame: [] for frame in frames}
    for table in tables:
        columns = (table[name].to_pylist() for name in ("frame", "track", "x0", "y0"))
        for frame, track, left, top in zip(*columns, strict=True):
            if frame in frames:
                boxes[frame].append((track, left, top))
    return boxes

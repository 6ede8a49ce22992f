"""The results of a search as files: a strip of pictures and a table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.folder.atomic import atomic_path, whole_file
from pipeline.matching.corrections import tracklet_name
from pipeline.results.pictures import Blur, blur_of, encode_small, tracklet_pictures
from pipeline.results.records import FinishedRun
from pipeline.search.ranking import Ranking, SearchHit
from pipeline.tracking.tracklets import Key

HEADER = "rank,run,camera,track,identity,class,start_time_s,end_time_s,score,threshold,passes"
SIZE = 240
"""Longer side of a picture in pixels."""
COLUMNS = 11
"""Maximum number of pictures in a row."""
PASSES, FAILS, QUERY = "#009E73", "#999999", "#0072B2"
"""Colours of the frames, distinguishable by the colour-blind (Okabe and Ito); the titles say the same."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class SearchAnswer:
    """The result of one query."""

    pictures: Sequence[Picture]
    """Pictures of the query."""
    ranking: Ranking
    number: int | None = None
    """Number of the query in its photograph, from the left; None: it is the only query."""


def write_hits(path: Path, answers: Sequence[SearchAnswer]) -> None:
    """Write a CSV file with a row per hit. If the queries are numbered, the first column, `query`, is the number."""
    numbered = any(answer.number is not None for answer in answers)
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(["query"] if numbered else []), *HEADER.split(",")])
        for answer in answers:
            query = [] if answer.number is None else [answer.number]
            for rank, hit in enumerate(answer.ranking.best, start=1):
                fields = [
                    rank,
                    hit.run.folder,
                    hit.camera,
                    hit.track,
                    hit.identity,
                    hit.kind,
                    f"{hit.start:.3f}",
                    f"{hit.end:.3f}",
                    f"{hit.score:.4f}",
                    f"{hit.threshold:.4f}",
                    "yes" if hit.passes else "no",
                ]
                writer.writerow([*query, *fields])


def middle_pictures(run: FinishedRun, keys: Sequence[Key], blur: Blur) -> dict[Key, Picture]:
    """Return a picture of each of some tracklets, from the middle of its time; those without pictures are left out."""
    tracklets = [run.by_key[key] for key in sorted(set(keys))]
    pictures = tracklet_pictures(run, tracklets, blur=blur, size=SIZE)
    return {
        tracklet.key: _decode(files[len(files) // 2])
        for tracklet, files in zip(tracklets, pictures, strict=True)
        if files
    }


def query_picture(picture: Picture, kind: str, blur: Blur) -> Picture:
    """Return a picture of the query, scaled down and blurred like the pictures of tracklets."""
    return _decode(encode_small(picture, blur_of(kind, blur), SIZE))


def draw_strip(path: Path, answers: Sequence[SearchAnswer], count: int, blur: Blur) -> None:
    """Draw each query and its best hits, with scores and cameras, as PNG; each query begins a row.

    Args:
        path: file to write, atomically.
        answers: the queries and their hits.
        count: maximum number of hits of a query.
        blur: which parts of people are blurred.
    """
    from matplotlib.figure import Figure  # its import takes longer than --help may

    hits = [hit for answer in answers for hit in answer.ranking.best[:count]]
    pictures = _pictures_of(hits, blur)
    panels = [_panels(answer, count, pictures) for answer in answers]
    columns = min(max(map(len, panels)), COLUMNS)
    rows = [group[low : low + columns] for group in panels for low in range(0, len(group), columns)]
    figure = Figure(figsize=(1.5 * columns, 3.2 * len(rows)), layout="constrained")
    for axes, row in zip(figure.subplots(len(rows), columns, squeeze=False), rows, strict=True):
        for place in axes[len(row) :]:
            place.axis("off")
        for place, panel in zip(axes, row, strict=False):
            if panel.picture is not None:
                place.imshow(panel.picture)
            place.set(xticks=[], yticks=[])
            place.set_title(panel.title, fontsize=8, color="black", parse_math=False)
            for side in place.spines.values():
                side.set(edgecolor=panel.colour, linewidth=4)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120, metadata={"Software": None})


class _Panel(NamedTuple):
    """A picture of a strip with its title and the colour of its frame."""

    picture: Picture | None
    title: str
    colour: str


def _panels(answer: SearchAnswer, count: int, pictures: Mapping[tuple[Path, Key], Picture]) -> list[_Panel]:
    """Return the panels of a query and of its best hits."""
    query_title = "query" if answer.number is None else f"query {answer.number}"
    panels = [_Panel(picture, query_title, QUERY) for picture in answer.pictures]
    for rank, hit in enumerate(answer.ranking.best[:count], start=1):
        key, result = (hit.camera, hit.track), "passes" if hit.passes else "does not pass"
        title = f"{rank}. {tracklet_name(key)}\nidentity {hit.identity}\n{hit.score:.3f} {result}"
        picture = pictures.get((hit.run.folder, key))
        panels.append(_Panel(picture, title, PASSES if hit.passes else FAILS))
    return panels


def _pictures_of(hits: Sequence[SearchHit], blur: Blur) -> dict[tuple[Path, Key], Picture]:
    """Return the pictures of hits by folder and tracklet; each run is read once."""
    pictures: dict[tuple[Path, Key], Picture] = {}
    for folder, run in {hit.run.folder: hit.run for hit in hits}.items():
        keys = [(hit.camera, hit.track) for hit in hits if hit.run.folder == folder]
        for key, picture in middle_pictures(run, keys, blur).items():
            pictures[folder, key] = picture
    return pictures


def _decode(file: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)

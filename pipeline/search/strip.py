"""What a search found, written down: a strip of pictures and a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.folder.atomic import atomic_path, whole_file
from pipeline.matching.corrections import tracklet_name
from pipeline.report.write import findings_of
from pipeline.results.pictures import Blur, pictures, small
from pipeline.search.ranking import Found, Ranking
from pipeline.search.runs import SearchedRun
from pipeline.tracking.tracklets import Key

HEADER = "rank,run,camera,track,identity,class,start_time_s,end_time_s,score,threshold,passes"
SIZE = 240
"""Pixels of the longer side of a picture."""
ACROSS = 11
"""Pictures in a row."""
PASSES, FAILS, ASKED = "#009E73", "#999999", "#0072B2"
"""Colours of frames that the colour-blind tell apart (Okabe and Ito); words say the same."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Answer:
    """Whom a search found for one query."""

    asked: Sequence[Picture]
    """What the query looks like."""
    ranking: Ranking
    number: int | None = None
    """Of the query in its photograph, from the left; None: it is the only one."""


def write_table(path: Path, answers: Sequence[Answer]) -> None:
    """Write a CSV file, a row for each tracklet found; numbered queries have a column before all others."""
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        numbered = [answer for answer in answers if answer.number is not None]
        writer.writerow([*(["query"] if numbered else []), *HEADER.split(",")])
        for answer in answers:
            query = [] if answer.number is None else [answer.number]
            for rank, one in enumerate(answer.ranking.best, start=1):
                times = (f"{one.start:.3f}", f"{one.end:.3f}", f"{one.score:.4f}", f"{one.threshold:.4f}")
                who = (one.run.folder, one.camera, one.track, one.identity, one.kind)
                writer.writerow([*query, rank, *who, *times, "yes" if one.passes else "no"])


def crops_of(run: SearchedRun, keys: Sequence[Key], blur: Blur) -> dict[Key, Picture]:
    """Find a picture of each of some tracklets, from the middle of its time; those that have none are left out."""
    wanted = set(keys)
    shown = [one for one in findings_of(run.folder).tracklets if (one.camera, one.track) in wanted]
    files = pictures(run.folder, shown, blur=blur, size=SIZE)
    return {
        (one.camera, one.track): _decoded(own[len(own) // 2])
        for one, own in zip(shown, files, strict=True)
        if own
    }


def query_picture(cut: Picture, kind: str, blur: Blur) -> Picture:
    """Make a picture of the query as small and as anonymous as the others."""
    return _decoded(small(cut, blur if kind == "person" else "none", SIZE))


def write_strip(path: Path, answers: Sequence[Answer], top: int, blur: Blur) -> None:
    """Draw each query and whom it looks like, best first, with scores, cameras and frames that say who passes.

    Every query begins a row.
    """
    from matplotlib.figure import Figure  # takes longer than --help may

    best = [answer.ranking.best[:top] for answer in answers]
    found = iter(_pictures([one for own in best for one in own], blur))
    shown = [
        _panels(answer, own, list(islice(found, len(own)))) for answer, own in zip(answers, best, strict=True)
    ]
    columns = min(max(map(len, shown)), ACROSS)
    rows = [own[low : low + columns] for own in shown for low in range(0, len(own), columns)]
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
    """A picture of a strip, with its title and the colour of its frame."""

    picture: Picture | None
    title: str
    colour: str


def _panels(answer: Answer, best: Sequence[Found], drawn: Sequence[Picture | None]) -> list[_Panel]:
    """List the pictures of the query, then of the best that were found."""
    title = "query" if answer.number is None else f"query {answer.number}"
    asked = [_Panel(picture, title, ASKED) for picture in answer.asked]
    found = enumerate(zip(best, drawn, strict=True), start=1)
    return asked + [
        _Panel(picture, _title(rank, one), PASSES if one.passes else FAILS) for rank, (one, picture) in found
    ]


def _title(rank: int, one: Found) -> str:
    word = "passes" if one.passes else "does not pass"
    return f"{rank}. {tracklet_name((one.camera, one.track))}\nidentity {one.identity}\n{one.score:.3f} {word}"


def _pictures(best: Sequence[Found], blur: Blur) -> list[Picture | None]:
    """Look up pictures run by run."""
    runs = {one.run.folder: one.run for one in best}
    known = {
        folder: crops_of(run, [(one.camera, one.track) for one in best if one.run is run], blur)
        for folder, run in runs.items()
    }
    return [known[one.run.folder].get((one.camera, one.track)) for one in best]


def _decoded(file: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)

"""What a search found, written down: a strip of pictures and a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.atomic import replacing, whole_file
from pipeline.corrections import spelt
from pipeline.matching.admissible import Key
from pipeline.report.pictures import Blur, pictures, small
from pipeline.report.write import findings_of
from pipeline.search.ranking import Found
from pipeline.search.searched import SearchedRun

HEADER = "rank,run,camera,track,identity,class,start_time_s,end_time_s,score,threshold,passes"
SIZE = 240
"""Pixels of the longer side of a picture."""
ACROSS = 11
"""Pictures in a row."""
PASSES, FAILS, ASKED = "#009E73", "#999999", "#0072B2"
"""Colours of frames that the colour-blind tell apart (Okabe and Ito); words say the same."""

Picture = NDArray[np.uint8]


def write_table(path: Path, best: Sequence[Found]) -> None:
    """Write a CSV file, a row for each tracklet found."""
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER.split(","))
        for rank, one in enumerate(best, start=1):
            times = (f"{one.start:.3f}", f"{one.end:.3f}", f"{one.score:.4f}", f"{one.threshold:.4f}")
            who = (one.run.folder, one.camera, one.track, one.identity, one.kind)
            writer.writerow([rank, *who, *times, "yes" if one.passes else "no"])


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


def write_strip(path: Path, asked: Sequence[Picture], best: Sequence[Found], blur: Blur) -> None:
    """Draw the query and whom it looks like, best first, with scores, cameras and frames that say who passes."""
    from matplotlib.figure import Figure  # takes longer than --help may

    found = _pictures(best, blur)
    count = len(asked) + len(best)
    columns = min(count, ACROSS)
    rows = -(-count // columns)
    figure = Figure(figsize=(1.5 * columns, 3.2 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[count:]:
        panel.axis("off")
    titles = [("query", ASKED)] * len(asked)
    titles += [(_title(rank, one), PASSES if one.passes else FAILS) for rank, one in enumerate(best, start=1)]
    for panel, picture, (title, colour) in zip(panels, [*asked, *found], titles, strict=False):
        if picture is not None:
            panel.imshow(picture)
        panel.set(xticks=[], yticks=[])
        panel.set_title(title, fontsize=8, color="black", parse_math=False)
        for side in panel.spines.values():
            side.set(edgecolor=colour, linewidth=4)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=120, metadata={"Software": None})


def _title(rank: int, one: Found) -> str:
    word = "passes" if one.passes else "does not pass"
    return f"{rank}. {spelt((one.camera, one.track))}\nidentity {one.identity}\n{one.score:.3f} {word}"


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

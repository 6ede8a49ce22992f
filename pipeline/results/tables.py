"""The three CSV files of a run: tracks.csv, tracklets.csv, matches.csv."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.folder.atomic import whole_file
from pipeline.matching.outcome import Outcome

if TYPE_CHECKING:  # they cost the import of scipy and OpenCV, which exports have no need of
    from pipeline.matching.explanations import Consideration
    from pipeline.matching.match import Matched, Matching
    from pipeline.matching.pairs.gallery import Gallery
    from pipeline.tracking.tracklets import Tracklet

TRACKS = "camera,frame,time_s,track,identity,class,bb_left,bb_top,bb_width,bb_height,conf"
TRACKLETS = (
    "camera,track,identity,class,start_frame,end_frame,start_time_s,end_time_s,boxes,clips,quality,status"
)
MATCHES = (
    "match,identity,class,camera_a,track_a,start_time_a_s,end_time_a_s,camera_b,track_b,start_time_b_s,"
    "end_time_b_s,gap_s,appearance,spacetime,score,runner_up,margin,threshold,decision,reason"
)
ROWS = 65_536
"""Rows formatted at a time."""


def write_tracks(path: Path, tracklets: Iterable[tuple[Tracklet, int | None]]) -> None:
    """Write a row per box, sorted by camera, frame and track.

    One camera is held in memory at a time.

    Args:
        path: file to write, whole or not at all.
        tracklets: with their identities, None for those without; camera after camera in the order of names.

    Raises:
        ValueError: the cameras are out of order.
    """
    last = ""
    with whole_file(path) as file:
        file.write(TRACKS + "\n")
        for camera, members in groupby(tracklets, key=lambda pair: pair[0].camera):
            if camera < last:
                raise ValueError(f"camera {camera!r} after {last!r}: give tracklets in the order of names")
            last = camera
            file.writelines(_camera_rows(camera, list(members)))


def _camera_rows(camera: str, members: list[tuple[Tracklet, int | None]]) -> Iterator[str]:
    """Format all boxes of one camera, many rows at a time."""
    lengths = [len(tracklet) for tracklet, _ in members]
    owners = np.repeat(np.arange(len(members)), lengths)
    labels = [f"{t.track},{_or_empty(identity)},{quoted(t.kind)}" for t, identity in members]
    frames = np.concatenate([tracklet.frames for tracklet, _ in members])
    tracks = np.repeat([tracklet.track for tracklet, _ in members], lengths)
    seconds = np.concatenate([tracklet.seconds for tracklet, _ in members])
    boxes = np.concatenate([tracklet.boxes for tracklet, _ in members]).astype(np.float64)
    conf = np.concatenate([tracklet.scores for tracklet, _ in members]).astype(np.float64)
    row = quoted(camera).replace("%", "%%") + ",%d,%.3f,%s,%.2f,%.2f,%.2f,%.2f,%.4f\n"
    order = np.lexsort((tracks, frames))
    for low in range(0, len(order), ROWS):
        part = order[low : low + ROWS]
        left, top, right, bottom = boxes[part].T
        columns = [
            frames[part].tolist(),
            _rounded(seconds[part], 3),
            [labels[owner] for owner in owners[part].tolist()],
            *(_rounded(values, 2) for values in (left, top, right - left, bottom - top)),
            _rounded(conf[part], 4),
        ]
        yield "".join([row % values for values in zip(*columns, strict=True)])


def _rounded(values: NDArray[np.float64], places: int) -> list[float]:
    """Round, and make -0 a 0."""
    rounded: list[float] = (values.round(places) + 0.0).tolist()
    return rounded


def write_tracklets(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write a row per tracklet, sorted by camera and track; quality is the mean over its boxes."""
    rows = sorted(((o.tracklet.camera, o.tracklet.track), _tracklet_row(o)) for o in outcomes)
    with whole_file(path) as file:
        file.write(TRACKLETS + "\n")
        file.writelines(row for _, row in rows)


def _tracklet_row(outcome: Outcome) -> str:
    """Format one tracklet."""
    tracklet = outcome.tracklet
    fields = [
        *(tracklet.camera, str(tracklet.track), _or_empty(outcome.identity), tracklet.kind),
        *(str(tracklet.frames[0]), str(tracklet.frames[-1])),
        *(_number(value, 3) for value in tracklet.span),
        *(str(len(tracklet)), str(outcome.clips)),
        *(_number(float(tracklet.quality.mean(dtype=np.float64)), 4), outcome.status),
    ]
    return line(fields)


def write_matches(path: Path, found: Iterable[Matched]) -> None:
    """Write a row per considered link, sorted by camera and track of both sides.

    A caveat goes into every reason but where the user decided.

    Args:
        path: file to write.
        found: galleries, and who is who in them.
    """
    considered = []
    for one in found:
        keys = one.gallery.keys
        considered += [((keys[row.a], keys[row.b]), row, one) for row in one.matching.considered]
    considered.sort(key=lambda entry: entry[0])
    with whole_file(path) as file:
        file.write(MATCHES + "\n")
        for number, (_, row, one) in enumerate(considered, start=1):
            reason = row.reason + (f" ({one.caveat})" if one.caveat and not row.said else "")
            file.write(_match_row(number, replace(row, reason=reason), one.gallery, one.matching))


def _match_row(number: int, row: Consideration, gallery: Gallery, matching: Matching) -> str:
    """Format one considered link; two spellings of one class group, as car and truck, give the group."""
    a, b = row.a, row.b
    kind = gallery.kinds[a] if gallery.kinds[a] == gallery.kinds[b] else gallery.groups[a]
    known = gallery.groups[a] == gallery.groups[b]
    fields = [
        str(number),
        str(matching.identities[a]) if row.decision == "accepted" else "",
        str(kind) if known else "",
        *_side(gallery, a),
        *_side(gallery, b),
        _number(float(gallery.starts[b] - gallery.ends[a]), 3),
        *(_number(value, 4) for value in (row.appearance, row.time, row.score)),
        "" if row.runner_up is None else gallery.label(row.runner_up),
        *(_number(value, 4) for value in (row.margin, row.threshold)),
        row.decision,
        row.reason,
    ]
    return line(fields)


def _side(gallery: Gallery, index: int) -> list[str]:
    """Format one side of a link."""
    times = [_number(float(values[index]), 3) for values in (gallery.starts, gallery.ends)]
    return [str(gallery.cameras[index]), str(gallery.tracks[index]), *times]


def _number(value: float | None, places: int) -> str:
    """Format with a fixed number of places; -0 is 0, unknown is empty.

    >>> _number(-0.0001, 3)
    '0.000'
    """
    return "" if value is None else f"{round(value, places) + 0.0:.{places}f}"


def _or_empty(identity: int | None) -> str:
    """Unknown is empty."""
    return "" if identity is None else str(identity)


def line(fields: Iterable[str]) -> str:
    """Join fields to a line of CSV."""
    return ",".join(map(quoted, fields)) + "\n"


def quoted(field: str) -> str:
    """Quote a field where CSV needs it; what it says is never altered, whatever it starts with.

    >>> quoted("gate"), quoted('the "old", gate')
    ('gate', '"the ""old"", gate"')
    """
    if any(mark in field for mark in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field

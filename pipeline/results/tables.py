"""The CSV files of a run, written: tracks.csv, tracklets.csv and matches.csv."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.folder.atomic import whole_file

if TYPE_CHECKING:  # their import costs scipy and OpenCV, which readers of tables do not need
    from pipeline.matching.explanations import Consideration
    from pipeline.matching.match import Matched
    from pipeline.matching.outcome import Outcome
    from pipeline.matching.pairs.gallery import Gallery
    from pipeline.tracking.tracklets import Tracklet

TRACKS = "camera,frame,time_s,track,identity,class,bb_left,bb_top,bb_width,bb_height,conf"
TRACKLETS = (
    "camera,track,identity,class,start_frame,end_frame,start_time_s,end_time_s,boxes,clips,quality,status"
)
MATCHES = (
    "match,identity,class,camera_a,track_a,start_time_a_s,end_time_a_s,camera_b,track_b,start_time_b_s,"
    "end_time_b_s,gap_s,appearance,spacetime,score,runner_up,margin,threshold,decision,decided_by,reason"
)
ROWS = 65_536
"""Number of rows that are formatted at a time."""


def write_tracks(path: Path, tracklets: Iterable[tuple[Tracklet, int | None]]) -> None:
    """Write tracks.csv: a row per box, sorted by camera, frame and track.

    The pairs of a tracklet and its identity (None without one) come in the order of camera names, so that one camera
    is held in memory at a time; another order raises `ValueError`.
    """
    previous = ""
    with whole_file(path) as file:
        file.write(TRACKS + "\n")
        for camera, pairs in groupby(tracklets, key=lambda pair: pair[0].camera):
            if camera < previous:
                raise ValueError(
                    f"camera {camera!r} after {previous!r}: give tracklets in the order of names"
                )
            previous = camera
            file.writelines(_camera_rows(camera, list(pairs)))


def _camera_rows(camera: str, pairs: list[tuple[Tracklet, int | None]]) -> Iterator[str]:
    """Format all boxes of one camera, `ROWS` at a time."""
    tracklets = [tracklet for tracklet, _ in pairs]
    lengths = [len(tracklet) for tracklet in tracklets]
    places = np.repeat(np.arange(len(tracklets)), lengths)  # (n,) tracklet of each box
    labels = [f"{t.track},{_or_empty(identity)},{quoted(t.kind)}" for t, identity in pairs]
    frames = np.concatenate([tracklet.frames for tracklet in tracklets])
    tracks = np.repeat([tracklet.track for tracklet in tracklets], lengths)
    seconds = np.concatenate([tracklet.seconds for tracklet in tracklets])
    boxes = np.concatenate([tracklet.boxes for tracklet in tracklets]).astype(np.float64)
    conf = np.concatenate([tracklet.scores for tracklet in tracklets]).astype(np.float64)
    template = quoted(camera).replace("%", "%%") + ",%d,%.3f,%s,%.2f,%.2f,%.2f,%.2f,%.4f\n"
    order = np.lexsort((tracks, frames))
    for low in range(0, len(order), ROWS):
        rows = order[low : low + ROWS]
        left, top, right, bottom = boxes[rows].T
        columns = [
            frames[rows].tolist(),
            _rounded(seconds[rows], 3),
            [labels[place] for place in places[rows].tolist()],
            _rounded(left, 2),
            _rounded(top, 2),
            _rounded(right - left, 2),
            _rounded(bottom - top, 2),
            _rounded(conf[rows], 4),
        ]
        yield "".join([template % values for values in zip(*columns, strict=True)])


def _rounded(values: NDArray[np.float64], places: int) -> list[float]:
    """Round, and turn -0 into 0."""
    rounded: list[float] = (values.round(places) + 0.0).tolist()
    return rounded


def write_tracklets(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write tracklets.csv: a row per tracklet, sorted by camera and track; quality is the mean over its boxes."""
    rows = sorted(((o.tracklet.camera, o.tracklet.track), _tracklet_row(o)) for o in outcomes)
    with whole_file(path) as file:
        file.write(TRACKLETS + "\n")
        file.writelines(row for _, row in rows)


def _tracklet_row(outcome: Outcome) -> str:
    tracklet = outcome.tracklet
    start, end = tracklet.span
    return csv_line(
        [
            tracklet.camera,
            str(tracklet.track),
            _or_empty(outcome.identity),
            tracklet.kind,
            str(tracklet.frames[0]),
            str(tracklet.frames[-1]),
            _number(start, 3),
            _number(end, 3),
            str(len(tracklet)),
            str(outcome.clips),
            _number(float(tracklet.quality.mean(dtype=np.float64)), 4),
            outcome.status,
        ]
    )


def write_matches(path: Path, matched: Iterable[Matched]) -> None:
    """Write matches.csv: a row per considered link, sorted by camera and track of both sides.

    The caveat of a network is added to the reason of every link that the program decided.
    """
    rows = []
    for group in matched:
        keys = group.gallery.keys
        for link in group.matching.considered:
            rows.append(((keys[link.a], keys[link.b]), link, group))
    rows.sort(key=lambda row: row[0])
    with whole_file(path) as file:
        file.write(MATCHES + "\n")
        for number, (_, link, group) in enumerate(rows, start=1):
            file.write(_match_row(number, link, group))


def _match_row(number: int, link: Consideration, group: Matched) -> str:
    """Format one considered link; for two classes of one group, such as car and truck, `class` is the group."""
    gallery, a, b = group.gallery, link.a, link.b
    kind = ""
    if gallery.groups[a] == gallery.groups[b]:
        kind = str(gallery.kinds[a] if gallery.kinds[a] == gallery.kinds[b] else gallery.groups[a])
    reason = link.reason
    if group.caveat and link.decided_by == "program":
        reason += f" ({group.caveat})"
    fields = [
        str(number),
        str(group.matching.identities[a]) if link.decision == "accepted" else "",
        kind,
        *_side(gallery, a),
        *_side(gallery, b),
        _number(float(gallery.starts[b] - gallery.ends[a]), 3),
        _number(link.appearance, 4),
        _number(link.time, 4),
        _number(link.score, 4),
        "" if link.runner_up is None else gallery.label(link.runner_up),
        _number(link.margin, 4),
        _number(link.threshold, 4),
        link.decision,
        link.decided_by,
        reason,
    ]
    return csv_line(fields)


def _side(gallery: Gallery, index: int) -> list[str]:
    """Format camera, track, start and end of one side of a link."""
    return [
        str(gallery.cameras[index]),
        str(gallery.tracks[index]),
        _number(float(gallery.starts[index]), 3),
        _number(float(gallery.ends[index]), 3),
    ]


def _number(value: float | None, places: int) -> str:
    """Format with a fixed number of decimals; -0 is 0, None is empty.

    >>> _number(-0.0001, 3)
    '0.000'
    """
    return "" if value is None else f"{round(value, places) + 0.0:.{places}f}"


def _or_empty(identity: int | None) -> str:
    return "" if identity is None else str(identity)


def csv_line(fields: Iterable[str]) -> str:
    """Join fields to a line of CSV."""
    return ",".join(map(quoted, fields)) + "\n"


def quoted(field: str) -> str:
    """Quote a field if CSV needs it; its text is never changed, whatever it starts with.

    >>> quoted("gate"), quoted('the "old", gate')
    ('gate', '"the ""old"", gate"')
    """
    if any(mark in field for mark in ',"\r\n'):
        return '"' + field.replace('"', '""') + '"'
    return field

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.folder.store import BOXES, CROPS, TRACKS, CameraParts
from pipeline.footage.cameras import Camera
from pipeline.footage.recording import Recording
from pipeline.tracking.collect import collect_tracklets

GATE = Camera("gate", Recording((Path("gate.mp4"),)), offset=5.0)
SIZE = (640, 360)
Row = tuple[int, int, str, float]
"""Frame, track, class and score."""


def commit(parts: CameraParts, rows: list[Row]) -> None:
    corners = {"x0": 0.0, "y0": 0.0, "x1": 9.0, "y1": 9.0}
    tracks = [
        {"frame": frame, "seconds": frame / 10, "track": track, "class": kind, "score": score, "quality": 0.5}
        | corners
        for frame, track, kind, score in rows
    ]
    crops = [
        {"track": track, "frame": frame, "quality": 0.5, "jpeg": b""} for frame, track, _, _ in reversed(rows)
    ]
    parts.commit(
        boxes=BOXES.empty_table(),
        tracks=pa.Table.from_pylist(tracks, schema=TRACKS),
        crops=pa.Table.from_pylist(crops, schema=CROPS),
    )


def test_a_tracklet_continues_over_parts_on_the_shared_timeline(tmp_path: Path) -> None:
    parts = CameraParts(tmp_path)
    commit(parts, [(0, 2, "person", 0.9), (0, 1, "person", 0.8), (1, 2, "person", 0.7)])
    commit(parts, [])
    commit(parts, [(2, 2, "person", 0.6)])
    first, second = collect_tracklets(GATE, parts, SIZE)
    assert (first.tracklet.name, first.part_numbers) == ("gate/1", (0,))
    assert (second.tracklet.name, second.part_numbers) == ("gate/2", (0, 2))
    assert second.tracklet.frames.tolist() == [0, 1, 2]
    assert second.tracklet.seconds == pytest.approx([5.0, 5.1, 5.2])
    assert second.tracklet.scores == pytest.approx([0.9, 0.7, 0.6])
    assert [crop.frame for crop in second.read_crops()] == [0, 1, 2]


@pytest.mark.parametrize(
    ("votes", "kind"),
    [
        pytest.param([("person", 0.3), ("car", 0.9), ("person", 0.2)], "car", id="scores-count-not-boxes"),
        pytest.param([("person", 0.5), ("car", 0.6), ("person", 0.2)], "person", id="scores-add-up"),
        pytest.param([("person", 0.5), ("car", 0.5)], "car", id="of-equals-the-first-by-name"),
    ],
)
def test_the_class_of_a_tracklet_has_the_largest_sum_of_scores(
    tmp_path: Path, votes: list[tuple[str, float]], kind: str
) -> None:
    parts = CameraParts(tmp_path)
    commit(parts, [(frame, 1, name, score) for frame, (name, score) in enumerate(votes)])
    (stored,) = collect_tracklets(GATE, parts, SIZE)
    assert stored.tracklet.kind == kind


def test_a_camera_without_tracks_has_no_tracklets(tmp_path: Path) -> None:
    parts = CameraParts(tmp_path)
    assert collect_tracklets(GATE, parts, SIZE) == []
    commit(parts, [])
    assert collect_tracklets(GATE, parts, SIZE) == []

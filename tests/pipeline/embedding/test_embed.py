from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from pipeline.embedding.config import EmbeddingConfig
from pipeline.embedding.embed import GROUP, EmbeddedTracklet, embed_tracklets, rejection_reason
from pipeline.embedding.splitting import split_tracklet
from pipeline.folder.store import BOXES, CROPS, TRACKS, RunFolder
from pipeline.tracking.collect import StoredTracklet
from pipeline.tracking.crops import encode_crop
from pipeline.tracking.tracklets import Tracklet

RED, GREEN = (220, 0, 0), (0, 220, 0)
Colour = tuple[int, int, int]


class Colours:
    """An embedder that sees nothing but the mean colour."""

    size = (16, 8)

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.calls += 1
        mean = clips.reshape(len(clips), -1, 3).mean(axis=1)
        vectors: NDArray[np.float32] = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
        return vectors


def tracklet(track: int, frames: int, *, side: float = 60) -> Tracklet:
    numbers = np.arange(frames)
    boxes = np.tile(np.array([0, 0, side, side], np.float32), (frames, 1))
    ones = np.ones(frames, np.float32)
    return Tracklet("gate", track, "person", numbers, numbers / 10, boxes, ones, ones)


def stored(
    run: RunFolder, colours: dict[int, list[Colour]], qualities: Sequence[float] = (0.5,)
) -> list[StoredTracklet]:
    """Commit one part with a crop per colour of each track; the qualities repeat."""
    crops = [
        {
            "track": track,
            "frame": number,
            "quality": quality,
            "jpeg": encode_crop(np.full((32, 16, 3), c, np.uint8)),
        }
        for track, shades in colours.items()
        for number, (c, quality) in enumerate(zip(shades, cycle(qualities)))
    ]
    parts = run.camera("gate")
    table = pa.Table.from_pylist(crops, schema=CROPS)
    parts.commit(boxes=BOXES.empty_table(), tracks=TRACKS.empty_table(), crops=table)
    return [StoredTracklet(tracklet(track, 20), parts, (0,)) for track in colours]


def embed(run: RunFolder, members: list[StoredTracklet], network: Colours) -> list[EmbeddedTracklet]:
    return embed_tracklets(
        run, members, clip_length=2, max_clips=8, embedder=lambda: network, progress=lambda *_: None
    )


def test_each_tracklet_gets_its_own_clips(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    red, none, green = embed(run, stored(run, {1: [RED] * 3, 2: [], 3: [GREEN] * 20}), Colours())
    assert (len(red.vectors), len(none.vectors), len(green.vectors)) == (2, 0, 8)
    assert red.vectors @ [1, 0, 0] == pytest.approx(1, abs=0.01)
    assert green.vectors @ [0, 1, 0] == pytest.approx(1, abs=0.01)
    assert green.first_frames.tolist() == [0, 3, 6, 9, 12, 14, 16, 18]


def test_the_weight_of_a_clip_is_the_mean_quality_of_its_crops(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    (one,) = embed(run, stored(run, {1: [RED] * 4}, qualities=(0.2, 0.6, 0.9, 0.1)), Colours())
    assert one.weights == pytest.approx([0.4, 0.5])


def test_groups_already_embedded_are_not_embedded_again(tmp_path: Path) -> None:
    run, network = RunFolder(tmp_path), Colours()
    members = stored(run, {track: [RED] for track in range(1, GROUP + 2)})
    first = embed(run, members, network)
    _, second = sorted((tmp_path / "embeddings").iterdir())
    second.unlink()  # as a kill between the groups leaves it
    again = embed(run, members, network)
    assert network.calls == 3
    assert all((a.vectors == b.vectors).all() for a, b in zip(first, again, strict=True))


def test_a_track_that_jumps_from_one_person_to_another_is_cut_there(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    (one,) = embed(run, stored(run, {1: [RED] * 12 + [GREEN] * 8}), Colours())
    before, after = split_tracklet(one)
    assert (before.tracklet.frames[-1], after.tracklet.frames[0]) == (11, 12)
    assert len(before.vectors) + len(after.vectors) == len(one.vectors) == 8
    (whole,) = embed(RunFolder(tmp_path / "b"), stored(RunFolder(tmp_path / "b"), {1: [RED] * 20}), Colours())
    assert len(split_tracklet(whole)) == 1


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(tracklet(1, 8), None, id="just-long-enough"),
        pytest.param(tracklet(1, 7), "rejected_short", id="too-short"),
        pytest.param(tracklet(1, 8, side=17), "rejected_quality", id="too-small"),
    ],
)
def test_tracklets_that_say_too_little_are_left_out(one: Tracklet, reason: str | None) -> None:
    assert rejection_reason(one, EmbeddingConfig(), stride=1) == reason


def test_at_a_stride_fewer_boxes_are_long_enough() -> None:
    assert rejection_reason(tracklet(1, 2), EmbeddingConfig(), stride=5) is None
    assert rejection_reason(tracklet(1, 1), EmbeddingConfig(), stride=5) == "rejected_short"

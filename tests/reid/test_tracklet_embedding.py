"""Embedding of tracklets: a direction each, whatever is read and computed together."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reid.data.frames import read_frames
from reid.data.records import LabelledTracklet
from reid.embedder import ClipEmbedder
from reid.errors import DatasetError
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build
from reid.tracklet_embedding import Viewing, embed_entries, spread_clips

SIZE = (64, 32)
LENGTHS = (1, 2, 3, 6, 7, 7, 1, 20)


@pytest.fixture(scope="module")
def embedder() -> ClipEmbedder:
    network = build(with_backbone(VARIANTS["fgreid"], "test_resnet"), 1, seed=2)
    return ClipEmbedder(network, torch.device("cpu"), size=SIZE)


@pytest.fixture(scope="module")
def tracklets(tmp_path_factory: pytest.TempPathFactory) -> list[LabelledTracklet]:
    """Tracklets of noise, of all kinds of lengths."""
    folder, random = tmp_path_factory.mktemp("noise"), np.random.default_rng(0)
    made = []
    for number, length in enumerate(LENGTHS):
        images = [folder / f"{number}-{frame}.png" for frame in range(length)]
        for image in images:
            cv2.imwrite(str(image), random.integers(0, 256, (16, 8, 3), dtype=np.uint8))
        made.append(LabelledTracklet(tuple(map(str, images)), f"{number}", "east"))
    return made


def direction(features: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = features.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def plainly(
    embedder: ClipEmbedder, tracklets: list[LabelledTracklet], clips: list[list[list[int]]]
) -> NDArray[np.float32]:
    """Embed tracklet by tracklet and clip by clip, by the frames written down for each."""
    return np.stack(
        [
            direction(np.stack([embedder.features(read_frames(one, clip, SIZE)[None])[0] for clip in own]))
            for one, own in zip(tracklets, clips, strict=True)
        ]
    )


def test_each_tracklet_becomes_the_direction_of_its_clips_mean_in_its_own_place(
    embedder: ClipEmbedder, tracklets: list[LabelledTracklet]
) -> None:
    written = [
        [[0, 0, 0]],
        [[0, 1, 0]],
        [[0, 1, 2]],
        [[0, 1, 2], [3, 4, 5]],
        [[0, 1, 2], [6, 6, 6]],  # of three clips the outer two
        [[0, 1, 2], [6, 6, 6]],
        [[0, 0, 0]],
        [[0, 1, 2], [18, 19, 18]],  # of seven
    ]
    rows = embed_entries(embedder, tracklets, Viewing(clip_length=3, clips=2), workers=0)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, plainly(embedder, tracklets, written), atol=1e-5)


def test_what_is_embedded_together_changes_nothing(
    embedder: ClipEmbedder, tracklets: list[LabelledTracklet]
) -> None:
    together = embed_entries(embedder, tracklets, Viewing(), workers=1)
    alone = [embed_entries(embedder, [one], Viewing(), workers=0)[0] for one in reversed(tracklets)]
    np.testing.assert_allclose(together[::-1], alone, atol=1e-5)


def test_flipped_views_make_a_picture_and_its_mirror_image_equal(
    embedder: ClipEmbedder, tmp_path: Path
) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    cv2.imwrite(str(tmp_path / "b.png"), picture[:, ::-1])
    both = [LabelledTracklet((str(tmp_path / name),), "1", "east") for name in ("a.png", "b.png")]
    plain, mirrored = embed_entries(embedder, both, Viewing(1), workers=0)
    assert not np.allclose(plain, mirrored, atol=1e-5)
    a, b = embed_entries(embedder, both, Viewing(1, views="flipped"), workers=0)
    np.testing.assert_allclose(a, b, atol=1e-6)
    features = embedder.features(np.stack([picture, picture[:, ::-1]])[:, None, ..., ::-1])
    np.testing.assert_allclose(a, direction(features), atol=1e-5)


def test_progress_ends_with_all_tracklets(embedder: ClipEmbedder, tracklets: list[LabelledTracklet]) -> None:
    told: list[tuple[int, int | None]] = []
    embed_entries(
        embedder, tracklets, Viewing(), workers=0, progress=lambda done, total: told.append((done, total))
    )
    assert told == sorted(told)
    assert told[-1] == (len(LENGTHS), len(LENGTHS))


def test_nobody_is_no_rows(embedder: ClipEmbedder) -> None:
    assert embed_entries(embedder, [], Viewing(), workers=0).shape == (0, 2048)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_missing_picture_is_named(
    embedder: ClipEmbedder, tracklets: list[LabelledTracklet], workers: int
) -> None:
    gone = LabelledTracklet(("gone.png",), "9", "east")
    with pytest.raises(DatasetError, match=r"^gone\.png: .*missing"):
        embed_entries(embedder, [*tracklets, gone], Viewing(), workers=workers)


@given(frames=st.integers(1, 300), length=st.integers(1, 9), most=st.integers(1, 40))
def test_clips_are_successive_frames_spread_over_the_tracklet(frames: int, length: int, most: int) -> None:
    clips = spread_clips(frames, length, most)
    starts = clips[:, 0].tolist()
    assert len(clips) == min(most, -(-frames // length))
    assert starts[0] == 0
    assert len(clips) == 1 or frames - starts[-1] <= length, "the end of the tracklet is seen"
    for clip in clips.tolist():
        left = min(length, frames - clip[0])
        assert clip == [clip[0] + i % left for i in range(length)]
    gaps = np.diff(starts) / length
    assert (gaps >= 1).all()
    assert len(gaps) < 2 or gaps.max() - gaps.min() <= 1


@given(frames=st.integers(1, 100), length=st.integers(1, 9))
def test_no_frame_is_left_out_where_there_is_room_for_all(frames: int, length: int) -> None:
    assert set(spread_clips(frames, length, 100).ravel().tolist()) == set(range(frames))

"""Tracklets that change from one object to another."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.embedding.splitting import find_pieces, number_pieces
from pipeline.tracking.tracklets import Tracklet
from reid.ranking.distances import unit_vectors

A, B, C = (row.tolist() for row in np.eye(3))
LIKE_A = [0.8, 0.6, 0.0]


def noisy(base: NDArray[np.float64], spread: float, seed: int) -> NDArray[np.float32]:
    return unit_vectors(
        (base + spread * np.random.default_rng(seed).normal(size=base.shape)).astype(np.float32)
    )


@pytest.mark.parametrize(
    ("clips", "expected"),
    [
        pytest.param([A, A, A, B, B], [(0, 3), (3, 5)], id="one-jump"),
        pytest.param([A, A, B, B, C, C], [(0, 2), (2, 4), (4, 6)], id="two-jumps"),
        pytest.param([A] * 4 + [B] * 4 + [A] * 4, [(0, 4), (4, 8), (8, 12)], id="there-and-back"),
        pytest.param([A, A, A, A], [(0, 4)], id="no-jump"),
        pytest.param([A, A, LIKE_A, LIKE_A], [(0, 4)], id="a-turn-of-the-body"),
        pytest.param([A, A, B, A, A], [(0, 5)], id="one-bad-clip"),
        pytest.param([A, A, A, B], [(0, 4)], id="one-clip-is-too-few-to-speak"),
        pytest.param([A], [(0, 1)], id="a-single-clip"),
    ],
)
def test_ranges_of_clips(clips: list[list[float]], expected: list[tuple[int, int]]) -> None:
    assert find_pieces(np.array(clips, np.float32)) == expected


@pytest.mark.parametrize("seed", range(20))
def test_a_network_that_finds_everything_alike_never_cuts(seed: int) -> None:
    assert find_pieces(noisy(np.ones((32, 64)), 0.2, seed)) == [(0, 32)]


@pytest.mark.parametrize("seed", range(20))
def test_a_network_that_finds_nothing_alike_never_cuts(seed: int) -> None:
    assert find_pieces(noisy(np.zeros((32, 256)), 1, seed)) == [(0, 32)]


@pytest.mark.parametrize("seed", range(20))
def test_a_jump_is_found_through_noise(seed: int) -> None:
    base = np.repeat(np.eye(2, 64), [20, 12], axis=0)
    assert find_pieces(noisy(base, 0.05, seed)) == [(0, 20), (20, 32)]


def piece(camera: str, track: int, frame: int = 0) -> EmbeddedTracklet:
    one = np.ones(1, np.float32)
    tracklet = Tracklet(
        camera, track, "person", np.array([frame]), np.array([frame / 10]), one.repeat(4)[None], one, one
    )
    return EmbeddedTracklet(tracklet, one[None], one, np.array([frame]))


def test_later_pieces_of_a_track_get_the_next_numbers_of_their_camera() -> None:
    pieces = [
        piece("yard", 1),
        piece("gate", 2, 0),
        piece("gate", 2, 5),
        piece("gate", 2, 9),
        piece("gate", 1, 0),
        piece("gate", 1, 7),
    ]
    rejected = piece("gate", 4).tracklet  # it keeps its number, too
    numbered = number_pieces(pieces, [*(item.tracklet for item in pieces), rejected])
    assert [(item.tracklet.name, int(item.tracklet.frames[0])) for item in numbered] == [
        ("gate/1", 0),
        ("gate/2", 0),
        ("gate/5", 5),
        ("gate/6", 9),
        ("gate/7", 7),
        ("yard/1", 0),
    ]
    assert number_pieces([], []) == []

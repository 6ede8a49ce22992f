"""How much alike two tracklets look."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.matching.pairs.appearance import ROWS, appearance_scores, centre_by_camera, standardise
from reid.ranking.distances import unit_vectors


def random_units(*shape: int) -> NDArray[np.float32]:
    return unit_vectors(np.random.default_rng(0).normal(size=shape).astype(np.float32))


@pytest.mark.parametrize("top", [1, 3, 99])
def test_scores_equal_the_slow_manual_version(top: int) -> None:
    means, prototypes = random_units(ROWS + 9, 6), random_units(ROWS + 9, 2, 6)
    scores = appearance_scores(means, prototypes, top=top)
    for a, b in [(0, 1), (3, ROWS), (ROWS, 3), (ROWS + 1, ROWS + 8), (7, 7)]:
        best = np.sort((prototypes[a] @ prototypes[b].T).ravel())[::-1][:top].mean()
        assert scores[a, b] == pytest.approx(max(means[a] @ means[b], best), abs=2e-6)
    assert np.array_equal(scores, scores.T)


def test_one_shared_view_is_enough() -> None:
    front, back, side = np.eye(3, dtype=np.float32)
    prototypes = np.stack([[front, back], [front, side]])
    means = unit_vectors(prototypes.mean(axis=1))
    assert appearance_scores(means, prototypes, top=1)[0, 1] == 1


def two_cameras(of_each: int) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.str_]]:
    """The same people in two cameras, each with a strong light of its own."""
    people = random_units(of_each, 64)
    light = random_units(2, 64)
    return unit_vectors(np.concatenate([people + light[0], people + light[1]])), *labels(of_each)


def labels(of_each: int) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    return np.repeat(["a", "b"], of_each), np.repeat(["person"], 2 * of_each)


def test_centring_takes_out_what_a_camera_adds_to_everybody() -> None:
    means, cameras, groups = two_cameras(20)
    result = centre_by_camera(means, means, cameras=cameras, groups=groups, minimum=20)
    assert (result[:20] @ result[20:].T).argmax(axis=1).tolist() == list(range(20))
    assert np.diag(result[:20] @ result[20:].T).min() > 0.9 > np.diag(means[:20] @ means[20:].T).max()


def test_small_sets_are_left_alone() -> None:
    means, cameras, groups = two_cameras(19)
    assert np.array_equal(centre_by_camera(means, means, cameras=cameras, groups=groups, minimum=20), means)


def test_one_small_camera_leaves_all_alone_lest_unlike_vectors_are_compared() -> None:
    means, cameras, groups = two_cameras(20)
    few = np.arange(25)
    result = centre_by_camera(means[few], means[few], cameras=cameras[few], groups=groups[few], minimum=20)
    assert np.array_equal(result, means[few])


def test_a_class_too_rare_does_not_stop_the_others() -> None:
    means, cameras, groups = two_cameras(21)
    groups = groups.astype("<U7")
    groups[0] = "vehicle"
    result = centre_by_camera(means, means, cameras=cameras, groups=groups, minimum=20)
    assert np.array_equal(result[0], means[0])
    assert not np.allclose(result[1], means[1])


def test_identical_vectors_survive_centring() -> None:
    means = np.tile(np.array([0.6, 0.8], np.float32), (40, 1))
    result = centre_by_camera(means, means, cameras=labels(20)[0], groups=labels(20)[1], minimum=20)
    assert np.allclose(np.linalg.norm(result, axis=1), 1)


@pytest.mark.parametrize(("tracklets", "alike"), [(3, True), (4, False)])
def test_from_four_tracklets_on_a_camera_is_scaled_by_its_own_mean(tracklets: int, alike: bool) -> None:
    """Camera b adds the same light to all it sees; only its own mean takes that out."""
    seen = np.random.default_rng(0).normal(size=(40 + tracklets, 16)).astype(np.float32)
    seen[40:] += 20
    cameras = np.repeat(["a", "b"], [40, tracklets])
    scaled = standardise(seen, seen, cameras)[40:]
    others = ~np.eye(tracklets, dtype=bool)
    assert ((scaled @ scaled.T)[others].mean() > 0.5) == alike

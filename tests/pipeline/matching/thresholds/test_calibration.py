"""Thresholds that keep a rate of false matches, told from the run itself or from labels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import PipelineError
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.thresholds.calibration import (
    Calibrated,
    calibrate_labelled,
    calibrate_thresholds,
    error_curves,
)
from pipeline.matching.thresholds.known_pairs import KnownPairs
from pipeline.matching.thresholds.tail import FEWEST
from reid.ranking.distances import unit_vectors

GIVEN = (0.694, 0.81)
CENTRED = MatchingConfig(centring_minimum=20)
D = 32
Labels = dict[tuple[str, int], int | None]


def crowd(seed: int, people: int, *, cameras: str = "abc", blur: float = 0.4) -> tuple[Gallery, Labels]:
    """People who each pass every camera once; a camera's light shifts all it sees."""
    rng = np.random.default_rng(seed)
    looks = rng.normal(size=(people, D)) + 0.7 * rng.normal(size=D)
    shifts = np.repeat(0.3 * rng.normal(size=(len(cameras), D)), people, axis=0)
    vectors = unit_vectors(
        (np.tile(looks, (len(cameras), 1)) + shifts + blur * rng.normal(size=shifts.shape)).astype(np.float32)
    )
    n = len(vectors)
    names = np.repeat(list(cameras), people)
    tracks = np.tile(np.arange(1, people + 1), len(cameras))
    corner = np.zeros((n, 4), np.float32)
    kinds, times = np.full(n, "person"), np.zeros(n)
    gallery = Gallery(names, tracks, kinds, kinds, times, times, corner, corner, vectors, vectors[:, None])
    return gallery, {key: key[1] for key in gallery.keys}


def rules_of(gallery: Gallery) -> NDArray[np.uint8]:
    """Everybody is in their camera all the time."""
    return np.asarray(gallery.cameras[:, None] == gallery.cameras, np.uint8)


def side_by_side(gallery: Gallery, most: int | None = None) -> KnownPairs:
    pairs = np.argwhere(np.triu(gallery.cameras[:, None] == gallery.cameras, 1))
    return KnownPairs(pairs[:most], np.array([0.3, 0.7, 0.8, 0.9], np.float32))


def told(
    gallery: Gallery,
    rate: float | None,
    *,
    most: int | None = None,
    given: tuple[float, float] = GIVEN,
) -> Calibrated:
    scores = score_gallery(gallery, CENTRED)
    known = side_by_side(gallery, most)
    chosen = Chosen(given[0], "network"), Chosen(given[1], "network")
    return calibrate_thresholds(
        gallery, scores, rules_of(gallery), known, given=chosen, margin=0.05, rate=rate
    )


def true_rate(gallery: Gallery, threshold: float) -> float:
    """Share of pairs of two people in two cameras that reach a threshold."""
    two = np.triu(gallery.cameras[:, None] != gallery.cameras, 1) & (
        gallery.tracks[:, None] != gallery.tracks
    )
    return float((score_gallery(gallery, CENTRED)[two] >= threshold).mean())


@pytest.mark.parametrize("people", [15, 30])
@pytest.mark.parametrize("rate", [0.03, 0.01, 0.003])
def test_the_rate_that_is_asked_for_is_kept_over_many_scenes(people: int, rate: float) -> None:
    true = []
    for seed in range(12):
        gallery, _ = crowd(seed, people)
        true.append(true_rate(gallery, told(gallery, rate).calibration.threshold))
    assert 0.25 * rate < np.mean(true) < 1.3 * rate


def test_a_stricter_rate_never_lowers_a_threshold() -> None:
    gallery, _ = crowd(0, 20)
    found = [told(gallery, rate).calibration for rate in (0.1, 0.01, 0.001)]
    for name in ("threshold", "stitch_threshold", "halves_missed"):
        values = [getattr(one, name) for one in found]
        assert values == sorted(values)
    assert all(one.stitch_threshold >= one.threshold for one in found)


def test_with_too_few_pairs_the_given_threshold_serves_and_it_is_said() -> None:
    gallery, _ = crowd(0, 20)
    found = told(gallery, 0.01, most=FEWEST - 1)
    calibration = found.calibration
    assert (calibration.threshold, calibration.stitch_threshold) == GIVEN
    assert calibration.method == "given"
    assert (calibration.false_match, calibration.interval, calibration.expected_false) == (None, None, None)
    assert calibration.sentence == (
        "threshold 0.694 (measured for the network). "
        "Not checked: 99 pairs of different objects seen together are too few; 100 are needed."
    )
    assert calibration.summary == (
        "Links need a score of at least 0.694 (measured for the network). "
        "The number of false links is unknown; report.html says why."
    )
    assert error_curves(found) == []
    assert told(gallery, 0.01, most=FEWEST).calibration.method == "run"


def test_without_a_rate_the_given_threshold_is_kept_and_held_against_the_run() -> None:
    gallery, _ = crowd(0, 20)
    calibration = told(gallery, None, given=(0.4, 0.7)).calibration
    assert (calibration.threshold, calibration.stitch_threshold, calibration.method) == (0.4, 0.7, "given")
    assert calibration.interval is not None
    low, high = calibration.interval
    assert low <= true_rate(gallery, 0.4) <= high
    assert calibration.halves_missed == 0.25  # 0.3 of 0.3, 0.7, 0.8 and 0.9
    assert calibration.sentence.startswith(
        "threshold 0.400 (measured for the network). "
        "Checked on 570 pairs of different objects seen together in one camera. About "
    )


def test_who_stays_under_the_threshold_is_expected_about_rightly() -> None:
    said, true = [], []
    for seed in range(8):
        gallery, _ = crowd(seed, 25, blur=0.8)
        calibration = told(gallery, 0.001).calibration
        same = np.triu(gallery.cameras[:, None] != gallery.cameras, 1) & (
            gallery.tracks[:, None] == gallery.tracks
        )
        said.append(calibration.false_non_match)
        true.append((score_gallery(gallery, CENTRED)[same] < calibration.threshold).mean())
    assert np.mean(true) > 0.05
    assert np.mean(said) == pytest.approx(np.mean(true), abs=0.05)  # type: ignore[arg-type]


def test_strangers_alone_leave_nothing_to_be_missed() -> None:
    gallery, _ = crowd(0, 16, cameras="a")
    calibration = told(gallery, 0.01).calibration
    assert calibration.method == "run"
    assert calibration.false_non_match is None
    assert calibration.expected_false == 0
    assert "Up to about 0.0 false links between cameras are expected." in calibration.sentence
    assert "At most about 0.0 false links between cameras are expected." in calibration.summary


def test_an_empty_run_keeps_the_given_threshold() -> None:
    gallery, _ = crowd(0, 0)
    assert told(gallery, 0.01).calibration.threshold == GIVEN[0]


def test_the_same_run_gives_the_same_calibration() -> None:
    gallery, _ = crowd(3, 20)
    assert told(gallery, 0.003).calibration == told(gallery, 0.003).calibration


def labelled(gallery: Gallery, labels: Labels, rate: float = 0.01) -> Calibrated:
    return calibrate_labelled(gallery, score_gallery(gallery, CENTRED), labels, rate=rate)


def test_labels_tell_the_pairs_of_two_cameras() -> None:
    gallery, labels = crowd(0, 20)
    found = labelled(gallery, labels)
    assert (found.calibration.positives, found.calibration.negatives) == (3 * 20, 3 * 20 * 19)
    assert true_rate(gallery, found.calibration.threshold) == pytest.approx(0.01, rel=0.3)
    missed = (found.compared.genuine < found.calibration.threshold).mean()
    assert found.calibration.false_non_match == missed


def even_scores(gallery: Gallery) -> NDArray[np.float32]:
    """Scores spread evenly between 0 and 1, whoever the pair is."""
    upper = np.triu(np.random.default_rng(0).random((len(gallery), len(gallery))), 1)
    return np.asarray(upper + upper.T, np.float32)


def test_within_a_camera_a_third_of_the_rate_is_allowed() -> None:
    gallery, labels = crowd(0, 40, cameras="ab")
    calibration = calibrate_labelled(gallery, even_scores(gallery), labels, rate=0.1).calibration
    assert calibration.threshold == pytest.approx(1 - 0.1, abs=0.02)
    assert calibration.stitch_threshold == pytest.approx(1 - 0.03, abs=0.01)


def test_the_threshold_within_a_camera_never_falls_below_that_between_cameras() -> None:
    gallery, labels = crowd(0, 40, cameras="ab")
    scores = even_scores(gallery)
    scores[gallery.cameras[:, None] == gallery.cameras] -= 0.5
    calibration = calibrate_labelled(gallery, scores, labels, rate=0.1).calibration
    assert calibration.stitch_threshold == calibration.threshold > 0.8


def test_who_has_no_label_or_another_class_takes_no_part() -> None:
    gallery, labels = crowd(0, 20)
    nobody: Labels = {key: None if key[1] > 15 else identity for key, identity in labels.items()}
    assert labelled(gallery, nobody).calibration.negatives == 3 * 15 * 14
    gallery.groups[gallery.tracks > 15] = "vehicle"
    assert labelled(gallery, labels).calibration.negatives == 3 * (15 * 14 + 5 * 4)


def test_too_few_labels_are_refused() -> None:
    gallery, labels = crowd(0, 6, cameras="ab")
    with pytest.raises(
        PipelineError, match=r"^30 labelled pairs of different objects in two cameras are too few"
    ):
        labelled(gallery, labels)


def test_both_error_curves_are_told_rate_by_rate() -> None:
    gallery, labels = crowd(0, 20)
    rates, cuts, missed = zip(*error_curves(labelled(gallery, labels)), strict=True)
    assert list(rates) == sorted(rates, reverse=True)
    assert list(cuts) == sorted(cuts)
    assert list(missed) == sorted(missed)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    gallery, labels = crowd(0, 20)
    with pytest.raises(PipelineError, match="give one between 0 and 1"):
        told(gallery, rate)
    with pytest.raises(PipelineError, match="give one between 0 and 1"):
        labelled(gallery, labels, rate)

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.boxes import Detections
from detectors.tracker import PATIENCE, ClassTrackers, associate

Row = tuple[float, float, float, float, float, str]
"""Centre x, foot y, height, width over height, score, class."""


def seen(*rows: Row) -> Detections:
    boxes = [[x - wide * h / 2, foot - h, x + wide * h / 2, foot] for x, foot, h, wide, _, _ in rows]
    scores, classes = [row[4] for row in rows], [row[5] for row in rows]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(classes, np.str_)
    )


def person(x: float, score: float = 0.9, foot: float = 400) -> Row:
    return (x, foot, 170, 0.4, score, "person")


def follow(frames: list[tuple[float, Detections]]) -> list[list[int]]:
    tracker = ClassTrackers()
    return [tracker.update(seconds, found).tolist() for seconds, found in frames]


@pytest.mark.parametrize("fps", [25.0, 5.0, 2.5])
def test_a_walker_keeps_the_number_at_any_stride(fps: float) -> None:
    frames = [(k / fps, seen(person(100 + 120 * k / fps))) for k in range(int(6 * fps))]
    assert follow(frames) == [[1]] * len(frames)


def test_two_who_pass_each_other_keep_their_numbers() -> None:
    seconds = np.arange(0, 8, 0.04)
    frames = [(t, seen(person(100 + 120 * t), person(1000 - 120 * t, foot=420))) for t in seconds]
    assert follow(frames) == [[1, 2]] * len(seconds)


def test_two_who_meet_and_turn_back_keep_their_numbers_by_their_clothes() -> None:
    """By motion alone, they would seem to have walked past each other."""
    halves = np.eye(8, dtype=np.uint8)[[[0, 1], [0, 2]]].reshape(2, 16) * 255  # the same trunk, other legs

    def meet(k: int, *, told: bool) -> Detections:
        x = 300 - abs(k - 25) * 6  # to 300 and back
        boxes = seen(person(x), person(600 - x))
        if abs(k - 25) < 3:  # one hides the other
            boxes = boxes.select(np.array([True, False]))
        return replace(boxes, colours=halves[: len(boxes)] if told else None)

    for told, numbers in [(True, [1, 2]), (False, [2, 1])]:
        assert follow([(k / 25, meet(k, told=told)) for k in range(50)])[-1] == numbers


def test_who_steps_from_shade_into_the_sun_is_followed() -> None:
    shades = np.eye(2, dtype=np.uint8) * 255
    frames = [replace(seen(person(100 + 5 * k)), colours=shades[[int(k >= 10)]]) for k in range(20)]
    assert follow([(k / 25, frame) for k, frame in enumerate(frames)]) == [[1]] * 20


RED, BLUE, PURPLE = np.array([[255, 0], [0, 255], [140, 213]], np.uint8)


def test_a_track_keeps_its_colours_while_another_person_covers_it() -> None:
    def approach(k: int) -> Detections:
        x = max(330, 500 - 5 * k)
        covered = x < 336  # the box of the first person now shows the second
        return replace(seen(person(300), person(x)), colours=np.stack([BLUE if covered else RED, BLUE]))

    frames = [(k / 25, approach(k)) for k in range(80)]
    reappears = replace(seen(person(330)), colours=RED[None])
    assert follow([*frames, (80 / 25, reappears)]) == [[1, 2]] * 80 + [[1]]


def test_a_person_in_somewhat_different_clothes_nearby_is_another_person() -> None:
    frames = [(k / 25, replace(seen(person(300)), colours=RED[None])) for k in range(5)]
    near = replace(seen(person(330)), colours=PURPLE[None])  # IoU 0.4, colour similarity 0.55
    assert follow([*frames, (0.2, near)])[-1] == [2]


def test_a_track_ends_if_its_first_box_is_not_followed_by_a_second() -> None:
    assert follow([(0.0, seen(person(300))), (0.1, seen()), (0.2, seen(person(300)))]) == [[1], [], [2]]


def test_somebody_found_twice_is_followed_once() -> None:
    frames = [(k / 25, seen(person(300 + 3 * k), person(312 + 3 * k, score=0.6))) for k in range(20)]
    assert follow(frames) == [[1, -1]] * 20


def test_who_walks_behind_a_pillar_comes_out_with_the_same_number() -> None:
    there = [t for t in np.arange(0, 8, 0.04) if not 3 < t < 5]
    assert follow([(t, seen(person(100 + 120 * t))) for t in there]) == [[1]] * len(there)


def test_patience_is_in_seconds_and_not_in_frames() -> None:
    arrival = [(0.0, seen(person(300))), (0.04, seen(person(300)))]
    for gap, number in [(PATIENCE - 0.1, 1), (PATIENCE + 0.1, 2)]:
        many = [(0.04 + k * 0.01, seen()) for k in range(1, int(gap * 100))]
        back = [(0.04 + gap, seen(person(300)))]
        assert follow(arrival + back)[-1] == [number]
        assert follow(arrival + many + back)[-1] == [number]


def test_a_half_hidden_person_is_followed_by_boxes_too_unsure_to_begin_a_track() -> None:
    scores = [0.9] * 10 + [0.15] * 10
    frames = [(k * 0.1, seen(person(100 + 8 * k, score))) for k, score in enumerate(scores)]
    assert follow(frames) == [[1]] * 20
    assert follow(frames[10:]) == [[-1]] * 10


def test_a_car_that_moves_by_half_its_length_a_frame_is_followed() -> None:
    frames = [(k * 0.2, seen((100 + 100 * k, 400, 80, 2.5, 0.8, "car"))) for k in range(15)]
    assert follow(frames) == [[1]] * 15


def test_a_person_never_becomes_a_car_but_a_truck_may_be_called_a_bus() -> None:
    names = ["person", "person", "truck", "bus", "person", "dog"]
    frames = [(k * 0.1, seen((300, 400, 170, 0.4, 0.9, name))) for k, name in enumerate(names)]
    assert follow(frames) == [[1], [1], [2], [2], [1], [3]]


def test_numbers_count_from_one_by_first_appearance_over_all_classes() -> None:
    first, second = seen((700, 400, 80, 2.5, 0.8, "car"), person(300)), seen(person(300), person(900))
    assert follow([(0.0, first), (0.1, first), (0.2, second)]) == [[1, 2], [1, 2], [2, 3]]


def test_cameras_do_not_disturb_each_other() -> None:
    frames = crowd(seed=1)
    alone = follow(frames)
    one, other = ClassTrackers(), ClassTrackers()
    together = []
    for seconds, found in frames:
        other.update(seconds, found.select(np.arange(len(found))[::-1]))
        together.append(one.update(seconds, found).tolist())
    assert together == alone


def test_a_fresh_tracker_fed_the_same_history_goes_on_the_same() -> None:
    frames = crowd(seed=2)
    assert follow(frames) == follow(frames)


def test_tracks_that_come_with_the_boxes_are_taken_as_they_are() -> None:
    found = seen(person(300), person(900))
    given_tracks = Detections(found.boxes, found.scores, found.classes, np.array([40, -1]))
    assert ClassTrackers().update(0.0, given_tracks).tolist() == [40, -1]


def test_time_may_not_run_backwards() -> None:
    tracker = ClassTrackers()
    tracker.update(1.0, seen(person(300)))
    with pytest.raises(ValueError, match="order of time"):
        tracker.update(0.5, seen(person(300)))


@settings(derandomize=True)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.04, 0.2, 1.0, 100.0]))
def test_no_two_boxes_of_a_frame_share_a_track(seed: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    tracker = ClassTrackers()
    for k in range(6):
        found = noise(rng, count=int(rng.integers(0, 12)))
        tracks = tracker.update(k * step, found)
        assert tracks.shape == (len(found),)
        real = tracks[tracks != -1]
        assert len(set(real.tolist())) == len(real)
        assert (real >= 1).all()


@pytest.mark.parametrize("shape", [(4, 4), (2, 5), (5, 2), (1, 1), (0, 3), (3, 0)])
def test_association_finds_the_best_pairs_above_the_threshold(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for threshold in (0.1, 0.5, 0.9):
        similarity = rng.random(shape)
        rows, columns = associate(similarity, threshold)
        assert (similarity[rows, columns] > threshold).all()
        gain = np.maximum(similarity - threshold, 0)
        gain = gain if shape[0] <= shape[1] else gain.T
        totals = [
            gain[range(len(gain)), list(choice)].sum()
            for choice in permutations(range(gain.shape[1]), len(gain))
        ]
        assert (similarity[rows, columns] - threshold).sum() == pytest.approx(max(totals))


def crowd(seed: int) -> list[tuple[float, Detections]]:
    rng = np.random.default_rng(seed)
    speed, start = rng.normal(0, 100, 12), rng.uniform(0, 1900, 12)
    return [
        (k * 0.1, seen(*(person(x, float(rng.uniform(0.1, 0.9))) for x in start + speed * k * 0.1)))
        for k in range(40)
    ]


def noise(rng: np.random.Generator, count: int) -> Detections:
    low: NDArray[np.float32] = rng.uniform(0, 500, (count, 2)).astype(np.float32)
    boxes = np.concatenate([low, low + rng.uniform(1, 300, (count, 2))], axis=1).astype(np.float32)
    classes = rng.choice(["person", "car", "bus"], count).astype(np.str_)
    return Detections(boxes, rng.uniform(0, 1, count).astype(np.float32), classes)

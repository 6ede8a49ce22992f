"""Matching as a whole: galleries in, identities and reasons out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.errors import PipelineError
from pipeline.footage.cameras import Camera, CameraSet, Transition
from pipeline.footage.recording import Recording
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.explanations import Consideration
from pipeline.matching.groups import partition
from pipeline.matching.learn import Learnt
from pipeline.matching.match import Matched, Matching, match_tracklets, number_together
from pipeline.matching.pairs.declared import Declared
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.pairs.rules import Rule, find_rules
from pipeline.tracking.tracklets import Tracklet
from reid.ranking.distances import unit_vectors

CAMERAS = CameraSet(tuple(Camera(name, Recording((Path(name),))) for name in "abc"))
CONFIG = MatchingConfig(margin=0.05)
RED, GREEN, BLUE = np.eye(3, dtype=np.float32)
Sighting = tuple[Tracklet, NDArray[np.float32]]


def seen(
    camera: str, track: int, start: float, look: NDArray[np.float32], *, kind: str = "person"
) -> Sighting:
    """Somebody of this look for five seconds."""
    ones = np.ones(2, np.float32)
    boxes = np.array([[0, 0, 10, 20]] * 2, np.float32)
    seconds = np.array([start, start + 5])
    return Tracklet(camera, track, kind, np.arange(2), seconds, boxes, ones, ones), look


def gallery(sightings: list[Sighting]) -> Gallery:
    clips = [look[None].astype(np.float32) for _, look in sightings]
    weights = [np.ones(1, np.float32)] * len(sightings)
    return build_gallery([tracklet for tracklet, _ in sightings], clips, weights=weights, prototypes=2)


def matched(sightings: list[Sighting], cameras: CameraSet = CAMERAS) -> Matching:
    return match_tracklets(gallery(sightings), cameras, CONFIG)


def between(matching: Matching, a: int, b: int) -> Consideration:
    return next(row for row in matching.considered if {row.a, row.b} == {a, b})


def mix(a: NDArray[np.float32], b: NDArray[np.float32], cosine: float) -> NDArray[np.float32]:
    """A look that has this cosine with `a`, the rest from `b`, which is at right angles to it."""
    return np.asarray(cosine * a + np.sqrt(1 - cosine**2) * b, np.float32)


def crowd(seed: int, people: int = 8) -> list[Sighting]:
    """People of random looks, each seen by a, b and c at random times."""
    rng = np.random.default_rng(seed)
    looks = rng.normal(size=(people, 16))
    return [
        seen(camera, track + 1, float(rng.integers(60)), look + 0.35 * rng.normal(size=16))
        for camera in "abc"
        for track, look in enumerate(looks)
    ]


def test_people_get_their_identity_in_order_of_appearance() -> None:
    matching = matched([seen("a", 1, 50, RED), seen("b", 1, 10, RED), seen("b", 2, 5, GREEN)])
    assert matching.identities.tolist() == [2, 2, 1]
    assert matching.statuses == ("linked", "linked", "single_camera")


def test_at_equal_times_camera_then_track_decide() -> None:
    matching = matched([seen("b", 1, 0, BLUE), seen("a", 10, 0, RED), seen("a", 9, 0, GREEN)])
    assert matching.identities.tolist() == [1, 2, 3]


def test_nobody_is_a_normal_input() -> None:
    matching = matched([])
    assert len(matching.identities) == 0
    assert matching.considered == ()


def test_two_fragments_in_one_camera_are_one_identity_of_a_single_camera() -> None:
    matching = matched([seen("a", 1, 0, RED), seen("a", 2, 7, RED)])
    assert matching.identities.tolist() == [1, 1]
    assert matching.statuses == ("single_camera",) * 2


def test_an_ambiguous_link_is_not_made_and_says_so() -> None:
    look = mix(RED, GREEN, 0.9)
    matching = matched([seen("a", 1, 0, RED), seen("b", 1, 9, look), seen("b", 2, 9, mix(RED, BLUE, 0.88))])
    assert matching.identities.tolist() == [1, 2, 3]
    assert matching.statuses == ("ambiguous", "ambiguous", "single_camera")
    row = between(matching, 0, 1)
    assert (row.decision, row.runner_up) == ("ambiguous", 2)
    assert row.margin == pytest.approx(0.02)
    assert "but is only 0.020 above the runner-up b/2: too close to call" in row.reason


@pytest.mark.parametrize(
    ("sightings", "pair", "decision", "reason"),
    [
        pytest.param(
            *([seen("a", 1, 0, RED), seen("b", 1, 9, mix(RED, GREEN, 0.8))], (0, 1), "accepted"),
            "cosine 0.800 reaches the threshold 0.600; no other candidate",
            id="alone",
        ),
        pytest.param(
            [seen("a", 1, 0, RED), seen("b", 1, 9, RED), seen("b", 2, 9, mix(RED, GREEN, 0.3))],
            *((0, 1), "accepted"),
            "cosine 1.000 reaches the threshold 0.600 and is 0.700 above the runner-up b/2",
            id="better-than-the-next",
        ),
        pytest.param(
            *([seen("a", 1, 0, RED), seen("b", 1, 9, mix(RED, GREEN, 0.5))], (0, 1), "rejected"),
            "cosine 0.500 is below the threshold 0.600",
            id="not-alike",
        ),
        pytest.param(
            [seen("a", 1, 0, RED), seen("b", 1, 9, mix(RED, GREEN, 0.8)), seen("b", 2, 9, RED)],
            *((0, 1), "rejected"),
            "cosine 0.800, but b/2 fits a/1 better (1.000)",
            id="another-was-closer",
        ),
        pytest.param(
            *([seen("a", 1, 0, RED), seen("b", 1, 9, RED, kind="car")], (0, 1), "rejected"),
            "cosine 1.000, but their classes differ",
            id="a-rule-forbids-it",
        ),
        pytest.param(
            [
                *(seen("a", 1, 0, RED), seen("b", 1, 9, mix(RED, GREEN, 0.9))),
                seen("c", 1, 20, mix(RED, GREEN, 0.05)),
            ],
            *((0, 1), "accepted"),
            "cosine 0.900 reaches the threshold 0.600; no other candidate",
            id="a-third-camera-changes-nothing",
        ),
        pytest.param(
            [
                *(seen("a", 1, 0, mix(RED, GREEN, 0.7)), seen("b", 1, 9, RED)),
                seen("c", 1, 20, mix(RED, -GREEN, 0.9)),
            ],
            *((0, 1), "rejected"),
            "cosine 0.700, but the mean score of their groups is only 0.509",
            id="the-group-is-not-alike",
        ),
        pytest.param(
            [
                *(seen("a", 1, 0, RED), seen("b", 1, 9, mix(RED, GREEN, 0.98))),
                seen("c", 1, 20, mix(RED, GREEN, 0.95)),
            ],
            *((0, 2), "accepted"),
            "cosine 0.950; both are linked with b/1",
            id="through-another",
        ),
    ],
)
def test_reasons(sightings: list[Sighting], pair: tuple[int, int], decision: str, reason: str) -> None:
    row = between(matched(sightings), *pair)
    assert (row.decision, row.reason) == (decision, reason)


def test_a_declaration_that_splits_a_chain_is_named() -> None:
    known = CameraSet(CAMERAS.cameras, (Transition(("a", "c"), reachable=False),))
    sightings = [
        *(seen("a", 1, 0, RED), seen("b", 1, 9, mix(RED, GREEN, 0.95))),
        seen("c", 1, 20, mix(RED, GREEN, 0.7)),
    ]
    matching = matched(sightings, known)
    assert matching.identities.tolist() == [1, 1, 2]
    reason = between(matching, 1, 2).reason
    assert "a/1 and c/1 would be linked too: their cameras are declared unreachable from each other" in reason


def test_a_reason_says_where_what_it_names_was_left_open() -> None:
    sightings = [
        *(seen("a", 1, 0, RED), seen("a", 2, 0, mix(RED, GREEN, 0.985))),
        seen("b", 1, 9, RED),
    ]
    matching = matched(sightings)
    assert between(matching, 0, 2).decision == "ambiguous"
    reason = between(matching, 1, 2).reason
    assert reason == "cosine 0.985, but a/1 fits b/1 better (1.000) (an ambiguous link)"


def test_the_first_to_appear_stands_first_in_a_row() -> None:
    row = matched([seen("a", 1, 50, RED), seen("b", 1, 0, RED)]).considered[0]
    assert (row.a, row.b) == (1, 0)


@settings(max_examples=settings().max_examples // 2)
@given(st.permutations(range(24)), st.integers(0, 3))
def test_the_order_of_inputs_changes_nothing(order: list[int], seed: int) -> None:
    sightings = crowd(seed)
    there, back = matched(sightings), matched([sightings[i] for i in order])
    assert np.array_equal(there.identities, back.identities)
    assert there.statuses == back.statuses
    assert there.considered == back.considered


def test_a_crowd_of_clear_looks_is_told_apart() -> None:
    looks = unit_vectors(np.random.default_rng(0).normal(size=(30, 64)).astype(np.float32))
    sightings = [
        seen(camera, track, 100 * track + place, look)
        for place, camera in enumerate("abc")
        for track, look in enumerate(looks)
    ]
    assert matched(sightings).identities.tolist() == list(range(1, 31)) * 3


def test_in_100_random_sets_of_declarations_none_is_broken_whatever_the_people_look_like() -> None:
    free = 0
    for seed in range(100):
        people, rng = gallery(crowd(seed, people=4)), np.random.default_rng(seed)
        keys, pairs = people.keys, rng.integers(12, size=(6, 2)).tolist()
        same = tuple((keys[a], keys[b]) for a, b in pairs[:2] if a != b)
        known = partition(12, (pair for pair in pairs[:2]))
        different = tuple((keys[a], keys[b]) for a, b in pairs[2:] if known[a] != known[b])
        rules = find_rules(people, CAMERAS, CONFIG, cannot_link=different)
        identities = match_tracklets(people, CAMERAS, CONFIG, declared=Declared(same, different)).identities
        together, said = np.equal.outer(identities, identities), np.equal.outer(known, known)
        assert (together | ~said).all()
        assert (rules[together & ~said] == Rule.ALLOWED).all()
        free += int((together & ~said).any())
    assert free > 90


def test_what_the_user_said_is_the_reason_and_not_what_the_scores_say() -> None:
    sightings = [seen("a", 1, 0, RED), seen("b", 1, 9, GREEN), seen("c", 1, 20, RED)]
    said = Declared(same=((("b", 1), ("a", 1)),), different=((("a", 1), ("c", 1)),))
    matching = match_tracklets(gallery(sightings), CAMERAS, CONFIG, declared=said)
    assert matching.identities.tolist() == [1, 1, 2]
    same, different = between(matching, 0, 1), between(matching, 0, 2)
    assert (same.decision, same.reason) == ("accepted", "you marked them as the same (cosine 0.000)")
    assert (different.decision, different.reason) == (
        "rejected",
        "you marked them as different (cosine 1.000)",
    )
    assert (same.decided_by, different.decided_by) == ("user", "user")
    assert between(matching, 1, 2).decided_by == "program"


def test_a_decision_about_one_camera_shows_the_threshold_of_one_camera() -> None:
    sightings = [seen("a", 1, 0, RED), seen("a", 2, 9, GREEN), seen("b", 1, 20, RED)]
    said = Declared(different=((("a", 1), ("a", 2)), (("a", 1), ("b", 1))))
    matching = match_tracklets(gallery(sightings), CAMERAS, CONFIG, declared=said)
    assert between(matching, 0, 1).threshold == CONFIG.stitch_threshold.value
    assert between(matching, 0, 2).threshold == CONFIG.threshold.value


def test_who_wants_a_place_that_the_user_gave_away_is_told_so() -> None:
    sightings = [seen("a", 1, 0, RED), seen("b", 1, 9, GREEN), seen("b", 2, 9, RED)]
    said = Declared(same=((("a", 1), ("b", 1)),))
    reason = between(match_tracklets(gallery(sightings), CAMERAS, CONFIG, declared=said), 0, 2).reason
    assert reason == "cosine 1.000, but you marked b/1 and a/1 as the same"


def test_time_moves_a_score_and_is_shown_as_a_term_of_its_own() -> None:
    look = mix(RED, GREEN, 0.58)
    people = gallery([seen("a", 1, 0, RED), seen("b", 1, 9, look), seen("b", 2, 30, RED)])
    time = np.array([[0, 0.1, -0.5], [0.1, 0, 0], [-0.5, 0, 0]], np.float32)
    assert match_tracklets(people, CAMERAS, CONFIG).identities.tolist() == [1, 2, 1]
    matching = match_tracklets(people, CAMERAS, CONFIG, learn=lambda *_: Learnt(CONFIG, time))
    assert matching.identities.tolist() == [1, 1, 2]
    likely, unlikely = between(matching, 0, 1), between(matching, 0, 2)
    assert likely.time == pytest.approx(0.1)
    assert likely.score == pytest.approx(0.68, abs=1e-3)
    assert likely.reason.startswith("score 0.680 (cosine 0.580, time +0.100) reaches the threshold 0.600")
    assert unlikely.reason == "score 0.500 (cosine 1.000, time -0.500) is below the threshold 0.600"


def test_a_time_that_says_nothing_changes_nothing() -> None:
    people = gallery(crowd(0))
    nothing = np.zeros((24, 24), np.float32)
    silent = match_tracklets(people, CAMERAS, CONFIG, learn=lambda *_: Learnt(CONFIG, nothing))
    plain = match_tracklets(people, CAMERAS, CONFIG)
    assert np.array_equal(silent.identities, plain.identities)
    assert [(row.time, row.score) for row in silent.considered] == [
        (None, row.score) for row in plain.considered
    ]


def test_rows_grow_with_tracklets_and_cameras_not_with_pairs() -> None:
    sightings = crowd(1, people=40)
    rows = len(matched(sightings).considered)
    assert rows <= len(sightings) * (1 + 3 * 2) < len(sightings) ** 2 / 2


@pytest.mark.parametrize(
    ("setting", "value"),
    [("threshold", Chosen(60.0)), ("margin", -0.1), ("top", 0), ("speed_gap", float("nan"))],
)
def test_settings_that_make_no_sense_are_refused_by_name(setting: str, value: Any) -> None:
    with pytest.raises(PipelineError, match=setting):
        MatchingConfig(**{setting: value})


def test_identities_of_galleries_matched_apart_are_numbered_as_one() -> None:
    """At 0 s the person, at 1 s a car; of two at 5 s the one whose camera comes first."""
    people = [seen("a", 1, 0, RED), seen("b", 1, 10, RED), seen("b", 2, 5, GREEN)]
    cars = [seen("a", 2, 5, BLUE, kind="car"), seen("b", 3, 1, GREEN, kind="car")]
    apart = [Matched(gallery(own), matched(own)) for own in (people, cars)]
    assert [one.matching.identities.tolist() for one in number_together(apart)] == [[1, 1, 4], [3, 2]]
    whole = matched([*people, *cars])
    assert sorted(whole.identities.tolist()) == [1, 1, 2, 3, 4]
    alone = number_together([Matched(gallery(people), matched(people))])
    np.testing.assert_array_equal(alone[0].matching.identities, matched(people).identities)
    nobody = Matched(gallery([]), matched([]))
    assert number_together([nobody, nobody])[1].matching.identities.tolist() == []


def test_what_two_networks_embedded_is_one_identity_if_the_user_says_so() -> None:
    people = [seen("a", 1, 0, RED), seen("a", 2, 5, GREEN)]
    cars = [seen("b", 3, 9, BLUE, kind="car")]
    apart = [Matched(gallery(own), matched(own)) for own in (people, cars)]
    together = number_together(apart, same=[(("b", 3), ("a", 1))])
    assert [one.matching.identities.tolist() for one in together] == [[1, 2], [1]]
    assert [one.matching.statuses for one in together] == [("linked", "single_camera"), ("linked",)]

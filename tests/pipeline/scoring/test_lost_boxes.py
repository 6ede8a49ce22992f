"""Each lost true box was lost by one step, and the score names it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.results.records import read_run
from pipeline.scoring.score import Score, score_run
from pipeline.scoring.truth import read_truth
from tests.pipeline.scoring.drawn import Trail, View, at, draw_run, draw_truth, stay

HERE = View(range(20), [Trail(1, stay(range(20), 100), 1), Trail(2, stay(range(20), 200), 2)])
"""Camera a: 1 and 2 stand still, and are followed as identities 1 and 2."""
ALL = range(20)


def scored(tmp_path: Path, there: View, seen: Sequence[int] = ALL) -> Score:
    """Score camera b, where 1 stands as well (in the frames `seen`), and 2 does."""
    rows = [("a", frame, who, at(100.0 * who)) for frame in ALL for who in (1, 2)]
    rows += [("b", frame, who, at(100.0 * who)) for who, frames in ((1, seen), (2, ALL)) for frame in frames]
    run = draw_run(tmp_path / "run", {"a": HERE, "b": there})
    return score_run(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a", "b"]))


SECOND = Trail(2, stay(ALL, 200), 2)


@pytest.mark.parametrize(
    ("there", "lost"),
    [
        pytest.param([Trail(1, stay(ALL, 100), 1)], {}, id="nothing"),
        pytest.param([], {"missed": 20}, id="never-detected"),
        pytest.param([Trail(1, stay(range(5, 20), 100), 1)], {"missed": 5}, id="detected-late"),
        pytest.param(
            [Trail(1, stay(ALL, 100), None, "rejected_short")], {"rejected": 20}, id="left-out"
        ),
        pytest.param([Trail(1, stay(ALL, 100), 3, "ambiguous")], {"ambiguous": 20}, id="too-close-to-call"),
        pytest.param([Trail(1, stay(ALL, 100), 3, "single_camera")], {"alone": 20}, id="under-the-threshold"),
        pytest.param([Trail(1, stay(ALL, 100), 2)], {"linked_wrongly": 20}, id="made-somebody-else"),
        pytest.param(
            [Trail(1, stay(range(12), 100), 1), Trail(3, stay(range(12, 20), 100), 3)],
            {"split": 8},
            id="followed-in-two-pieces",
        ),
    ],
)  # fmt: skip
def test_each_lost_box_has_one_step(tmp_path: Path, there: list[Trail], lost: dict[str, int]) -> None:
    result = scored(tmp_path, View(ALL, [*there, SECOND]))
    steps = {step: count for step, count in result.steps.items() if count}
    assert steps == {"right": 80 - sum(lost.values())} | lost
    assert result.overall.right_boxes == steps["right"]
    worst = {(row.person, row.camera): row.worst for row in result.people}
    assert worst[1, "b"] == next(iter(lost), "right")
    assert worst[2, "b"] == "right"


def test_detected_boxes_without_a_track_were_lost_by_the_tracker(tmp_path: Path) -> None:
    stray = stay(range(15), 100)
    assert scored(tmp_path, View(ALL, [SECOND], stray)).steps["lost"] == 15


def test_tracklets_that_exchange_their_people_are_swapped(tmp_path: Path) -> None:
    """Each has the other's boxes for 8 of 20 frames."""
    trails = [
        Trail(1, stay(range(12), 100) | stay(range(12, 20), 200), 1),
        Trail(2, stay(range(12), 200) | stay(range(12, 20), 100), 2),
    ]
    result = scored(tmp_path, View(ALL, trails))
    assert result.steps["swapped"] == 16
    wrong = [(one.key, one.step, one.person, one.on_person) for one in result.verdicts if one.step != "right"]
    assert wrong == [(("b", 1), "swapped", 1, 12), (("b", 2), "swapped", 2, 12)]


def test_a_person_who_left_and_came_back_was_not_split_by_the_tracker(tmp_path: Path) -> None:
    trails = [
        Trail(1, stay(range(5), 100), 1),
        Trail(3, stay(range(15, 20), 100), 3, "single_camera"),
        SECOND,
    ]
    result = scored(tmp_path, View(ALL, trails), seen=[*range(5), *range(15, 20)])
    assert (result.steps["alone"], result.steps["split"], result.steps["missed"]) == (5, 0, 0)


def test_a_matched_tracklet_without_a_true_identity_is_named_and_a_rejected_one_is_not(
    tmp_path: Path,
) -> None:
    ghosts = [Trail(8, stay(ALL, 900), 9), Trail(9, stay(ALL, 800), None, "rejected_quality")]
    result = scored(tmp_path, View(ALL, [Trail(1, stay(ALL, 100), 1), SECOND, *ghosts]))
    assert [(one.key, one.step) for one in result.verdicts if one.step != "right"] == [(("b", 8), "nobody")]
    assert result.overall.found_boxes == 100

"""Scores of runs of several cameras equal those counted by hand, and those of TrackEval."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.mot_scores import BENCHMARKS, compare
from pipeline.errors import PipelineError, RunError
from pipeline.results.records import read_run
from pipeline.scoring.links import Links
from pipeline.scoring.score import Score, score_run
from pipeline.scoring.truth import read_truth
from tests.pipeline.scoring.drawn import Box, Trail, View, at, draw_run, draw_truth, stay

SHORT, LONG = range(10), range(40)


@pytest.fixture
def uneven(tmp_path: Path) -> Score:
    """Two cameras of 10 frames at 5 a second and 40 frames at 20 a second, whose clocks differ by 8 s.

    1 is in both (10 boxes, and 20 in frames 20 to 39), 2 in b only (frames 0 to 9), 3 in a only (5 to 9), and nobody in
    b's frames 10 to 19. The run finds 1 in both, as identity 1 for a's 10 frames and b's 30 to 39 (its frames 20 to 29
    are identity 4), 2 as identity 2, and not 3; and a ghost as identity 5 in two of b's empty frames.
    """
    rows: list[tuple[str, int, int, Box]] = [("a", frame, 1, at(100)) for frame in SHORT]
    rows += [("b", frame, 1, at(300)) for frame in range(20, 40)]
    rows += [("b", frame, 2, at(100)) for frame in range(10)]
    rows += [("a", frame, 3, at(200)) for frame in range(5, 10)]
    a = View(SHORT, [Trail(1, stay(SHORT, 100), 1)], fps=5, offset=8)
    trails = [
        Trail(1, stay(range(30, 40), 300), 1),
        Trail(2, stay(range(10), 100), 2),
        Trail(3, stay(range(20, 30), 300), 4, "single_camera"),
        Trail(4, stay(range(12, 14), 500), 5, "single_camera"),
    ]
    run = draw_run(tmp_path / "run", {"a": a, "b": View(LONG, trails, fps=20)})
    return score_run(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a", "b"]))


def test_metrics_over_all_cameras(uneven: Score) -> None:
    """45 true boxes, 42 found. Right: 20 of identity 1, 10 of identity 2: IDF1 60/87.

    Detections: 40 hit at every overlap, 47 in all. Association: 1-1 20 of 30 boxes in either, 1-4 10 of 30, 2-2 all.
    """
    one = uneven.overall
    assert (one.truth_boxes, one.found_boxes, one.right_boxes) == (45, 42, 30)
    assert (one.idf1, one.idp, one.idr) == pytest.approx((60 / 87, 30 / 42, 30 / 45))
    association = (20 * 20 / 30 + 10 * 10 / 30 + 10) / 40
    assert (one.deta, one.assa) == pytest.approx((40 / 47, association))
    assert one.hota == pytest.approx((40 / 47 * association) ** 0.5)


def test_metrics_of_each_camera(uneven: Score) -> None:
    """In b either half of 1 is as good: 10 of 20, and 10 of 2."""
    a, b = uneven.cameras["a"], uneven.cameras["b"]
    assert (a.truth_boxes, a.found_boxes, a.right_boxes) == (15, 10, 10)
    assert (b.truth_boxes, b.found_boxes, b.right_boxes) == (30, 32, 20)
    assert uneven.classes["person"] == uneven.overall


def test_the_direction_of_a_link_follows_the_shared_timeline(uneven: Score) -> None:
    """1 enters b at 20 / 20 = 1 s and a at 8 s, so goes from b to a; b's two tracklets of 1 begin at 1 s and 1.5 s."""
    assert uneven.links == {
        ("b", "a"): Links(made=1, right=1, possible=2, offered=2, people=1, people_linked=1)
    }
    assert uneven.all_links.recall == 0.5


def test_identities_have_purity_and_completeness(uneven: Score) -> None:
    table = {row.identity: (row.person, row.purity, row.completeness) for row in uneven.identities}
    assert table == {
        1: (1, 1, pytest.approx(20 / 30)), 2: (2, 1, 1), 4: (1, 1, pytest.approx(10 / 30)), 5: (None, 0, 0)
    }  # fmt: skip


def test_the_score_is_valid_json(uneven: Score) -> None:
    document = json.loads(json.dumps(uneven.as_json(), allow_nan=False))
    assert document["overall"]["idf1"] == uneven.overall.idf1
    assert document["ways"][0] | {"from": "b", "to": "a", "recall": 0.5} == document["ways"][0]
    assert document["steps"]["missed"] == 5
    assert document["tracklets"][0] == {
        "camera": "a", "track": 1, "identity": 1, "status": "linked", "person": 1, "boxes": 10, "on_person": 10,
        "step": "right",
    }  # fmt: skip


def test_frames_skipped_by_a_stride_are_not_scored(tmp_path: Path) -> None:
    rows = [("a", frame, 1, at(100)) for frame in LONG]
    looked = range(0, 40, 4)
    run = draw_run(tmp_path / "run", {"a": View(looked, [Trail(1, stay(looked, 100))])})
    result = score_run(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a"]))
    assert (result.overall.truth_boxes, result.overall.idf1) == (10, 1)
    assert result.notes[0] == "scored are only the frames that the run processed: 10 of a"


def test_true_boxes_below_the_visible_share_are_ignored(tmp_path: Path) -> None:
    """1 is hidden in 5 frames; the run has 3 of them, and a second box on one, which counts as false."""
    path, box = tmp_path / "t.csv", at(100)
    lines = [f"a,{frame},1,100,0,10,20,{0.2 if frame < 5 else 0.9}" for frame in SHORT]
    path.write_text("\n".join(["camera,frame,identity,bb_left,bb_top,bb_width,bb_height,visible", *lines]))
    trails = [Trail(1, dict.fromkeys(range(2, 10), box)), Trail(2, {2: at(101)}, 2)]
    run = draw_run(tmp_path / "run", {"a": View(SHORT, trails)})
    demanded, hidden = (
        score_run(read_run(run), read_truth(path, ["a"], visible=v)).overall for v in (0, 0.25)
    )
    assert (demanded.truth_boxes, demanded.found_boxes, demanded.right_boxes) == (10, 9, 8)
    assert (hidden.truth_boxes, hidden.found_boxes, hidden.right_boxes) == (5, 6, 5)


def test_true_boxes_in_ignored_polygons_are_ignored(tmp_path: Path) -> None:
    rows = [("a", frame, who, at(100.0 * who)) for frame in SHORT for who in (1, 3)]
    view = View(SHORT, [Trail(1, stay(SHORT, 100))], ignore=[[(250, -50), (400, -50), (400, 50), (250, 50)]])
    run = draw_run(tmp_path / "run", {"a": view})
    assert score_run(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a"])).overall.idf1 == 1


def test_classes_without_ground_truth_are_not_scored_and_named(tmp_path: Path) -> None:
    rows = [("a", frame, 1, at(100)) for frame in SHORT]
    trails = [Trail(1, stay(SHORT, 100)), Trail(2, stay(SHORT, 200), 2, kind="truck")]
    run = draw_run(tmp_path / "run", {"a": View(SHORT, trails)})
    result = score_run(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a"]))
    assert result.overall.idf1 == 1
    assert "class vehicle is not scored: the ground truth has none (tracklets: 1)" in result.notes


def test_a_run_without_tracklets_scores_0(tmp_path: Path) -> None:
    run = draw_run(tmp_path / "run", {"a": View(SHORT)})
    rows = [("a", frame, 1, at(100)) for frame in SHORT]
    result = score_run(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a"]))
    assert (result.overall.idf1, result.overall.hota, result.steps["missed"]) == (0, 0, 10)


def test_a_run_without_its_parts_or_without_common_frames_is_refused(tmp_path: Path) -> None:
    truth = read_truth(draw_truth(tmp_path / "t.csv", [("a", 0, 1, at(100))]), ["a"])
    run = draw_run(tmp_path / "run", {"a": View([])})
    with pytest.raises(PipelineError, match="no frame that the ground truth covers"):
        score_run(read_run(run), truth)
    gone = draw_run(tmp_path / "gone", {"a": View(SHORT)})
    for part in (gone / "parts" / "a").iterdir():
        part.unlink()
    with pytest.raises(RunError, match="parts of the run are missing"):
        score_run(read_run(gone), truth)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_measures_equal_those_of_trackeval_on_the_same_files(benchmark: str, tmp_path: Path) -> None:
    """Classes, distractors and boxes that are not to be scored are among them."""
    for ours, theirs in compare(tmp_path, benchmark, seed=7).values():
        assert ours == pytest.approx(theirs, abs=1e-6)
        assert 0.1 < ours[0] < 0.95


def test_truth_of_a_stretch_scores_that_stretch_and_names_the_rest(tmp_path: Path) -> None:
    run = draw_run(tmp_path / "run", {"a": View(range(64), [Trail(1, stay(range(64), 100))])})
    truth = draw_truth(tmp_path / "t.csv", [("a", frame, 1, at(100)) for frame in range(32, 64)])
    result = score_run(read_run(run), read_truth(truth, ["a"]))
    assert result.overall.idf1 == 1
    assert "frames 0-31 of a are not scored: the ground truth has no box there" in result.notes


def test_aicity_truth_does_not_punish_who_was_seen_by_one_camera_only(tmp_path: Path) -> None:
    both, alone = Trail(1, stay(SHORT, 100), 1), Trail(2, stay(SHORT, 300), 2)
    run = draw_run(tmp_path / "run", {"a": View(SHORT, [both, alone]), "b": View(SHORT, [both])})
    rows = [(camera, frame) for camera in (1, 2) for frame in SHORT]
    truth = tmp_path / "truth.txt"
    truth.write_text("".join(f"{camera} 7 {frame} 100 0 10 20 -1 -1\n" for camera, frame in rows))
    result = score_run(read_run(run), read_truth(truth, ["a", "b"]))
    assert (result.overall.idf1, result.overall.idp) == (1, 1)
    assert any("only one camera saw are not scored" in note for note in result.notes)

"""Explanations of a small run, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.embedding.networks import ClassNetwork
from pipeline.errors import RunError
from pipeline.explain.story import explain_identity, explain_pair, explain_tracklet
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.match import Matched, Matching
from pipeline.matching.pairs.gallery import build_gallery
from pipeline.results.galleries import write_galleries
from pipeline.results.records import FinishedRun, read_run
from pipeline.tracking.config import TrackingConfig
from pipeline.tracking.tracklets import Tracklet
from reid.weights import Weights
from tests.runs import camera_record, keep_changes, run_record, run_settings, write_run

SEEN = """\
gate,1,1,person,0,50,0.000,5.000,50,8,0.5000,linked
gate,2,2,person,40,90,4.000,9.000,50,8,0.5000,ambiguous
gate,3,,person,0,2,0.000,0.200,3,0,0.5000,rejected_short
gate,4,,person,0,50,0.000,5.000,50,8,0.5000,ignored
gate,5,5,car,0,50,0.000,5.000,50,8,0.5000,single_camera
up/down,1,1,person,100,150,10.000,15.000,50,8,0.5000,linked
up/down,2,3,person,100,150,10.000,15.000,50,8,0.5000,ambiguous
up/down,3,4,person,900,950,90.000,95.000,50,8,0.5000,single_camera
"""
LINKS = """\
1,1,person,gate,1,0.000,5.000,up/down,1,10.000,15.000,5.000,0.7500,0.0500,0.8000,gate/2,0.1500,0.6000,accepted,program,it won
2,,person,gate,1,0.000,5.000,up/down,2,10.000,15.000,5.000,0.3000,,0.3000,,,0.6000,rejected,program,it lost
3,,person,gate,2,4.000,9.000,up/down,2,10.000,15.000,1.000,0.7000,,0.7000,gate/1,0.0200,0.6000,ambiguous,program,it is open
"""


@pytest.fixture
def run(tmp_path: Path) -> FinishedRun:
    settings = run_settings("gate", "up/down")
    config = MatchingConfig(threshold=Chosen(0.6, "network"), stitch_threshold=Chosen(0.8), margin=0.05)
    record = run_record(
        settings=replace(
            settings,
            tracking=TrackingConfig(vid_stride=2),
            embedding=replace(settings.embedding, min_boxes=8, min_area=2000.0),
        ),
        matching={"people": config, "vehicles": config},
        cameras={"gate": camera_record(), "up/down": camera_record(offset_known=False)},
    )
    folder = write_run(tmp_path / "run", record=record, tracklets=SEEN, matches=LINKS)
    keys = [("gate", 1), ("gate", 2), ("up/down", 1), ("up/down", 2), ("up/down", 3)]
    box, one = np.zeros((1, 4), np.float32), np.ones(1, np.float32)
    people = [Tracklet(*key, "person", np.zeros(1, np.int64), np.zeros(1), box, one, one) for key in keys]
    looks = [[[1, 0]], [[0, 1]], [[1, 0]], [[0.6, 0.8]], [[0.8, 0.6]]]
    gallery = build_gallery(
        people, [np.array(look, np.float32) for look in looks], weights=[one] * 5, prototypes=1
    )
    matching = Matching(np.array([1, 2, 1, 3, 4]), ("single_camera",) * 5, ())
    networks = [ClassNetwork("people", Weights("file", None, "abc", 0))]
    write_galleries(folder / "gallery.parquet", [Matched(gallery, matching)], networks)
    keep_changes(folder)
    return read_run(folder)


def test_an_identity_is_explained_by_its_tracklets_links_and_other_candidates(run: FinishedRun) -> None:
    lines = list(explain_identity(run, 1))
    assert lines[:14] == [
        "Identity 1: a person, 2 tracklets in gate and up/down",
        "No clock offset is given for up/down; 0 s is assumed.",
        "",
        "       0.0 to      5.0 s  gate/1",
        "      10.0 to     15.0 s  up/down/1",
        "",
        "Links between its tracklets",
        "  gate/1 and up/down/1, 5.0 s later: it won (gate/2 is identity 2)",
        "",
        "Other candidates",
        "  gate/1:",
        "    up/down/2 (identity 3), 5.0 s later: it lost",
        "  up/down/1: no candidate",
        "",
    ]
    assert "  - a score of 0.600 (measured for the network) between cameras," in lines
    assert "  - a score of 0.800 (the default) within one camera," in lines
    assert (
        "  - and a lead of 0.050 over the runner-up; otherwise the link is ambiguous and not made." in lines
    )


def test_a_candidate_that_was_seen_before_is_earlier(run: FinishedRun) -> None:
    lines = list(explain_identity(run, 3))
    assert "    gate/2 (identity 2), 1.0 s earlier: it is open (gate/1 is identity 1)" in lines


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param(
            "gate/1",
            "up/down/1",
            [
                "They are one identity: it won (gate/2 is identity 2)",
                "  time: 5.0 s later",
                "  appearance: 0.750",
                "  place and time: +0.050",
                "  score: 0.800, threshold 0.600",
                "  runner-up: gate/2, 0.150 behind",
            ],
            id="a-link-with-each-term",
        ),
        pytest.param(
            "up/down/2",
            "gate/1",
            ["They are not one identity: it lost", "  time: 5.0 s later", "  appearance: 0.300"],
            id="a-rejected-pair-in-either-order",
        ),
        pytest.param(
            "gate/1",
            "gate/2",
            ["They are not one identity: they were in the same camera at the same time"],
            id="one-camera-one-time",
        ),
        pytest.param(
            "up/down/1",
            "up/down/3",
            ["They are not one identity: their score is too low for two tracklets of one camera"],
            id="one-camera-later",
        ),
        pytest.param(
            "gate/1",
            "up/down/3",
            ["They are not one identity: each of them has better candidates", "  appearance: 0.800"],
            id="better-candidates",
        ),
        pytest.param(
            "gate/5", "up/down/3", ["They are not one identity: a car is never a person"], id="classes"
        ),
        pytest.param(
            "gate/3",
            "up/down/3",
            [
                "They are not one identity: gate/3 was not matched, because it has 3 boxes, and at least 4 are needed"
            ],
            id="not-matched",
        ),
    ],
)
def test_a_pair_is_explained_by_the_decision(run: FinishedRun, a: str, b: str, expected: list[str]) -> None:
    lines = list(explain_pair(run, a, b))
    start = next(place for place, line in enumerate(lines) if line.startswith("They are"))
    for line, beginning in zip(lines[start:], expected, strict=False):
        assert line.startswith(beginning)


def test_a_tracklet_without_identity_is_explained_by_its_status(run: FinishedRun) -> None:
    assert list(explain_tracklet(run, "gate/4"))[1] == (
        "gate/4 was not matched, because you marked it as ignored"
    )
    assert next(explain_tracklet(run, "gate/1")).startswith("Identity 1")


@pytest.mark.parametrize(
    ("explain", "message"),
    [
        pytest.param(
            lambda run: explain_identity(run, 6), "has no identity 6; .* from 1 to 5", id="identity"
        ),
        pytest.param(lambda run: explain_pair(run, "gate/1", "gate/9"), "has no tracklet gate/9", id="pair"),
    ],
)
def test_unknown_identities_and_tracklets_are_one_sentence(
    run: FinishedRun, explain: Callable[[FinishedRun], Iterator[str]], message: str
) -> None:
    with pytest.raises(RunError, match=message):
        list(explain(run))

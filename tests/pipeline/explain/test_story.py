"""Stories of a small run, written down by hand, as a person reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pipeline.explain.account import Account, read_account

from pipeline.errors import RunError
from pipeline.explain.story import explain_identity, explain_pair, explain_tracklet
from pipeline.results.tables import MATCHES, TRACKLETS

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
CONSIDERED = """\
1,1,person,gate,1,0.000,5.000,up/down,1,10.000,15.000,5.000,0.7500,0.0500,0.8000,gate/2,0.1500,0.6000,accepted,it won
2,,person,gate,1,0.000,5.000,up/down,2,10.000,15.000,5.000,0.3000,,0.3000,,,0.6000,rejected,it lost
3,,person,gate,2,4.000,9.000,up/down,2,10.000,15.000,1.000,0.7000,,0.7000,gate/1,0.0200,0.6000,ambiguous,it is open
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    chosen = {
        "threshold": (0.6, "network"),
        "stitch_threshold": (0.8, "default"),
        "margin": (0.05, "by a file"),
    }
    matching = {name: {"value": value, "chosen": who} for name, (value, who) in chosen.items()}
    record = {
        "state": "done",
        "settings": {"embedding": {"min_boxes": 8, "min_area": 2000.0}, "tracking": {"vid_stride": 2}},
        "matching": {"people": matching, "vehicles": matching},
        "cameras": {"gate": {"offset_known": True}, "up/down": {"offset_known": False}},
    }
    (tmp_path / "run.json").write_text(json.dumps(record))
    (tmp_path / "tracklets.csv").write_text(f"{TRACKLETS}\n{SEEN}")
    (tmp_path / "matches.csv").write_text(f"{MATCHES}\n{CONSIDERED}")
    return tmp_path


def test_an_identity_is_told_with_its_tracklets_its_links_and_everybody_else(run: Path) -> None:
    story = list(explain_identity(read_account(run), 1))
    assert story[:14] == [
        "Identity 1: a person, 2 tracklets in gate and up/down",
        "The clock is unknown of up/down: all times are as if no clock were wrong.",
        "",
        "       0.0 to      5.0 s  gate/1",
        "      10.0 to     15.0 s  up/down/1",
        "",
        "Why they are one",
        "  gate/1 and up/down/1, 5.0 s later: it won (who is identity 2)",
        "",
        "Who else was considered",
        "  gate/1:",
        "    up/down/2 (identity 3), 5.0 s later: it lost",
        "  up/down/1: nobody could be compared",
        "",
    ]
    assert "  - between cameras 0.600 (as the network's makers measured it)," in story
    assert (
        "  - and a lead over the runner-up in its place, all partners counted, of 0.050 (by a file); else it is left open."
        in story
    )


def test_who_was_seen_before_is_told_as_earlier(run: Path) -> None:
    assert "    gate/2 (identity 2), 1.0 s earlier: it is open (who is identity 1)" in list(
        explain_identity(read_account(run), 3)
    )


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param(
            "gate/1",
            "up/down/1",
            [
                "They are one identity: it won (who is identity 2)",
                "  in time: 5.0 s later",
                "  their looks: 0.750",
                "  place and time between: +0.050",
                "  decided on: 0.800, of 0.600 needed",
                "  runner-up: gate/2, in whose place it is 0.150 better",
            ],
            id="a-link-with-each-term",
        ),
        pytest.param(
            "up/down/2",
            "gate/1",
            ["They are not one identity: it lost", "  in time: 5.0 s later", "  their looks: 0.300"],
            id="a-pair-that-lost-either-way-round",
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
            ["They are not one identity: they were not alike enough for one camera"],
            id="one-camera-later",
        ),
        pytest.param(
            "gate/1",
            "up/down/3",
            ["They are not one identity: each of them has better candidates"],
            id="others",
        ),
        pytest.param(
            "gate/5", "up/down/3", ["They are not one identity: a car is never a person"], id="classes"
        ),
        pytest.param(
            "gate/3",
            "up/down/3",
            ["They are not one identity: gate/3 took no part, because it has 3 boxes, and 4 are the fewest"],
            id="one-took-no-part",
        ),
    ],
)
def test_a_pair_is_told_with_what_decided(run: Path, a: str, b: str, expected: list[str]) -> None:
    story = list(explain_pair(read_account(run), a, b))
    start = next(place for place, line in enumerate(story) if line.startswith("They are"))
    for line, beginning in zip(story[start:], expected, strict=False):
        assert line.startswith(beginning)


def test_a_tracklet_that_took_no_part_says_why(run: Path) -> None:
    account = read_account(run)
    assert list(explain_tracklet(account, "gate/4"))[1] == (
        "gate/4 took no part, because you said that it is to be ignored"
    )
    assert next(explain_tracklet(account, "gate/1")).startswith("Identity 1")


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        pytest.param(
            lambda account: explain_identity(account, 6), "has no identity 6; .* from 1 to 5", id="identity"
        ),
        pytest.param(
            lambda account: explain_pair(account, "gate/1", "gate/9"), "has no tracklet gate/9", id="pair"
        ),
    ],
)
def test_what_is_not_there_is_one_sentence(
    run: Path, ask: Callable[[Account], Iterator[str]], complaint: str
) -> None:
    with pytest.raises(RunError, match=complaint):
        list(ask(read_account(run)))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tracklets.csv", f"{TRACKLETS}\n{SEEN.replace('0.000,5.000', 'zero,5.000')}"),
        ("matches.csv", f"{MATCHES}\n{CONSIDERED.replace('0.7500', 'much')}"),
        ("run.json", '{"state": "done"}'),
    ],
)
def test_a_damaged_run_is_refused_in_a_sentence(run: Path, name: str, content: str) -> None:
    (run / name).write_text(content)
    with pytest.raises(RunError, match="damaged"):
        read_account(run)

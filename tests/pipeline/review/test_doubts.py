from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.report.findings import Findings, read_findings
from pipeline.review.doubts import doubtful
from tests.pipeline.report.written import CAMERAS, write_run


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    """Link 1 was made with a room of 0.06; 3 is open; 2 was turned down at 0.2, 4 at 0.65, 0.13 behind link 1."""
    return read_findings(write_run(tmp_path / "run"), CAMERAS, {"people": True})


def test_open_questions_come_first_and_what_is_clear_does_not_come(findings: Findings) -> None:
    assert doubtful(findings) == [3, 1]


@pytest.mark.parametrize(
    ("match", "score", "order"),
    [
        pytest.param(2, 0.59, [3, 2, 1], id="just-under-the-threshold"),
        pytest.param(2, 0.49, [3, 1], id="far-under-it"),
        pytest.param(4, 0.77, [3, 4, 1], id="just-behind-who-was-taken-instead"),
    ],
)
def test_a_link_is_as_doubtful_as_it_was_near_to_another_decision(
    findings: Findings, match: int, score: float, order: list[int]
) -> None:
    links = tuple(replace(one, score=score) if one.match == match else one for one in findings.links)
    assert doubtful(replace(findings, links=links)) == order


def test_what_the_user_said_is_not_asked_again(findings: Findings) -> None:
    links = tuple(replace(one, reason=f"you said so: {one.reason}") for one in findings.links)
    assert doubtful(replace(findings, links=links)) == []


def test_of_two_identities_one_pair_is_asked_about(findings: Findings) -> None:
    links = (*findings.links, replace(findings.links[2], match=5, margin=0.019))
    assert doubtful(replace(findings, links=links)) == [5, 1]

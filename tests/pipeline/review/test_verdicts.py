from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import CorrectionsError
from pipeline.matching.corrections import Corrections, Verdict, read_corrections
from pipeline.matching.pairs.declared import joined_groups
from pipeline.review.verdicts import (
    ReviewStep,
    Statement,
    corrections_of,
    new_statements,
    settled_pairs,
    statements_joining,
    statements_separating,
    write_corrections,
)
from pipeline.tracking.tracklets import Key

FILE = Path("corrections.csv")
A, B, C, D = (("gate", n) for n in range(1, 5))
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
KEYS = st.tuples(st.text(PRINTABLE, min_size=1), st.integers(0, 99))


def made(*verdicts: tuple[Verdict, Key, Key]) -> Corrections:
    return corrections_of(
        [ReviewStep(1, tuple(Statement(verdict, (a, b)) for verdict, a, b in verdicts))], FILE
    )


@given(st.lists(st.lists(KEYS, min_size=2, max_size=2, unique=True), max_size=4), st.lists(KEYS))
def test_written_corrections_are_read_back_whatever_the_cameras_are_called(
    pairs: list[list[Key]], ignored: list[Key]
) -> None:
    steps = [ReviewStep(1, tuple(Statement("different", (a, b)) for a, b in pairs))]
    steps.append(ReviewStep(2, tuple(Statement("ignore", (key,)) for key in ignored)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corrections.csv"
        written = corrections_of(steps, path)
        write_corrections(written, path)
        assert read_corrections(path) == written


def test_a_merge_needs_one_row_less_than_there_are_tracklets() -> None:
    said = statements_joining([C, A, B], made())
    assert [one.tracklets for one in said] == [(A, B), (B, C)]


def test_tracklets_that_are_joined_already_need_no_statement() -> None:
    before = made(("same", A, B), ("same", B, C))
    assert statements_joining([A, B, C], before) == ()
    assert statements_joining([A, C, D], before) == (Statement("same", (A, D)),)
    assert new_statements([Statement("same", (B, A)), Statement("same", (A, D))], before) == (
        Statement("same", (A, D)),
    )


def test_a_tracklet_is_separated_once_from_each_group_of_the_others() -> None:
    assert statements_separating(A, [B, C, D], made()) == tuple(
        Statement("different", (A, one)) for one in (B, C, D)
    )
    assert statements_separating(A, [B, C, D], made(("same", B, D))) == (
        Statement("different", (A, B)),
        Statement("different", (A, C)),
    )


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        pytest.param([], [], id="nothing-said"),
        pytest.param([("same", A, B)], [1], id="the-pair-itself"),
        pytest.param([("same", A, B), ("same", B, C)], [1, 2, 3], id="a-chain-is-one"),
        pytest.param([("same", A, B), ("different", B, C)], [1, 2, 3], id="as-different-as-its-other-self"),
        pytest.param([("different", A, B), ("different", B, C)], [1, 3], id="two-others-may-be-one"),
    ],
)
def test_pairs_are_settled_by_statements_on_them_or_on_other_pairs(
    said: list[tuple[Verdict, Key, Key]], decided: list[int]
) -> None:
    assert settled_pairs({1: (A, B), 2: (A, C), 3: (B, C), 4: (A, D)}, made(*said)) == decided


def test_an_ignored_tracklet_settles_all_its_pairs() -> None:
    ignoring = corrections_of([ReviewStep(1, (Statement("ignore", (A,)),))], FILE)
    assert settled_pairs({1: (A, B), 2: (B, C)}, ignoring) == [1]


@given(st.lists(st.sampled_from([A, B, C, D]), min_size=2, unique=True))
def test_a_merge_joins_all_members_and_a_later_split_contradicts_it(members: list[Key]) -> None:
    merge = ReviewStep(1, statements_joining(members, made()))
    assert joined_groups(corrections_of([merge], FILE).same) == [sorted(members)]
    apart = ReviewStep(2, statements_separating(members[0], members[1:], made()))
    with pytest.raises(CorrectionsError, match="contradict each other"):
        corrections_of([merge, apart], FILE)

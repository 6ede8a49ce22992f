from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CorrectionsError
from pipeline.matching.corrections import Corrections, Verdict, read_corrections
from pipeline.matching.pairs.declared import joined_groups
from pipeline.review.verdicts import (
    Said,
    Step,
    another_object,
    corrections_of,
    news,
    one_object,
    settled,
    write_corrections,
)
from pipeline.tracking.tracklets import Key

FILE = Path("corrections.csv")
A, B, C, D = (("gate", n) for n in range(1, 5))
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
KEYS = st.tuples(st.text(PRINTABLE, min_size=1), st.integers(0, 99))


def known(*said: tuple[Verdict, Key, Key]) -> Corrections:
    return corrections_of([Step(1, tuple(Said(verdict, (a, b)) for verdict, a, b in said))], FILE)


@given(st.lists(st.lists(KEYS, min_size=2, max_size=2, unique=True), max_size=4), st.lists(KEYS))
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_again_whatever_cameras_are_called(
    pairs: list[list[Key]], ignored: list[Key]
) -> None:
    steps = [Step(1, tuple(Said("different", (a, b)) for a, b in pairs))]
    steps.append(Step(2, tuple(Said("ignore", (key,)) for key in ignored)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corrections.csv"
        written = corrections_of(steps, path)
        write_corrections(written, path)
        assert read_corrections(path) == written


def test_identities_are_merged_by_a_row_less_than_there_are_tracklets() -> None:
    said = one_object([C, A, B], known())
    assert [one.tracklets for one in said] == [(A, B), (B, C)]


def test_nothing_is_said_twice_of_tracklets_that_were_joined_before() -> None:
    before = known(("same", A, B), ("same", B, C))
    assert one_object([A, B, C], before) == ()
    assert one_object([A, C, D], before) == (Said("same", (A, D)),)
    assert news([Said("same", (B, A)), Said("same", (A, D))], before) == (Said("same", (A, D)),)


def test_one_is_told_from_each_of_the_rest_but_once_from_those_that_are_one() -> None:
    assert another_object(A, [B, C, D], known()) == tuple(Said("different", (A, one)) for one in (B, C, D))
    assert another_object(A, [B, C, D], known(("same", B, D))) == (
        Said("different", (A, B)),
        Said("different", (A, C)),
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
def test_settled_is_what_follows_from_what_was_said(
    said: list[tuple[Verdict, Key, Key]], decided: list[int]
) -> None:
    assert settled({1: (A, B), 2: (A, C), 3: (B, C), 4: (A, D)}, known(*said)) == decided


def test_an_ignored_tracklet_settles_all_its_pairs() -> None:
    ignoring = corrections_of([Step(1, (Said("ignore", (A,)),))], FILE)
    assert settled({1: (A, B), 2: (B, C)}, ignoring) == [1]


@given(st.lists(st.sampled_from([A, B, C, D]), min_size=2, unique=True))
def test_a_merge_always_joins_all_and_a_split_from_them_then_contradicts_it(members: list[Key]) -> None:
    merge = Step(1, one_object(members, known()))
    assert joined_groups(corrections_of([merge], FILE).same) == [sorted(members)]
    apart = Step(2, another_object(members[0], members[1:], known()))
    with pytest.raises(CorrectionsError, match="contradict each other"):
        corrections_of([merge, apart], FILE)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.data.holdout import hold_out
from reid.data.records import Benchmark, LabelledTracklet, Rule
from reid.errors import DatasetError, RecipeError


def benchmark(cameras: dict[str, str], rule: Rule = "cross-camera") -> Benchmark:
    """A benchmark whose identities have a tracklet a letter, in the camera of that name."""
    train = [
        LabelledTracklet((f"{name}{i}",), name, camera)
        for name, letters in cameras.items()
        for i, camera in enumerate(letters)
    ]
    other = LabelledTracklet(("test",), "somebody", "a")
    return Benchmark("folder", tuple(train), (other,), (other,), rule)


def images(entries: tuple[LabelledTracklet, ...]) -> list[str]:
    return [entry.images[0] for entry in entries]


def test_the_first_tracklet_in_each_camera_is_asked_for_among_all() -> None:
    held = hold_out(benchmark({"1": "aabb", "2": "ccba", "3": "a", "4": "b"}), 0.1, 0)
    assert images(held.train) == ["30", "40"]
    assert images(held.query) == ["10", "12", "20", "22", "23"]
    assert images(held.gallery) == ["10", "11", "12", "13", "20", "21", "22", "23"]


def test_without_cameras_the_first_image_is_in_the_gallery_and_the_rest_are_asked_for() -> None:
    cameras = {"1": ["", "", ""], "2": ["", ""], "3": [""], "4": [""]}
    train = tuple(
        LabelledTracklet((f"{name}{i}",), name, camera)
        for name, own in cameras.items()
        for i, camera in enumerate(own)
    )
    held = hold_out(Benchmark("vehicleid-800", train, (), (), "any-camera"), 0.5, 0)
    assert images(held.train) == ["30", "40"]
    assert images(held.gallery) == ["10", "20"]
    assert images(held.query) == ["11", "12", "21"]
    assert held.rule == "any-camera"


def test_the_test_itself_is_never_in_it() -> None:
    held = hold_out(benchmark({str(i): "ab" for i in range(10)}), 0.3, 0)
    assert "somebody" not in {entry.identity for entry in (*held.query, *held.gallery)}


@given(
    seen=st.lists(st.text("abc", min_size=1, max_size=5), min_size=6, max_size=30),
    share=st.floats(0.01, 0.6),
    seed=st.integers(0, 2**32),
)
def test_identities_are_whole_and_each_query_has_something_to_find(
    seen: list[str], share: float, seed: int
) -> None:
    whole = benchmark({f"{i}-": letters for i, letters in enumerate(["ab", "bc", "ca", *seen])})
    held = hold_out(whole, share, seed)
    assert held == hold_out(whole, share, seed)
    assert sorted(images((*held.train, *held.gallery))) == sorted(images(whole.train))
    out = {entry.identity for entry in held.gallery}
    assert len(out) >= 2
    assert out == {entry.identity for entry in held.query}
    assert not out & {entry.identity for entry in held.train}
    for query in held.query:
        assert any(e.identity == query.identity and e.camera != query.camera for e in held.gallery)


def test_a_tenth_of_a_hundred_is_ten_and_another_seed_takes_others() -> None:
    whole = benchmark({str(i): "ab" for i in range(100)})
    first, second = ({e.identity for e in hold_out(whole, 0.1, seed).query} for seed in (0, 1))
    assert len(first) == len(second) == 10
    assert first != second


def test_a_share_of_nothing_holds_out_nobody() -> None:
    whole = benchmark({"1": "a"})
    held = hold_out(whole, 0, 0)
    assert (held.train, held.query, held.gallery) == (whole.train, (), ())


@pytest.mark.parametrize(
    "cameras",
    [
        {"1": "ab", "2": "ab", "3": "ab"},
        {"1": "ab", "2": "a", "3": "b", "4": "c", "5": "aa"},
        {},
    ],
    ids=["too few would remain", "one alone was seen twice", "nobody"],
)
def test_too_few_identities_say_what_to_do(cameras: dict[str, str]) -> None:
    with pytest.raises(DatasetError, match="--set validation=0"):
        hold_out(benchmark(cameras), 0.1, 0)


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(RecipeError, match=r"at least 0 and less than 1"):
        hold_out(benchmark({"1": "ab"}), share, 0)

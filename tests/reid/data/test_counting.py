from __future__ import annotations

from reid.data.counting import Count, count_differences, count_splits
from reid.data.records import Benchmark, LabelledTracklet

ANN1 = LabelledTracklet(("a", "b"), "Ann", "1")
ANN2 = LabelledTracklet(("c",), "Ann", "2")
BOB1 = LabelledTracklet(("d", "e", "f"), "Bob", "1")
BOB3 = LabelledTracklet(("g",), "Bob", "3")


def test_each_split_and_all_together_are_counted() -> None:
    benchmark = Benchmark("folder", train=(ANN1, ANN2), query=(BOB1,), gallery=(BOB3, BOB1))
    assert count_splits(benchmark) == {
        "train": Count(identities=1, tracklets=2, images=3, cameras=2),
        "query": Count(identities=1, tracklets=1, images=3, cameras=1),
        "gallery": Count(identities=1, tracklets=2, images=4, cameras=2),
        "all": Count(identities=2, tracklets=5, images=10, cameras=3),
    }


def test_cameras_that_are_not_told_are_not_counted() -> None:
    entry = LabelledTracklet(("a",), "7", "")
    assert count_splits(Benchmark("x", (entry,), (), ()))["train"].cameras == 0


def test_empty_splits_count_nothing() -> None:
    assert count_splits(Benchmark("x", (), (), ()))["all"] == Count(0, 0, 0, 0)


def test_only_what_was_told_can_differ() -> None:
    found = {"train": Count(3, 12, 40, 2), "all": Count(5, 20, 60, 2)}
    assert count_differences(found, {"train": Count(3, 13), "all": Count(cameras=6)}) == [
        "train: 12 tracklets, not 13",
        "all: 2 cameras, not 6",
    ]
    assert count_differences(found, found) == []
    assert count_differences(found, {}) == []

"""Batches: who is in them, with which frames, and that all of it follows from the seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.data.batches import LabelledClip, follow_with_neighbours, pick_frames, plan_epoch, sorted_identities
from reid.data.records import LabelledTracklet


def tracklets(identities: int, each: int, frames: int) -> list[LabelledTracklet]:
    """`each` tracklets of every identity, in cameras of their own."""
    return [
        LabelledTracklet(tuple(f"{who:02d}c{c}f{f}" for f in range(frames)), f"{who:02d}", str(c))
        for who in range(identities)
        for c in range(each)
    ]


def plan(
    data: list[LabelledTracklet], *, p: int = 4, k: int = 3, t: int = 4, seed: int = 0, epoch: int = 0
) -> list[list[LabelledClip]]:
    return plan_epoch(data, identities=p, clips=k, length=t, seed=seed, epoch=epoch)


@given(identities=st.integers(2, 23), p=st.integers(2, 9), epoch=st.integers(0, 3))
def test_every_identity_is_seen_in_every_epoch_and_all_batches_are_full(
    identities: int, p: int, epoch: int
) -> None:
    planned = plan(tracklets(identities, 4, 5), p=p, epoch=epoch)
    counts = Counter(label for batch in planned for label in {clip.label for clip in batch})
    assert set(counts) == set(range(identities))
    assert max(counts.values()) <= 2
    assert {len(batch) for batch in planned} == {min(p, identities) * 3}
    for batch in planned:
        assert set(Counter(clip.label for clip in batch).values()) == {3}


def test_clips_of_an_identity_are_side_by_side_and_carry_its_own_label() -> None:
    data = tracklets(9, 4, 5)
    for batch in plan(data):
        runs = [clip.label for clip in batch]
        assert runs == [label for label in dict.fromkeys(runs) for _ in range(3)]
        for clip in batch:
            assert sorted_identities(data)[clip.label] == data[clip.choice.tracklet].identity


def test_clips_come_from_different_tracklets_while_there_are_any() -> None:
    for batch in plan(tracklets(8, 5, 4), k=5):
        assert len({clip.choice.tracklet for clip in batch}) == len(batch)


def test_two_tracklets_serve_four_clips_with_other_frames() -> None:
    clips = [clip for batch in plan(tracklets(8, 2, 40), k=4) for clip in batch]
    assert len({(clip.choice.tracklet, clip.choice.frames) for clip in clips}) == len(clips)


def test_images_are_taken_from_equal_parts_of_an_identitys_list() -> None:
    data = tracklets(4, 8, 1)
    for batch in plan(data, p=4, k=4, t=1):
        for who in range(4):
            own = [clip.choice.tracklet % 8 for clip in batch if clip.label == who]
            assert [place // 2 for place in own] == [0, 1, 2, 3]


def test_epochs_differ_and_each_is_the_same_every_time() -> None:
    data = tracklets(12, 4, 20)
    assert plan(data, epoch=3) == plan(data, epoch=3)
    assert plan(data, epoch=3) != plan(data, epoch=4)
    assert plan(data, seed=0) != plan(data, seed=1)


@given(images=st.integers(1, 60), length=st.integers(1, 8), seed=st.integers(0, 99))
def test_frames_are_in_time_order_one_from_each_equal_part(images: int, length: int, seed: int) -> None:
    frames = pick_frames(images, length, np.random.default_rng(seed))
    assert len(frames) == length
    assert list(frames) == sorted(frames)
    assert frames[0] >= 0
    assert frames[-1] < images
    if images >= length:
        part = images // length
        assert all(place * part <= frame for place, frame in enumerate(frames))
        assert all(frame < (place + 1) * part for place, frame in enumerate(frames[:-1]))


def test_the_last_part_takes_the_remainder() -> None:
    last = {pick_frames(11, 4, np.random.default_rng(seed))[-1] for seed in range(200)}
    assert last == {6, 7, 8, 9, 10}


@pytest.mark.parametrize(("images", "frames"), [(1, (0, 0, 0, 0)), (2, (0, 1, 1, 1)), (3, (0, 1, 2, 2))])
def test_a_short_tracklet_repeats_its_last_frame(images: int, frames: tuple[int, ...]) -> None:
    assert pick_frames(images, 4, np.random.default_rng(0)) == frames


@given(identities=st.integers(2, 23), neighbours=st.integers(1, 9), seed=st.integers(0, 99))
def test_company_leaves_nobody_out_and_brings_nobody_twice(
    identities: int, neighbours: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    alike = np.stack([rng.permutation(np.delete(np.arange(identities), own)) for own in range(identities)])
    order = follow_with_neighbours(rng.permutation(identities), alike, neighbours)
    assert sorted(order.tolist()) == list(range(identities))


def test_those_most_alike_are_in_one_batch() -> None:
    data = tracklets(12, 4, 5)
    twin = np.arange(12)[:, None] ^ 1  # 0 and 1, 2 and 3, ...
    planned = plan_epoch(data, identities=4, clips=2, length=1, seed=0, epoch=0, alike=twin, neighbours=1)
    for batch in planned:
        people = {clip.label for clip in batch}
        assert {label ^ 1 for label in people} == people

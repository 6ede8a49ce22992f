"""Transforms: what training may and may not do to clips."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reid.data.transforms import PAD, Draws, augment, augment_appearance, draw, erase, flip, shift

SIZE = (64, 32)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pixels(b: int, t: int) -> Tensor:
    """No black anywhere, so that black is what a shift let in."""
    return torch.randint(1, 256, (b, t, *SIZE, 3), dtype=torch.uint8, generator=generator())


def erased(draws: Draws) -> Tensor:
    """Which frames have a hole; (b, t)."""
    return draws.holes[..., 2] > draws.holes[..., 0]


def test_no_clip_of_several_frames_is_erased_in_all_of_them() -> None:
    draws = draw((2000, 2), SIZE, generator())
    assert not erased(draws).all(dim=1).any()
    assert erased(draws).float().mean() == pytest.approx(
        0.375, abs=0.03
    )  # 1/2, but half of the both-erased spared


def test_single_images_are_erased_every_second_time() -> None:
    assert erased(draw((2000, 1), SIZE, generator())).float().mean() == pytest.approx(0.5, abs=0.04)


def test_holes_cover_two_to_forty_percent_within_the_frame() -> None:
    draws = draw((3000, 1), SIZE, generator())
    top, left, bottom, right = draws.holes[erased(draws)].unbind(1)
    share = (bottom - top) * (right - left) / (SIZE[0] * SIZE[1])
    assert top.min() == 0
    assert left.min() == 0
    assert bottom.max() <= SIZE[0]
    assert right.max() <= SIZE[1]
    assert 0.01 < share.min() < 0.03
    assert 0.35 < share.max() < 0.42
    aspect = (bottom - top) / (right - left)
    assert 0.2 < aspect.min() < 0.4
    assert 2.5 < aspect.max() < 4.5


def test_erased_pixels_are_the_mean_and_no_others_change() -> None:
    values = torch.rand(2, 2, 3, *SIZE, generator=generator()) + 1
    holes = torch.tensor([[[0, 0, 0, 0], [10, 5, 20, 9]], [[0, 0, 64, 32], [0, 0, 0, 0]]])
    after = erase(values, holes)
    assert (after[0, 0] == values[0, 0]).all()
    assert (after[0, 1, :, 10:20, 5:9] == 0).all()
    assert (after[0, 1] == 0).sum() == 3 * 10 * 4
    assert (after[1, 0] == 0).all()


def test_all_frames_of_a_clip_are_mirrored_together() -> None:
    clips = pixels(2, 3)
    after = flip(clips, torch.tensor([True, False]))
    assert (after[0] == clips[0].flip(2)).all()
    assert (after[1] == clips[1]).all()


def test_all_frames_of_a_clip_move_together_and_black_enters() -> None:
    clips = pixels(2, 3)
    after = shift(clips, torch.tensor([[PAD, PAD], [0, 2 * PAD]]))
    assert (after[0] == clips[0]).all()
    assert (after[1, :, PAD:, :-PAD] == clips[1, :, :-PAD, PAD:]).all()
    assert (after[1, :, :PAD] == 0).all()
    assert (after[1, :, :, -PAD:] == 0).all()


def test_without_jitter_nothing_varies_and_the_other_draws_are_those_with_it() -> None:
    clips, plain, strong = (
        pixels(8, 2),
        draw((8, 2), SIZE, generator()),
        draw((8, 2), SIZE, generator(), jitter=1.0),
    )
    assert augment_appearance(clips, plain.colours, plain.windows, plain.coarseness) is clips
    assert all((plain[i] == strong[i]).all() for i in range(3))


def test_jitter_changes_clips_each_for_itself_but_all_frames_of_one_alike() -> None:
    clips = pixels(1, 1).expand(8, 3, *SIZE, 3).contiguous()
    draws = draw((8, 3), SIZE, generator(), jitter=1.0)
    after = augment_appearance(clips, draws.colours, draws.windows, draws.coarseness)
    assert after.shape == clips.shape
    assert (after == after[:, :1]).all()
    assert len({tuple(clip.flatten().tolist()) for clip in after[:, 0]}) == 8
    assert after.min() >= 0
    assert after.max() <= 255


def test_jitter_of_colours_keeps_a_grey_clip_nearly_grey_and_a_zoom_keeps_its_middle() -> None:
    grey = torch.full((200, 1, *SIZE, 3), 100, dtype=torch.uint8)
    draws = draw((200, 1), SIZE, generator(), jitter=1.0)
    after = augment_appearance(grey, draws.colours, draws.windows, draws.coarseness)
    middle = after[:, 0, SIZE[0] // 2, SIZE[1] // 2]  # (200, 3)
    assert middle.mean() == pytest.approx(100, abs=10)
    assert 10 < middle.mean(dim=1).std() < 40
    assert (middle.std(dim=1) / middle.mean(dim=1)).median() < 0.12


def test_a_part_lacks_one_side_and_fills_the_clip() -> None:
    draws = draw((3000, 1), SIZE, generator(), parts=0.4)
    cut = draws.windows != torch.tensor([0.0, 0.0, 1.0, 1.0])
    assert cut.sum(dim=1).max() == 1
    assert cut.any(dim=1).float().mean() == pytest.approx(0.4, abs=0.04)
    height, width = (draws.windows[:, 2:] - draws.windows[:, :2])[cut.any(dim=1)].unbind(1)
    assert (height.amin(), width.amin()) == pytest.approx((0.4, 0.5), abs=0.02)
    rows = torch.arange(SIZE[0], dtype=torch.uint8).view(1, 1, -1, 1, 1).expand(1, 1, *SIZE, 3)
    for top in (0.0, 0.5):
        after = augment_appearance(
            rows, draws.colours[:1], torch.tensor([[top, 0.0, top + 0.5, 1.0]]), torch.ones(1)
        )
        middle = after[0, 0, 1:-1, SIZE[1] // 2, 0]
        assert (middle[0], middle[-1]) == pytest.approx((64 * top, 64 * top + 31), abs=0.5)
        assert middle.diff().tolist() == pytest.approx([0.5] * (SIZE[0] - 3))


def test_a_share_of_the_draws_does_to_its_clips_what_all_draws_do() -> None:
    clips, draws = pixels(6, 2), draw((6, 2), SIZE, generator(3), jitter=1.0, parts=0.5)

    def standardise(values: Tensor) -> Tensor:
        return values.float().movedim(4, 2) / 255

    whole = augment(clips, draws, standardise)
    share = augment(clips[2:4], Draws(*(drawn[2:4] for drawn in draws)), standardise)
    assert (whole[2:4] == share).all()


def test_the_pixels_handed_in_stay_as_they_are() -> None:
    clips = pixels(4, 2)
    before = clips.clone()
    augment(clips, draw((4, 2), SIZE, generator()), lambda values: values.float().movedim(4, 2))
    assert (clips == before).all()

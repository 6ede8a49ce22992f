"""Memory: what cannot fit is refused before it is begun, and what is advised instead does fit."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from functools import reduce

import pytest
import torch
from torch import Tensor

from reid.errors import RecipeError
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build
from reid.recipes import Recipe, change_setting
from reid.training.memory import check_memory, step_bytes

TINY = with_backbone(VARIANTS["fgreid"], "test_resnet")
SMALL = Recipe(identities=4, clips=4, clip_length=2, size=(64, 32))


def kept(recipe: Recipe) -> int:
    """Count what the gradient of a real batch needs, and the weights and their gradients."""
    network = build(TINY, recipe.identities)
    own = {tensor.data_ptr() for tensor in network.state_dict().values()}
    found: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        if tensor.data_ptr() not in own:
            found[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    batch = torch.zeros(recipe.identities * recipe.clips, recipe.clip_length, 3, *recipe.size)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = network(batch)
    assert output.embedding.requires_grad
    weights = sum(weight.numel() * weight.element_size() for weight in network.parameters())
    return sum(tensor.untyped_storage().nbytes() for tensor in found.values()) + 4 * weights


@pytest.mark.parametrize("clips", [4, 40])
def test_a_step_takes_what_a_real_one_keeps_and_little_more(clips: int) -> None:
    recipe = replace(SMALL, clips=clips)
    real = kept(recipe)
    assert 0.9 * real < step_bytes(TINY, recipe, recompute=False, processes=1) < 1.3 * real


def test_what_is_computed_twice_or_in_parts_takes_less() -> None:
    large = replace(SMALL, clips=40)
    whole = step_bytes(TINY, large, recompute=False, processes=1)
    assert step_bytes(TINY, large, recompute=True, processes=1) < whole
    assert step_bytes(TINY, replace(large, accumulate=2), recompute=False, processes=1) < 0.7 * whole


@pytest.mark.parametrize(
    ("backbone", "recompute", "gigabytes"),
    [
        pytest.param("test_resnet", False, 120, id="computing-twice"),
        pytest.param("test_resnet", False, 20, id="in-parts"),
        pytest.param("test_resnet", True, 6, id="a-small-batch"),
        pytest.param("test_resnet", False, 1.7, id="small-pictures"),
        pytest.param("efficientnet-lite0", False, 21, id="the-walks-machine"),
        pytest.param("convnext_tiny", False, 30, id="any-of-timms"),
    ],
)
def test_what_is_advised_fits(backbone: str, recompute: bool, gigabytes: float) -> None:
    design = with_backbone(VARIANTS["fgreid"], backbone)
    recipe = Recipe() if backbone != "test_resnet" else Recipe(clips=64)
    with pytest.raises(RecipeError, match=r"at least .* GB of memory, of which .* GB are free; add ") as said:
        check_memory(design, recipe, 625, recompute=recompute, processes=1, free=gigabytes * 1e9)
    words = shlex.split(str(said.value).partition("; add ")[2])
    settings = [word for word in words if "=" in word]
    again = recompute or "--recompute" in words
    assert not (recompute and "--recompute" in words)
    advised = reduce(change_setting, settings, recipe)
    assert words == [
        *(["--recompute"] if again and not recompute else []),
        *(w for s in settings for w in ("--set", s)),
    ]
    check_memory(design, advised, 625, recompute=again, processes=1, free=gigabytes * 1e9)


def test_where_nothing_fits_it_is_said() -> None:
    with pytest.raises(
        RecipeError, match=re.escape("close other programs, or use a machine with more memory")
    ):
        check_memory(TINY, Recipe(), 625, recompute=False, processes=1, free=1e6)


def test_few_people_make_small_batches() -> None:
    check_memory(TINY, replace(SMALL, identities=100_000), 4, recompute=False, processes=1, free=1e9)

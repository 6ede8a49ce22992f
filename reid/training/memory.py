"""Memory check: whether a training step fits into the free memory, and which settings would fit."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import psutil
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from reid.errors import RecipeError
from reid.model.design import Design
from reid.model.network import build
from reid.recipes import Recipe

BYTES_PER_PIXEL = 20_000
"""More memory per pixel than any network here needs (the paper's keep 4,000); a batch that fits is not measured."""
SLACK, PROGRAM = 1.25, 1.5e9
"""Margin for advised settings; real steps took up to 1.11 times the count, and the program itself 1.2 GB."""
SMALLEST = {"identities": 4, "clips": 2, "accumulate": 1}
"""The smallest batch that is advised."""


def free_memory() -> int:
    """Return the free memory in bytes, with swap."""
    return int(psutil.virtual_memory().available + psutil.swap_memory().free)


def check_memory(
    design: Design, recipe: Recipe, identities: int, *, recompute: bool, processes: int, free: float
) -> None:
    """Raise an error if the steps of a training cannot fit into memory; the system would kill it without a message.

    Args:
        design: of the network.
        recipe: sizes of the batches.
        identities: number of training identities.
        recompute: whether activations are computed twice.
        processes: number of processes that share each batch, all on this machine.
        free: free memory in bytes.

    Raises:
        RecipeError: the steps do not fit; the message suggests settings that fit, if any do.
    """
    recipe = replace(recipe, identities=min(recipe.identities, identities))
    height, width = recipe.size
    pixels = recipe.identities * recipe.clips * recipe.clip_length * height * width
    if pixels * BYTES_PER_PIXEL < free:
        return
    needed = step_bytes(design, recipe, recompute=recompute, processes=processes)
    if needed <= free:
        return
    advice = "close other programs, or use a machine with more memory"
    for options, lighter in _lighter(recipe, recompute):
        if SLACK * step_bytes(design, lighter, recompute=True, processes=processes) + PROGRAM <= free:
            advice = f"add {options}"
            break
    raise RecipeError(
        f"steps of {recipe.identities} x {recipe.clips} clips of {recipe.clip_length} frames of {height} x {width} "
        f"need at least {needed / 1e9:.1f} GB of memory, of which {free / 1e9:.1f} GB are free; {advice}"
    )


def step_bytes(design: Design, recipe: Recipe, *, recompute: bool, processes: int) -> int:
    """Return the least memory in bytes that a step takes, in all processes together.

    Nothing is computed: the forward and backward pass run on fake tensors, which have a shape but no content.
    """
    shape = (recipe.identities * recipe.clips // recipe.accumulate // processes, recipe.clip_length, 3)
    with torch.device("meta"):
        network = build(design, recipe.identities)
    network.recompute = recompute
    with FakeTensorMode(allow_non_fake_inputs=True), _Meter() as meter:
        network.to_empty(device="cpu")
        output = network(torch.empty(*shape, *recipe.size))
        heads = [value.sum() for value in (output.coarse, output.fine, output.embedding) if value is not None]
        del output
        torch.stack(heads).sum().backward()  # type: ignore[no-untyped-call]
    adam = 2 * sum(weight.numel() * weight.element_size() for weight in network.parameters())
    return int(processes * (meter.peak + adam))


class _Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Measures the peak size in bytes of all tensors alive at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = self._current = 0
        self._storages: weakref.WeakSet[torch.UntypedStorage] = weakref.WeakSet()

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run an operation and count the tensors it returns."""
        del types
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                if storage not in self._storages:
                    self._storages.add(storage)
                    self._add(storage.nbytes())
                    weakref.finalize(storage, self._add, -storage.nbytes())
        return result

    def _add(self, size: int) -> None:
        self._current += size
        self.peak = max(self.peak, self._current)


def _lighter(recipe: Recipe, recompute: bool) -> Iterator[tuple[str, Recipe]]:
    """Yield options and their recipes that take less memory with recomputation, the smallest change first."""
    options = "" if recompute else "--recompute"
    if not recompute:
        yield options, recipe
    for parts in (2, 4, 8, 16):
        if parts > recipe.accumulate:
            with suppress(RecipeError):  # the batch cannot be divided into so many parts
                yield f"{options} --set accumulate={parts}".strip(), replace(recipe, accumulate=parts)
    for name, value in SMALLEST.items():
        options = f"{options} --set {name}={value}".strip()
    yield options, replace(recipe, **SMALLEST)  # type: ignore[arg-type]
    options = f'{options} --set clip_length=1 --set "size=[128,64]"'
    yield options, replace(recipe, **SMALLEST, clip_length=1, size=(128, 64))  # type: ignore[arg-type]

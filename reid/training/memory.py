"""Memory: does a step of a training fit in what is free, and which settings would?"""

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

A_PIXEL = 20_000
"""Bytes of memory a pixel that no network here needs; those of the paper keep 4,000. What fits by that is not counted."""
SLACK, PROGRAM = 1.25, 1.5e9
"""What advice leaves free besides: real steps took up to 1.11 times what is counted, and 1.2 GB for the program itself."""
LEAST = {"identities": 4, "clips": 2, "accumulate": 1}
"""The smallest batch that is advised."""


def free_memory() -> int:
    """Ask the system how many bytes may still be taken, swap included."""
    return int(psutil.virtual_memory().available + psutil.swap_memory().free)


def check_memory(
    design: Design, recipe: Recipe, identities: int, *, recompute: bool, processes: int, free: float
) -> None:
    """Refuse a training whose steps cannot fit, which the system would kill without a word.

    Args:
        design: of the network.
        recipe: whose batches are looked at.
        identities: that there are to train on.
        recompute: whether activations are computed twice.
        processes: that share each batch, all on this machine.
        free: bytes that may be taken.

    Raises:
        RecipeError: they do not fit; it names settings that do, if there are any.
    """
    own = replace(recipe, identities=min(recipe.identities, identities))
    if own.identities * own.clips * own.clip_length * own.size[0] * own.size[1] * A_PIXEL < free:
        return
    needed = step_bytes(design, own, recompute=recompute, processes=processes)
    if needed <= free:
        return
    fitting = (
        f"add {words}"
        for words, lighter in _lighter(own, recompute)
        if SLACK * step_bytes(design, lighter, recompute=True, processes=processes) + PROGRAM <= free
    )
    raise RecipeError(
        f"steps of {own.identities} x {own.clips} clips of {own.clip_length} frames of {own.size[0]} x {own.size[1]} "
        f"take at least {needed / 1e9:.1f} GB of memory, of which {free / 1e9:.1f} GB are free; "
        f"{next(fitting, 'close what else is at work, or take a machine with more')}"
    )


def step_bytes(design: Design, recipe: Recipe, *, recompute: bool, processes: int) -> int:
    """Count what a step takes at least, in all processes together.

    Nothing is computed: the network runs forth and back on tensors that have a shape and no content.
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
    """Counts the bytes of all tensors that are alive at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = self._now = 0
        self._known: weakref.WeakSet[torch.UntypedStorage] = weakref.WeakSet()

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Do what is asked, and count what comes of it."""
        del types
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, Tensor):
                self._count(tensor.untyped_storage())
        return found

    def _count(self, storage: torch.UntypedStorage) -> None:
        if storage in self._known:
            return
        self._known.add(storage)
        self._add(storage.nbytes())
        weakref.finalize(storage, self._add, -storage.nbytes())

    def _add(self, size: int) -> None:
        self._now += size
        self.peak = max(self.peak, self._now)


def _lighter(recipe: Recipe, recompute: bool) -> Iterator[tuple[str, Recipe]]:
    """Give recipes that take less memory when recomputed, those first that change least in what is learnt."""
    words = "" if recompute else "--recompute"
    if not recompute:
        yield words, recipe
    for parts in (2, 4, 8, 16):
        if parts > recipe.accumulate:
            with suppress(RecipeError):  # such a batch cannot be divided so
                yield f"{words} --set accumulate={parts}".strip(), replace(recipe, accumulate=parts)
    for name, value in LEAST.items():
        words = f"{words} --set {name}={value}".strip()
    yield words, replace(recipe, **LEAST)  # type: ignore[arg-type]
    words = f'{words} --set clip_length=1 --set "size=[128,64]"'
    yield words, replace(recipe, **LEAST, clip_length=1, size=(128, 64))  # type: ignore[arg-type]

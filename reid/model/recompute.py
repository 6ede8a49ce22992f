"""Recomputation: backbones that forget what they computed, and compute it again when the gradient needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def recomputed(layers: nn.Module, features: Tensor) -> Tensor:
    """Apply layers, keeping for the gradient only what goes into each block (Chen et al., 2016).

    Same numbers, less memory, and a second forward pass at the time of the backward one.
    """
    if isinstance(layers, nn.Sequential):
        for layer in layers:
            features = recomputed(layer, features)
        return features

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _seen_before(layers)

    if not any(layers.children()):
        return layers(features)  # type: ignore[no-any-return]
    return checkpoint(layers, features, use_reentrant=False, context_fn=contexts)  # type: ignore[no-any-return]


@contextmanager
def _seen_before(layers: nn.Module) -> Iterator[None]:
    """Keep batch normalisations from counting a batch twice."""
    norms = [module for module in layers.modules() if isinstance(module, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
            if norm.training and norm.num_batches_tracked is not None:
                norm.num_batches_tracked -= 1

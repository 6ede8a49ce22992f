"""Activation recomputation: less memory in training, for a second forward pass of the backbones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def recomputed(layers: nn.Module, features: Tensor) -> Tensor:
    """Apply layers and store only the input of each block for the gradient (Chen et al., 2016).

    The numbers are the same. The backward pass computes each block's activations again.
    """
    if isinstance(layers, nn.Sequential):
        for layer in layers:
            features = recomputed(layer, features)
        return features

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _without_statistics(layers)

    if not any(layers.children()):
        return layers(features)  # type: ignore[no-any-return]
    return checkpoint(layers, features, use_reentrant=False, context_fn=contexts)  # type: ignore[no-any-return]


@contextmanager
def _without_statistics(layers: nn.Module) -> Iterator[None]:
    """Keep batch normalisations from updating their running statistics a second time."""
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

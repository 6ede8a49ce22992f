"""Embedder: uint8 clips to unit vectors, on whatever device there is."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from reid.checkpoints import load
from reid.errors import ReidError
from reid.model.backbone import ORDERED, fold_batch_norms
from reid.model.network import Network
from reid.weights import SIZE, Weights

CPU_FRAMES, MPS_FRAMES, CUDA_FRAMES = 4, 32, 256
"""Most frames computed at once. On a CPU a clip by itself is fastest, as more of it stays in the caches."""
FRAME_BYTES = 48 << 20
"""Memory to have free for each frame computed at once on a GPU; generous."""


def build_embedder(weights: Weights, *, device: str | None = None, half: bool = False) -> ClipEmbedder:
    """Make the embedder of a run from its weights.

    Args:
        weights: what `reid.weights.resolve` found.
        device: "cpu", "cuda:0", "0" or "mps"; None takes the best there is.
        half: compute in half precision on a GPU; a CPU always computes in full.

    Raises:
        ReidError: the device cannot be used, or the weights cannot be read.
    """
    return ClipEmbedder(load(weights), choose_device(device), size=weights.size, half=half)


class ClipEmbedder:
    """Embeds clips with its own copy of a network, made ready for inference."""

    def __init__(
        self, network: Network, device: torch.device, *, size: tuple[int, int] = SIZE, half: bool = False
    ) -> None:
        self.size, self.dimensions = size, network.dimensions
        self._device = device
        self._half = half and device.type != "cpu"
        self._network = deepcopy(network).eval()
        if network.design.backbone in ORDERED:
            for backbone in self._network.backbones().values():
                fold_batch_norms(backbone)
        self._network.to(device).to(memory_format=torch.channels_last)
        self._frames_at_once = _frames_at_once(device)

    def embed(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed (k, t, h, w, 3) RGB clips of this embedder's size as (k, d) rows of length 1.

        Raises:
            ReidError: the device ran out of memory, or the weights give no finite numbers.
        """
        return normalize(torch.from_numpy(self.features(clips)), dim=1).numpy()

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed as `embed` does, with rows of the length the network gives them."""
        k, t = clips.shape[:2]
        if clips.dtype != np.uint8 or clips.shape[2:] != (*self.size, 3) or (k and not t):
            raise ValueError(
                f"expected uint8 (k, t, {self.size[0]}, {self.size[1]}, 3), got {clips.dtype} {clips.shape}"
            )
        rows = np.empty((k, self.dimensions), np.float32)
        step = max(1, self._frames_at_once // max(t, 1))
        for start in range(0, k, step):
            rows[start : start + step] = self._features(clips[start : start + step])
        if not np.isfinite(rows).all():
            raise ReidError(
                "the network gave values that are no numbers: its weights are damaged, or too large for --half"
            )
        return rows

    def _features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed a few clips at once."""
        pixels = torch.from_numpy(clips.copy())  # a copy, as clips may be read-only or a view
        try:
            with torch.inference_mode(), torch.autocast(self._device.type, torch.float16, enabled=self._half):
                values = self._network.standardise(pixels.to(self._device))
                embedding: Tensor = self._network(values).embedding  # (k, d)
                return embedding.float().cpu().numpy()
        except torch.OutOfMemoryError as error:
            raise ReidError(
                f"{self._device} has too little free memory for the network; free some or use --device cpu"
            ) from error


def choose_device(name: str | None) -> torch.device:
    """Find the device with a name as Ultralytics writes it, and try it out.

    Args:
        name: "cpu", "cuda:0", "0" or "mps"; None takes the first GPU, or the CPU.

    Raises:
        ReidError: there is no such device, or it does not work.

    >>> choose_device("cpu")
    device(type='cpu')
    """
    usable = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    usable += ["mps", "cpu"] if torch.backends.mps.is_available() else ["cpu"]
    wanted = usable[0] if name is None else f"cuda:{name}" if name.isdecimal() else name
    try:
        device = torch.device(wanted)
        torch.ones(1, device=device).sum().item()
    except (RuntimeError, AssertionError) as error:
        raise ReidError(f"the device {name!r} does not work here; name one of {', '.join(usable)}") from error
    return device


def _frames_at_once(device: torch.device) -> int:
    """Bound the frames of a batch by what the device can hold and profit from."""
    if device.type == "cuda":
        return min(CUDA_FRAMES, torch.cuda.mem_get_info(device)[0] // FRAME_BYTES)
    return MPS_FRAMES if device.type == "mps" else CPU_FRAMES

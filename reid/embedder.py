"""Embedder: turns clips into unit vectors on a CPU or GPU."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from reid.checkpoints import load_network
from reid.errors import ReidError
from reid.model.backbone import ORDERED, fold_batch_norms
from reid.model.network import Network
from reid.weights import SIZE, Weights

CPU_FRAMES, MPS_FRAMES, CUDA_FRAMES = 4, 32, 256
"""Most frames per forward pass. A CPU is fastest with one clip at a time, which stays in its caches."""
FRAME_BYTES = 48 << 20
"""Free GPU memory required per frame of a forward pass, with a margin."""


def build_embedder(weights: Weights, *, device: str | None = None, half: bool = False) -> ClipEmbedder:
    """Return the embedder of a network.

    Args:
        weights: result of `reid.weights.resolve`.
        device: "cpu", "cuda:0", "0" or "mps"; None selects the best device.
        half: compute in half precision on a GPU; a CPU always computes in float32.

    Raises:
        ReidError: the device cannot be used, or the weights cannot be read.
    """
    return ClipEmbedder(load_network(weights), choose_device(device), size=weights.size, half=half)


class ClipEmbedder:
    """Embeds clips with a copy of a network that is prepared for inference."""

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
        """Embed (k, t, h, w, 3) RGB clips of size `size` as (k, d) rows of length 1.

        Raises:
            ReidError: the device ran out of memory, or the embeddings are not finite.
        """
        return normalize(torch.from_numpy(self.features(clips)), dim=1).numpy()

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed clips as `embed` does, without scaling the rows to length 1."""
        k, t = clips.shape[:2]
        if clips.dtype != np.uint8 or clips.shape[2:] != (*self.size, 3) or (k and not t):
            raise ValueError(
                f"expected uint8 (k, t, {self.size[0]}, {self.size[1]}, 3), got {clips.dtype} {clips.shape}"
            )
        rows = np.empty((k, self.dimensions), np.float32)
        step = max(1, self._frames_at_once // max(t, 1))
        for start in range(0, k, step):
            rows[start : start + step] = self._forward(clips[start : start + step])
        if not np.isfinite(rows).all():
            raise ReidError(
                "the network's embeddings are not finite: its weights are damaged, or too large for --half"
            )
        return rows

    def _forward(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed clips in a single forward pass."""
        pixels = torch.from_numpy(clips.copy())  # clips may be read-only or a view
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
    """Return the device of a name, after a test computation on it.

    Args:
        name: "cpu", "cuda:0", "0" or "mps", as in Ultralytics; None selects the first GPU, or else the CPU.

    Raises:
        ReidError: the device does not exist or does not work.

    >>> choose_device("cpu")
    device(type='cpu')
    """
    usable = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    usable += ["mps", "cpu"] if torch.backends.mps.is_available() else ["cpu"]
    wanted = usable[0] if name is None else name
    if wanted.isdecimal():
        wanted = f"cuda:{wanted}"
    try:
        device = torch.device(wanted)
        torch.ones(1, device=device).sum().item()
    except (RuntimeError, AssertionError) as error:
        raise ReidError(f"the device {name!r} does not work here; name one of {', '.join(usable)}") from error
    return device


def _frames_at_once(device: torch.device) -> int:
    """Return the number of frames per forward pass that suits the device and its free memory."""
    if device.type == "cuda":
        return min(CUDA_FRAMES, torch.cuda.mem_get_info(device)[0] // FRAME_BYTES)
    return MPS_FRAMES if device.type == "mps" else CPU_FRAMES

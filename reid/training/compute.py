"""Compute settings: device, precision, memory and processes of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from reid.errors import RecipeError

Precision = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class Compute:
    """How a training is computed; apart from rounding, these settings do not change the result."""

    device: str | None = None
    """As for `match`; None uses the best device available."""
    precision: Precision = "auto"
    """Precision of the network's products; "auto": bf16 on GPUs that support it, fp16 on others, fp32 on the CPU."""
    recompute: bool = False
    """Recompute activations instead of keeping them: a third more work in much less memory."""
    workers: int | None = None
    """Processes that read images; None: one fewer than there are cores."""
    save_every: float = 300.0
    """Seconds between checkpoints."""

    def __post_init__(self) -> None:
        if not self.save_every >= 0:
            raise RecipeError(f"--save-every is {self.save_every}; give seconds")

    def dtype(self, device: torch.device) -> torch.dtype:
        """Return the precision of the network's products on a device.

        Raises:
            RecipeError: the device does not support it.
        """
        if self.precision in ("bf16", "fp16") and device.type == "cpu":
            raise RecipeError(
                f"--precision {self.precision} needs a GPU; on a CPU it is slower and less stable than fp32"
            )
        if self.precision != "auto":
            return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[self.precision]
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16

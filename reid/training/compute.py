"""Compute: on what a training runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from reid.errors import RecipeError

Precision = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class Compute:
    """On what a training runs; none of it decides what is learnt, but for rounding."""

    device: str | None = None
    """As for `match`; None takes the best there is."""
    precision: Precision = "auto"
    """Of the network's products; "auto": bf16 on GPUs that have it, fp16 on others, fp32 on the CPU."""
    recompute: bool = False
    """Compute activations again instead of keeping them: a third more work in much less memory."""
    workers: int | None = None
    """Processes that read pictures; None: one a core but one."""
    save_every: float = 300.0
    """Seconds between checkpoints."""

    def __post_init__(self) -> None:
        if not self.save_every >= 0:
            raise RecipeError(f"--save-every is {self.save_every}; give seconds")

    def dtype(self, device: torch.device) -> torch.dtype:
        """Decide in which precision products are computed.

        Raises:
            RecipeError: the device does not have it.
        """
        if self.precision in ("bf16", "fp16") and device.type == "cpu":
            raise RecipeError(
                f"--precision {self.precision} needs a GPU; without one it is slower than fp32, and less stable"
            )
        if self.precision == "auto":
            if device.type != "cuda":
                return torch.float32
            return (
                torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
            )
        return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[self.precision]

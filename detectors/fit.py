"""Whether boxes from a file fit the footage that they are used with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEWEST = 20
"""Boxes, or frames with boxes, from which their extent says something."""
EXTENT = 0.99
"""Quantile of the boxes' right and lower sides that counts as their extent: single boxes may be wrong."""
FACTORS = (1.5, 2.0, 3.0, 4.0, 6.0)
"""By how much pictures and frame rates are usually made smaller."""


def describe_misfit(
    frames: NDArray[np.int64],
    boxes: NDArray[np.float32],
    size: tuple[int, int],
    total: int | None,
    *,
    has_step: bool = False,
) -> list[str]:
    """Return sentences on how boxes do not fit their footage, each with the likely reason.

    Args:
        frames: (n,) frame of each box, from 0.
        boxes: (n, 4) pixel corners x0, y0, x1, y1.
        size: width and height of the footage's frames in pixels.
        total: number of its frames; None: not compared.
        has_step: whether frames without boxes between those with boxes are expected.
    """
    if not len(frames):
        return []
    sentences = [_describe_extent(boxes, size)]
    if not has_step:
        sentences.append(_describe_step(np.unique(frames)))
    if total is not None:
        sentences.append(_describe_end(frames, total))
    return [sentence for sentence in sentences if sentence]


def are_shares(boxes: NDArray[np.float32]) -> bool:
    """Return whether (n, 4) corners look like shares of the frame instead of pixels."""
    return bool(len(boxes)) and float(boxes[:, 2:].max()) <= 1.5


def _describe_extent(boxes: NDArray[np.float32], size: tuple[int, int]) -> str | None:
    width, height = size
    right, bottom = (float(side) for side in np.quantile(boxes[:, 2:], EXTENT, axis=0))
    ratio = max(right / width, bottom / height)
    reach = f"its boxes reach to x = {right:.0f}, y = {bottom:.0f} in frames of {width} x {height} pixels"
    if ratio > 1.05:
        factor = next((factor for factor in FACTORS if factor >= ratio - 0.05), None)
        reason = "of another recording?"
        if factor is not None:
            reason = (
                f"made for a larger picture? (--detections-size {width * factor:.0f}x{height * factor:.0f})"
            )
        return f"{reach}: {reason}"
    if len(boxes) >= FEWEST and ratio < 0.55:
        factor = max(factor for factor in FACTORS if factor * ratio <= 1.1)
        return f"{reach}: made for a smaller picture? (--detections-size {width / factor:.0f}x{height / factor:.0f})"
    return None


def _describe_step(frames: NDArray[np.int64]) -> str | None:
    """Describe increasing frames with boxes that all lie a constant number of frames apart."""
    step = int(np.gcd.reduce(np.diff(frames))) if len(frames) >= FEWEST else 1
    return (
        f"its boxes lie in one frame in {step} only: detected with a stride? (--vid-stride {step})"
        if step > 1
        else None
    )


def _describe_end(frames: NDArray[np.int64], total: int) -> str | None:
    """Describe that boxes end long before the footage, or after it."""
    last = int(frames.max())
    beyond = int((frames >= total).sum())
    ratio = (last + 1) / total
    if beyond:
        rate = " or of a higher frame rate? (--detections-fps)" if ratio > 1.25 else "?"
        return f"{beyond} of its boxes lie after the last frame, {total - 1}: of another recording{rate}"
    if ratio < 0.8 and len(np.unique(frames)) >= FEWEST:
        near = min(FACTORS, key=lambda factor: abs(ratio * factor - 1))
        reason = "made for a shorter copy, or nobody came later?"
        if abs(ratio * near - 1) < 0.05:
            reason = f"made at 1/{near:g} of the frame rate? (--detections-fps)"
        return f"its boxes end at frame {last} of {total}: {reason}"
    return None

"""Augmentation of training clips: flip, shift, colour jitter, zoom, blur, partial views and random erasing.

All random numbers of a batch are drawn first. Then they are applied on the device that holds the clips. If
several processes train together, each process applies the draws of its own clips.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate, pad

PAD = 10
"""Pixels of black added around a clip before it is cropped to its size."""
ERASED_AREA = (0.02, 0.4)
"""Smallest and largest erased share of a frame."""
ERASED_ASPECT = (0.3, 1 / 0.3)
"""Smallest and largest ratio of height to width of an erased rectangle."""
TRIES = 20
"""Number of rectangles tried before a frame is left as it is."""
HIDDEN = ((0.1, 0.6), (0.1, 0.5))
"""Smallest and largest share that is cut off: of the height at top or bottom, of the width at a side."""
LUMINANCE = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the luminance."""
GREY = 127.5
"""Pixel value that a change of contrast leaves as it is."""


class Draws(NamedTuple):
    """Random changes of b clips of t frames."""

    mirrored: Tensor
    """(b,) whether left and right are exchanged."""
    corners: Tensor
    """(b, 2) row and column of the crop's top left corner in the padded clip."""
    holes: Tensor
    """(b, t, 4) top, left, bottom and right of the erased rectangle; empty if nothing is erased."""
    colours: Tensor
    """(b, 3, 4) affine maps of red, green and blue, 0 to 255: a matrix and an offset."""
    windows: Tensor
    """(b, 4) top, left, bottom and right of the part that is enlarged to the whole clip, as shares of its sides."""
    coarseness: Tensor
    """(b,) factors by which rows and columns are reduced before the clip is resized to its size again."""


def draw(
    shape: tuple[int, int],
    size: tuple[int, int],
    generator: torch.Generator,
    *,
    jitter: float = 0.0,
    parts: float = 0.0,
) -> Draws:
    """Draw the random changes of a batch of clips.

    Flip, shift, jitter and partial views are drawn per clip. Each frame is erased with probability one half
    (Zhong et al. 2020), but never all frames of a clip that has several.

    Args:
        shape: number of clips and frames per clip (b, t).
        size: height and width of the frames.
        generator: generator on the CPU.
        jitter: strength of the changes in colour, size and sharpness, as between cameras; 0, as in the
            paper, changes nothing.
        parts: share of the clips that are reduced to a part, as if the person stood behind a bench or left
            the picture; a detector's box covers the visible part only.
    """
    b, t = shape
    mirrored = torch.rand(b, generator=generator) < 0.5
    corners = torch.randint(2 * PAD + 1, (b, 2), generator=generator)
    erased = torch.rand(b, t, generator=generator) < 0.5
    spared = torch.randint(t, (b, 1), generator=generator)
    if t > 1:  # the spared frame is kept only if all frames of its clip would be erased
        erased.scatter_(1, spared, erased.gather(1, spared) & ~erased.all(dim=1, keepdim=True))
    holes = _rectangles(b * t, size, generator).view(b, t, 4) * erased[..., None]
    zooms = (0.1 * jitter * torch.randn(b, 2, generator=generator)).exp().clamp(0.7, 1.4)
    coarse = torch.rand(b, 2, generator=generator)
    coarseness = torch.where(coarse[:, 0] < 0.5, (jitter * coarse[:, 1]).exp(), 1.0)
    colours = _colours(b, jitter, generator)
    windows = torch.cat([0.5 - 0.5 / zooms, 0.5 + 0.5 / zooms], dim=1)
    return Draws(mirrored, corners, holes, colours, _cut_windows(windows, parts, generator), coarseness)


def augment(clips: Tensor, draws: Draws, standardise: Callable[[Tensor], Tensor]) -> Tensor:
    """Flip, shift, jitter, standardise and erase clips, in this order.

    The (b, t, h, w, 3) uint8 pixels are on any device. `standardise` converts them to (b, t, 3, h, w) values
    of about mean 0 and standard deviation 1. Erasing comes last, so that an erased pixel has the mean value
    of all images.
    """
    moved = shift(flip(clips, draws.mirrored), draws.corners)
    return erase(
        standardise(augment_appearance(moved, draws.colours, draws.windows, draws.coarseness)), draws.holes
    )


def flip(clips: Tensor, mirrored: Tensor) -> Tensor:
    """Mirror the chosen (t, h, w, 3) clips, left to right."""
    return torch.where(mirrored.to(clips.device)[:, None, None, None, None], clips.flip(3), clips)


def shift(clips: Tensor, corners: Tensor) -> Tensor:
    """Move each (t, h, w, 3) clip by up to `PAD` pixels; pixels from outside are black."""
    (b, t, h, w), device = clips.shape[:4], clips.device
    padded = pad(clips, (0, 0, PAD, PAD, PAD, PAD))
    clip, frame = torch.arange(b, device=device), torch.arange(t, device=device)
    rows = corners[:, :1].to(device) + torch.arange(h, device=device)  # (b, h)
    columns = corners[:, 1:].to(device) + torch.arange(w, device=device)  # (b, w)
    return padded[
        clip[:, None, None, None], frame[:, None, None], rows[:, None, :, None], columns[:, None, None]
    ]


def augment_appearance(clips: Tensor, colours: Tensor, windows: Tensor, coarseness: Tensor) -> Tensor:
    """Change colour, zoom and sharpness of clips, as if other cameras had taken them.

    Args:
        clips: (b, t, h, w, 3) RGB pixels, 0 to 255.
        colours: (b, 3, 4) matrices of colour with a constant in the last column; the identity changes nothing.
        windows: (b, 4) top, left, bottom and right of the part that fills the picture, in shares of it.
        coarseness: (b,) factors by which resolution is lost; 1 changes nothing.

    Returns:
        (b, t, h, w, 3) pixels, 0 to 255.
    """
    same_colours = (colours == torch.eye(3, 4)).all()
    same_windows = (windows == torch.tensor([0.0, 0.0, 1.0, 1.0])).all()
    if same_colours and same_windows and (coarseness == 1).all():
        return clips
    b, t, h, w, _ = clips.shape
    matrices = colours.to(clips.device)
    ends, starts = windows.to(clips.device).flip(1).chunk(2, dim=1)  # (b, 2) each: horizontal, vertical
    transforms = torch.cat(
        [torch.diag_embed(ends - starts), (starts + ends - 1)[:, :, None]], dim=2
    )  # (b, 2, 3)
    pixels = clips.float().reshape(b, -1, 3) @ matrices[:, :, :3].mT + matrices[:, None, :, 3]
    frames = pixels.view(b * t, h, w, 3).movedim(3, 1)  # (b * t, 3, h, w)
    grid = affine_grid(transforms.repeat_interleave(t, dim=0), list(frames.shape), align_corners=False)
    frames = grid_sample(frames, grid, align_corners=False)
    for clip, coarse in zip(frames.view(b, t, 3, h, w), coarseness.tolist(), strict=True):
        if coarse > 1:
            smaller = (max(1, round(h / coarse)), max(1, round(w / coarse)))
            clip.copy_(interpolate(interpolate(clip, smaller, mode="area"), (h, w), mode="bilinear"))
    return frames.clamp(0, 255).movedim(1, 3).view(b, t, h, w, 3)


def erase(values: Tensor, holes: Tensor) -> Tensor:
    """Set a rectangle of each (3, h, w) frame to 0."""
    device, (h, w) = values.device, values.shape[3:]
    top, left, bottom, right = holes.to(device)[..., None, None, None].unbind(2)  # (b, t, 1, 1, 1) each
    rows, columns = torch.arange(h, device=device)[:, None], torch.arange(w, device=device)
    hole = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)  # (b, t, 1, h, w)
    return values.masked_fill(hole, 0.0)


def _cut_windows(windows: Tensor, parts: float, generator: torch.Generator) -> Tensor:
    """Cut one side off some of the (b, 4) windows; top and bottom are cut twice as often as left and right."""
    b = len(windows)
    chance, depth = torch.rand(2, b, generator=generator)
    sides = torch.tensor([0, 0, 2, 2, 1, 3])  # columns of the windows: top, bottom, left, right
    side = sides[torch.randint(6, (b,), generator=generator)][:, None]  # (b, 1)
    least, most = torch.tensor(HIDDEN)[side[:, 0] % 2].unbind(1)
    opposite = windows.gather(1, (side + 2) % 4)
    edge = windows.gather(1, side)
    moved = edge + (least + (most - least) * depth)[:, None] * (opposite - edge)
    return windows.scatter(1, side, torch.where(chance[:, None] < parts, moved, edge))


def _colours(b: int, jitter: float, generator: torch.Generator) -> Tensor:
    """Draw (b, 3, 4) affine maps that change brightness, white balance, saturation and contrast."""
    spread = jitter * torch.randn(b, 6, generator=generator)
    gain = (0.15 * spread[:, :1] + 0.06 * spread[:, 1:4]).exp()  # (b, 3)
    saturation = (0.25 * spread[:, 4, None, None]).exp()  # (b, 1, 1)
    contrast = (0.15 * spread[:, 5, None]).exp()  # (b, 1)
    grey = torch.tensor(LUMINANCE).expand(3, 3)
    matrix = (contrast * gain)[:, :, None] * (saturation * torch.eye(3) + (1 - saturation) * grey)
    return torch.cat([matrix, (GREY * (1 - contrast)).expand(b, 3)[:, :, None]], dim=2)


def _rectangles(n: int, size: tuple[int, int], generator: torch.Generator) -> Tensor:
    """Draw (n, 4) rectangles as top, left, bottom and right; empty if none of the tries fits."""
    h, w = size
    area = h * w * torch.empty(n, TRIES).uniform_(*ERASED_AREA, generator=generator)
    aspect = torch.empty(n, TRIES).uniform_(*ERASED_ASPECT, generator=generator)
    heights, widths = (area * aspect).sqrt().round(), (area / aspect).sqrt().round()
    fits = (heights < h) & (widths < w)
    first = fits.int().argmax(dim=1, keepdim=True)  # the first try that fits, else try 0
    height = heights.gather(1, first)[:, 0] * fits.any(dim=1)
    width = widths.gather(1, first)[:, 0] * fits.any(dim=1)
    place = torch.rand(2, n, generator=generator)
    top, left = (place[0] * (h - height)).floor(), (place[1] * (w - width)).floor()
    return torch.stack([top, left, top + height, left + width], dim=1).long()

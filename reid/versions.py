"""Versions of the packages that a network's numbers depend on."""

from __future__ import annotations

from importlib import metadata

PACKAGES = ("torch", "torchvision", "timm", "numpy", "opencv-python", "pillow")
"""Packages whose version may change the result of a training or an evaluation."""


def library_versions() -> dict[str, str]:
    """Return the installed version of each package in `PACKAGES`."""
    return {name: metadata.version(name) for name in PACKAGES}

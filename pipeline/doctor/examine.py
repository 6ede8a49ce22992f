"""What is here, what is missing, and what brings it? Nothing is downloaded and nobody asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pipeline.doctor import codecs, machine, packages, weights
from pipeline.doctor.check import BROKEN, Check, in_one_line

LOOKS: Mapping[str, Callable[[], Iterator[Check]]] = {
    "system": machine.system,
    "packages": packages.packages,
    "extras": packages.extras,
    "devices": machine.devices,
    "video": codecs.codecs,
    "detector": weights.detector,
    "ReID network": weights.networks,
    "ImageNet": weights.imagenet,
    "room": machine.room,
}


def examine() -> Iterator[Check]:
    """Look at this machine, one thing after the other; what cannot be looked at is told, not raised."""
    for what, look in LOOKS.items():
        try:
            yield from look()
        except BROKEN as error:
            yield Check(what, "wrong", f"cannot be looked at ({in_one_line(error)})")

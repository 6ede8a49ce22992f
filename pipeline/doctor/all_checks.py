"""All checks of a machine; they download nothing and send no request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pipeline.doctor.check import Check, shorten_error
from pipeline.doctor.codecs import check_codecs
from pipeline.doctor.machine import check_devices, check_resources, check_system
from pipeline.doctor.packages import check_extras, check_packages
from pipeline.doctor.weights import check_detector, check_imagenet, check_networks

CHECKS: Mapping[str, Callable[[], Iterator[Check]]] = {
    "system": check_system,
    "packages": check_packages,
    "extras": check_extras,
    "devices": check_devices,
    "video": check_codecs,
    "detector": check_detector,
    "ReID network": check_networks,
    "ImageNet": check_imagenet,
    "disk and memory": check_resources,
}


def check_machine() -> Iterator[Check]:
    """Yield the results of all checks; a check that fails is a result too and raises nothing."""
    for what, run_check in CHECKS.items():
        try:
            yield from run_check()
        except Exception as error:  # a damaged package may raise any
            yield Check(what, "wrong", f"cannot be checked ({shorten_error(error)})")
